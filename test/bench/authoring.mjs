// How long a long tutorial takes to be checked: as a whole, as the editor opens it, and after each edit.
import { check, Checker } from '../../src/authoring/index.ts';
import { summary } from './figures.mjs';

/** A tutorial of so many lines, of what tutorials are made of: steps, pictures, lists, tables, policies, commands. */
function tutorial(lines) {
  let text = '# A long lake\n\nIn the region `us-east-2`. It costs little.\n\n';
  for (let step = 1; text.split('\n').length < lines; step++) {
    const section = Array.from({ length: 20 }, (_, at) => part(step, at)).join('');
    text += section;
  }
  return text;
}

const part = (step, at) => `## ${(step - 1) * 20 + at + 1}. Create the part ${step}.${at} 🚀

Create the bucket \`lake-${step}-${at}\`, and replace \`<account-id>\` by *your* number. Véase también [la guía](guide-${at}.md).

![picture](img/step-${step}-${at}.png)

1. Open the **console**
2. Choose \`Create\`
   - and wait

\`\`\`json
{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::lake-${step}-${at}/*" },
    { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::<account-id>:role/Role${step}" }
  ]
}
\`\`\`

\`\`\`sh
aws s3 mb s3://lake-${step}-${at} --region us-east-2
\`\`\`

| name | value |
|---|---|
| a | ${at} |

`;

/** Milliseconds of a check of 10,000 lines, and of one after a letter more. */
export function measureAuthoring({ log }) {
  const text = tutorial(10_000);
  const [full, edits] = [[], []];
  let findings = 0;
  for (let round = 0; round < 8; round++) {
    // Another text each time: what was remembered of the one before is of no use.
    const other = text.replaceAll('lake-', `lake${round}-`);
    const start = performance.now();
    findings = check(other).findings.length;
    full.push(performance.now() - start);
  }
  const checker = new Checker();
  let edited = text;
  checker.check(edited);
  for (let round = 0; round < 30; round++) {
    const at = Math.floor((edited.length * (round + 1)) / 32);
    edited = `${edited.slice(0, at)}x${edited.slice(at)}`;
    const start = performance.now();
    checker.check(edited);
    edits.push(performance.now() - start);
  }
  log(`check of ${text.split('\n').length} lines: ${full.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  // The first rounds are those of code that is not yet compiled.
  return { lines: text.split('\n').length, findings, fullMs: summary(full.slice(3), 1), editMs: summary(edits.slice(5), 1) };
}
