import * as l10n from '@vscode/l10n';
import { ExitCode, UserError, messageOf, sentences } from '../errors.ts';
import type { ResourceKind } from '../resources/kind.ts';
import { connectTarget, loadTutorial } from '../shell.ts';
import { abort, print, say, type CommonFlags } from './terminal.ts';
import { table } from './text.ts';

/** Prints a policy with the account id in it, a part of one, or all their names. */
export async function policyCommand(name: string | undefined, flags: CommonFlags & { account?: string; list?: boolean; part?: number }): Promise<ExitCode> {
  const [{ policies }, { uses }, { lengthOf, longestManagedPolicy, partsOf, permissionsName, permissionsPolicy }, { deriveNames }, { isRegionName }] = await Promise.all([
    import('../policies/policies.ts'), import('../policies/uses.ts'), import('../provision/permissions.ts'), import('../resources/names.ts'), import('../aws/identity.ts'),
  ]);
  const known = [...policies, permissionsPolicy()];
  if (flags.list) {
    print(flags, known.map(({ name: id, kind, prefix }) => ({ name: id, kind, prefix, use: uses[id]?.() ?? '' })), () => table(known.map(({ name: id }) => [id, uses[id]?.() ?? ''])));
    return ExitCode.done;
  }
  // By the prefix of its snippet too, which is what one remembers from the editor.
  const found = known.find((candidate) => [candidate.name.toLowerCase(), candidate.prefix].includes(name?.toLowerCase() ?? ''));
  if (!found) {
    throw new UserError('policy.unknown', name === undefined ? l10n.t('No policy is named.') : l10n.t('There is no policy "{0}".', name), {
      next: sentences(l10n.t('The policies are: {0}.', known.map((candidate) => candidate.name).join(', ')), l10n.t('What each is for: lake-tutorial policy --list')), exit: ExitCode.usage,
    });
  }
  if (!isRegionName(flags.region)) {
    throw new UserError('region.invalid', l10n.t('"{0}" is not the name of an AWS region.', flags.region), { next: l10n.t('Use a name such as us-east-2.'), exit: ExitCode.usage });
  }
  const policy = found.name === permissionsName && (flags.step || flags.quicksight || flags.tutorial) ? permissionsPolicy(await kindsOfSteps(flags)) : found;
  const account = await accountFor(flags);
  const document = policy.document(deriveNames('data-lake', account, account.region, flags.var ?? {}));
  const parts = partsOf(document);
  const part = flags.part === undefined ? document : parts[flags.part - 1];
  if (!part) {
    throw new UserError('policy.part', l10n.t('The policy has no part {0}.', flags.part ?? 0), { next: l10n.t('Its parts: {0}.', parts.length), exit: ExitCode.usage });
  }
  process.stdout.write(`${JSON.stringify(part, undefined, 2)}\n`);
  if (lengthOf(part) > longestManagedPolicy) {
    say(sentences(
      l10n.t('The policy has {0} characters; a managed policy holds {1}.', lengthOf(part), longestManagedPolicy),
      l10n.t('It fits into {0}: --part 1 to --part {0}. Or take fewer steps, or put it inline into a role.', parts.length),
    ));
  }
  return ExitCode.done;
}

async function kindsOfSteps(flags: CommonFlags): Promise<ResourceKind[]> {
  const { resourcesOf } = await import('../provision/account-view.ts');
  const tutorial = await loadTutorial({ file: flags.tutorial, language: flags.lang });
  return resourcesOf(tutorial, flags.step, true).map(({ kind }) => kind).filter(({ consent }) => consent === undefined || flags.quicksight);
}

/** The account that a policy is written for: as given, as AWS says, or, while it cannot be asked, as the profile or its access key tell. */
async function accountFor(flags: CommonFlags & { account?: string }): Promise<{ accountId: string; partition: string; region: string }> {
  const { partitionOf } = await import('../aws/identity.ts');
  const { region } = flags;
  if (flags.account !== undefined) {
    if (!/^\d{12}$/.test(flags.account)) {
      throw new UserError('account.invalid', l10n.t('"{0}" is not an account id.', flags.account), { next: l10n.t('An account id has 12 digits.'), exit: ExitCode.usage });
    }
    return { accountId: flags.account, partition: partitionOf(region), region };
  }
  // The sandbox's account only when it was asked for by name: a policy with its zeros would be pasted into a real account.
  const target = process.argv.some((argument) => argument.startsWith('--target')) ? flags.target : 'aws';
  try {
    return { ...(await (await connectTarget({ ...flags, target, signal: abort.signal })).identity()), region };
  } catch (error) {
    abort.signal.throwIfAborted();
    if (target === 'sandbox') {
      throw error;
    }
    const { accountOfChain, readProfiles, regionIn } = await import('../aws/profiles.ts');
    const offline = accountOfChain(await readProfiles().catch(() => []), flags.profile);
    if (offline) {
      say(l10n.t('AWS could not be asked; the account {0} is the one that your profile or access key names.', offline.accountId));
      return { accountId: offline.accountId, partition: offline.partition ?? partitionOf(region), region: regionIn(offline, region) };
    }
    throw new UserError('account.unknown', l10n.t('The account id is not known.'), {
      why: messageOf(error), next: l10n.t('Give it with --account and its 12 digits, or connect: aws configure sso, then --profile NAME.'), exit: ExitCode.usage, cause: error,
    });
  }
}
