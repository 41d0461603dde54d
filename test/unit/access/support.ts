import { connect, type Connection } from '../../../src/aws/connection.ts';
import type { ProvisionOptions } from '../../../src/provision/account-view.ts';
import { loadTutorial, readAsset } from '../../../src/shell.ts';
import type { FakeAws } from '../../support/fakeAws.ts';

export const account = '111122223333';
export const role = `arn:aws:iam::${account}:role/analyst`;
export const bucket = `lake-tutorial-${account}-us-east-2`;

type Json = Readonly<Record<string, unknown>>;

/** The values of a list in a request of IAM's: `ActionNames.member.1`, … */
export const listOf = (input: Json, name: string): string[] => Object.entries(input).filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => String(value));

/** IAM's simulator, of which only what is named is denied: `glue:GetTable`, or with how: `s3:GetObject` as `explicitDeny`. */
export function simulator(fake: FakeAws, denied: Readonly<Record<string, string>>): void {
  fake.answers.set('iam:SimulatePrincipalPolicy', (input) => ({
    xml: `<IsTruncated>false</IsTruncated><EvaluationResults>${listOf(input, 'ActionNames').flatMap((action) => listOf(input, 'ResourceArns').map((resource) =>
      `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>${resource}</EvalResourceName><EvalDecision>${denied[action] ?? 'allowed'}</EvalDecision>${denied[action] === 'explicitDeny' ? '<MatchedStatements><member><SourcePolicyId>NoLake</SourcePolicyId></member></MatchedStatements>' : ''}</member>`)).join('')}</EvaluationResults>`,
  }));
}

/** An operation's options at the fake, and its connection to be closed. */
export async function optionsAt(fake: FakeAws, steps?: readonly string[]): Promise<{ readonly options: ProvisionOptions; readonly connection: Connection }> {
  const connection = connect({ target: 'aws', region: 'us-east-2', endpoint: fake.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' } });
  return { connection, options: { tutorial: await loadTutorial({}), connection, assets: readAsset, ...(steps && { steps }) } };
}
