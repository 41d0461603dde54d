import * as l10n from '@vscode/l10n';

/** A new tutorial: what a lake needs at least, with all of the markup once. In the language that is set. */
export function emptyTutorial(): string {
  return [
    '---',
    'lake: 1',
    'id: my-lake',
    `title: ${l10n.t('My data lake')}`,
    'vars:',
    "  account-id: { from: sts, pattern: '^\\d{12}$' }",
    '  region: { default: us-east-2 }',
    '---',
    '',
    `# ${l10n.t('My data lake')}`,
    '',
    l10n.t('What readers will have at the end, for whom it is, and how long it takes. What it costs: almost nothing as long as the bucket is small, and nothing in the sandbox.'),
    '',
    `## 1. ${l10n.t('Create the bucket')}`,
    '<!-- lake:step id=bucket provisions=bucket -->',
    '',
    l10n.t('Why this step is there: a **bucket** holds all files of the lake. The name of this one is made of the account and the region.'),
    '',
    l10n.t('1. In S3, choose **Create bucket**.\n2. Enter the name `lake-tutorial-<account-id>-<region>` with your values.\n3. Leave **Block all public access** ticked, and create it.'),
    '',
    '```sh lake:verify',
    'aws s3api head-bucket --bucket lake-tutorial-<account-id>-<region>',
    '```',
    '',
    `## 2. ${l10n.t('Lay out the zones')}`,
    '<!-- lake:step id=zones provisions=zones -->',
    '',
    l10n.t('Raw rows go to `bronze/`, clean ones to `silver/`, summaries to `gold/`. Each job reads one zone and writes the next.'),
    '',
    `## 3. ${l10n.t('Clean up')}`,
    '<!-- lake:step id=teardown -->',
    '',
    l10n.t('Delete everything that was created here: the files of the bucket, then the bucket.'),
    '',
  ].join('\n');
}

/** The built-in tutorial's text as the beginning of another: under an id of its own, so that what it provisions is not taken for the other's. */
export const copiedTutorial = (text: string): string => text.replace(/^id: *data-lake *$/m, 'id: my-data-lake');

/** A piece of markup that is offered while one writes. The body is a snippet, in VS Code's notation. */
export interface MarkupSnippet {
  readonly prefix: string;
  readonly detail: string;
  readonly body: string;
  /** Only in the first line of a text that has no front matter. */
  readonly atTop?: true;
}

/** @param kinds ids of the resource kinds that a step can provision. */
export function markupSnippets(kinds: readonly string[]): MarkupSnippet[] {
  const choice = (names: readonly string[]): string => `|${names.map((name) => name.replace(/[,|\\]/g, '\\$&')).join(',')}|`;
  return [
    { prefix: 'lake:tutorial', detail: l10n.t('front matter that makes this text a lake tutorial'), body: "---\nlake: 1\nid: ${1:my-lake}\ntitle: ${2:" + l10n.t('My data lake') + "}\nvars:\n  account-id: { from: sts, pattern: '^\\\\d{12}\\$' }\n  region: { default: us-east-2 }\n---\n\n$0", atTop: true },
    { prefix: 'lake:step', detail: l10n.t('declares what the step above provisions'), body: `<!-- lake:step id=\${1:${l10n.t('step-name')}} provisions=\${2${choice(kinds)}} -->$0` },
    { prefix: 'lake:policy', detail: l10n.t('a block that is an IAM policy'), body: '```json lake:policy=${1:UserPassRole}\n{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": "${2:iam:PassRole}", "Resource": "${3:arn:aws:iam::<account-id>:role/LakeFormationWorkflowRole}" }\n  ]\n}\n```\n$0' },
    { prefix: 'lake:verify', detail: l10n.t('a block of calls that only read, and show that the step is done'), body: '```sh lake:verify\n${1:aws sts get-caller-identity}\n```\n$0' },
    { prefix: 'lake:cleanup', detail: l10n.t('a step that removes what was created'), body: `## \${1:9}. ${l10n.t('Clean up')}\n<!-- lake:step id=teardown -->\n\n$0` },
    { prefix: 'lake:ignore', detail: l10n.t('the next block is wrong on purpose'), body: '<!-- lake:ignore ${1:placeholder-malformed} -->$0' },
  ];
}
