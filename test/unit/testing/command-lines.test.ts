import assert from 'node:assert/strict';
import { readCommandLines, wordsOf } from '../../../src/testing/command-lines.ts';

const kinds = new Set(['bucket', 's3-endpoint']);
const kindsOf = (text: string): string[] => readCommandLines(text, kinds).map((line) => `${line.at} ${line.kind}`);

describe('the lines of a lake:verify block', () => {
  it('are calls that only look, and names of kinds; comments and prompts are none', () => {
    const text = ['# what there is', '', '$ aws s3api head-bucket --bucket a', 'bucket', '  aws --region us-east-1 --no-cli-pager ec2 describe-vpcs \\', "    --query 'Vpcs[].[VpcId, \"x\"]' # all", 's3-endpoint'].join('\n');
    assert.deepEqual(readCommandLines(text, kinds).map((line) => (line.kind === 'call' ? [line.at, line.service, line.operation, ...line.words] : [line.at, line.kind])), [
      [2, 's3api', 'head-bucket', '--bucket', 'a'],
      [3, 'check'],
      [4, 'ec2', 'describe-vpcs', '--query', 'Vpcs[].[VpcId, "x"]', '--region', 'us-east-1', '--no-cli-pager'],
      [6, 'check'],
    ]);
  });

  it('are refused when they could change something, lead elsewhere, or need a shell', () => {
    const wrong = [
      'aws s3api delete-bucket --bucket a', 'aws s3 rm s3://a', 'aws iam getuser', 'aws', 'aws s3api', 'curl http://example.com', 'bucket zones',
      'aws s3api head-bucket --bucket a | cat', 'aws s3api head-bucket --bucket $(whoami)', 'aws s3api head-bucket --bucket "$HOME"', 'aws s3api head-bucket --bucket `id`',
      'aws s3api head-bucket --bucket a > file', 'aws s3api head-bucket --bucket a; id', 'aws s3api head-bucket --bucket a && id', "aws s3api head-bucket --bucket 'a", 'aws s3api head-bucket --bucket "a',
      'aws s3api head-bucket --bucket a --endpoint-url http://example.com', 'aws --endpoint-url=http://example.com s3api head-bucket --bucket a', 'X=1 aws s3api head-bucket --bucket a', '/bin/aws s3api head-bucket --bucket a',
    ];
    assert.deepEqual(wrong.filter((line) => kindsOf(line)[0] !== '0 refused'), []);
  });

  it('have the words that a shell would make of them', () => {
    assert.deepEqual(wordsOf(String.raw`a 'b c'"d \"e" f\ g ''`), ['a', 'b cd "e', 'f g', '']);
    assert.deepEqual(wordsOf('a#b #c'), ['a#b']);
  });

  it('may end in any way', () => {
    assert.deepEqual(kindsOf('bucket\r\nbucket\\'), ['0 check', '1 check']);
    assert.deepEqual(kindsOf('\\'), []);
  });
});
