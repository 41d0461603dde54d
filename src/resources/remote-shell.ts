import * as l10n from '@vscode/l10n';
import { AwsError } from '../aws/errors.ts';
import type { Context } from './kind.ts';
import { Unknowable, eventually, poll } from './support.ts';

/**
 * Runs a short script on the database instance through SSM and returns what it prints.
 *
 * The script must print the line `lake-tutorial:end`: an emulator accepts commands without running them, and says "Success".
 *
 * @throws Unknowable when the endpoint did not run it.
 */
export async function runOnInstance(context: Context, instanceId: string, script: string, options: { readonly budget?: number } = {}): Promise<string> {
  const { ssm } = context.aws;
  const cannot = (): Unknowable => new Unknowable(l10n.t('This endpoint does not run commands on instances, so the database cannot be looked at.'));
  const sent = await eventually(
    context,
    () =>
      ssm.sendCommand({
        InstanceIds: [instanceId],
        DocumentName: 'AWS-RunShellScript',
        Comment: 'Lake Tutorial',
        Parameters: { commands: [...script.split('\n'), 'echo lake-tutorial:end'] },
      }),
    // The agent registers some minutes after the start; until then SSM does not know the instance.
    // Source: botocore ssm 1.44.5 SendCommand, 2026-11-28
    { pattern: /InvalidInstanceId/, waitingFor: l10n.t('Waiting until the instance takes commands…'), budget: options.budget ?? 0 },
  ).catch((error: unknown) => {
    throw AwsError.is(error, 'unimplemented') ? cannot() : error;
  });
  const answer = await poll(
    context,
    async () => {
      // Source: botocore ssm 1.44.5 GetCommandInvocation, 2026-11-28
      const invocation = await eventually(context, () => ssm.getCommandInvocation({ CommandId: sent.Command?.CommandId, InstanceId: instanceId }), { pattern: /InvocationDoesNotExist/ });
      return ['Pending', 'InProgress', 'Delayed'].includes(invocation.Status ?? '') ? undefined : invocation;
    },
    { every: 1_000, budget: Math.max(60_000, options.budget ?? 0), waitingFor: l10n.t('Waiting for the instance to answer…') },
  );
  const output = answer?.StandardOutputContent ?? '';
  if (!output.includes('lake-tutorial:end')) {
    throw cannot();
  }
  return output;
}

/** A query as the database's owner, its result one row a line, values separated by `|`. */
export const psql = (context: Context, sql: string): string => `cd /tmp && sudo -u postgres psql -XqAt -v ON_ERROR_STOP=1 -d ${context.names.sourceDatabase} <<'SQL' 2>&1\n${sql}\nSQL`;
