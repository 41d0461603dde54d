import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { Identity } from '../../aws/identity.ts';
import { messageOf } from '../../errors.ts';
import { isLocal } from '../connectionModel.ts';
import { withProgress } from '../progress.ts';
import { achieved, calling, say } from '../messages.ts';
import { cancelled, pick } from '../prompts.ts';
import { readProfiles, type Profile } from '../../aws/profiles.ts';
import { pickRegion } from '../regions.ts';
import type { Services } from '../services.ts';
import { defaultRegion, readSandbox, type TargetSettings } from '../settings.ts';

/** Chooses where the commands act, saves it in the user's settings, and says who one is there. */
export async function connect(services: Services, values: Partial<TargetSettings>): Promise<Identity | undefined> {
  const { model, log } = services;
  const target = values.target ? { target: values.target, region: values.region ?? model.target.region, profile: values.profile, endpoint: values.endpoint } : await ask(services);
  await model.choose(target);
  log.info(`connect: target ${target.target}, profile ${target.profile ?? '-'}, region ${target.region}, endpoint ${target.endpoint ?? '-'}`);
  if (model.isOwnSandbox && !(await sandboxRuns())) {
    say(l10n.t('The sandbox is chosen. It does not run yet.'), { answers: [calling(l10n.t('Start in the Sandbox'), 'lakeTutorial.startInSandbox')] });
    return undefined;
  }
  const identity = await withProgress(l10n.t('Lake Tutorial: asking who you are'), (_report, signal) => model.use((connection) => model.identify(connection), signal));
  log.info(`connected: ${identity.kind} ${identity.arn}`);
  showIdentity(services, identity, target);
  return identity;
}

async function sandboxRuns(): Promise<boolean> {
  const { sandboxStatus } = await import('../../sandbox/control/sandbox.ts');
  return (await sandboxStatus({ state: readSandbox().state })).state === 'running';
}

type Choice = vscode.QuickPickItem & ({ readonly to: 'sandbox' | 'chain' | 'endpoint' } | { readonly to: 'profile'; readonly profile: Profile } | { readonly to?: undefined });

async function ask({ model, log }: Services): Promise<TargetSettings> {
  const choice = await pick(choices(log), l10n.t('Where should Lake Tutorial work?'));
  switch (choice.to) {
    case 'sandbox':
      return { target: 'sandbox', region: defaultRegion };
    case 'chain':
      return { target: 'aws', region: await pickRegion(model.target.region) };
    case 'profile':
      return { target: 'aws', profile: choice.profile.name, region: await pickRegion(choice.profile.region ?? model.target.region) };
    case 'endpoint': {
      const endpoint = await askEndpoint(model.target.endpoint);
      return { target: isLocal(endpoint) ? 'sandbox' : 'aws', endpoint, region: await pickRegion(model.target.region) };
    }
    default:
      throw cancelled();
  }
}

/** A promise, so that the quick pick opens at once, however many profiles there are. */
async function choices(log: vscode.LogOutputChannel): Promise<Choice[]> {
  let profiles: Choice[];
  try {
    profiles = (await readProfiles()).map((profile) => ({ label: `$(account) ${profile.name}`, description: [kinds[profile.kind](), profile.account?.accountId, profile.region].filter(Boolean).join(' · '), to: 'profile' as const, profile }));
  } catch (error) {
    log.warn(messageOf(error));
    profiles = [{ label: `$(warning) ${l10n.t('The AWS configuration files cannot be read.')}`, detail: messageOf(error instanceof Error ? (error.cause ?? error) : error) }];
  }
  return [
    { label: `$(beaker) ${l10n.t('Sandbox')}`, description: l10n.t('an AWS of your own on this computer, at no cost'), to: 'sandbox' },
    ...(profiles.length > 0 ? [{ label: l10n.t('AWS profiles'), kind: vscode.QuickPickItemKind.Separator }] : []),
    ...profiles,
    { label: l10n.t('Other'), kind: vscode.QuickPickItemKind.Separator },
    { label: `$(key) ${l10n.t('The usual credentials')}`, description: l10n.t('environment, default profile, or the role of this machine'), to: 'chain' },
    { label: `$(link) ${l10n.t('Custom endpoint…')}`, description: l10n.t('an AWS-compatible server; credentials from the usual chain'), to: 'endpoint' },
  ];
}

const kinds: Readonly<Record<Profile['kind'], () => string>> = {
  sso: () => l10n.t('single sign-on'),
  role: () => l10n.t('role'),
  process: () => l10n.t('external program'),
  keys: () => l10n.t('access key'),
  other: () => '',
};

async function askEndpoint(current: string | undefined): Promise<string> {
  const endpoint = await vscode.window.showInputBox({
    title: l10n.t('Custom endpoint'),
    prompt: l10n.t('The address of an AWS-compatible server.'),
    value: current ?? 'http://127.0.0.1:4566',
    ignoreFocusOut: true,
    validateInput: (value) => (/^https?:\/\/[^/\s]+/.test(value.trim()) ? undefined : l10n.t('It must start with http:// or https://.')),
  });
  if (!endpoint) {
    throw cancelled();
  }
  return endpoint.trim();
}

function showIdentity(services: Services, { kind, accountId, arn }: Identity, { target, region }: TargetSettings): void {
  const connected = l10n.t('Connected to the account {0} in {1} as {2}.', accountId, region, arn);
  if (target === 'sandbox' || (kind !== 'root' && kind !== 'academy')) {
    achieved(services, connected);
    return;
  }
  const signIn = calling(l10n.t('Sign In as Administrator…'), 'lakeTutorial.signInAsAdmin');
  const elsewhere = calling(l10n.t('Connect…'), 'lakeTutorial.connect');
  const [advice, actions] = kind === 'root'
    ? [l10n.t('This is the root user, which cannot be a data lake administrator. Provision the administrator (step 0.2) as root if you have no other user, then go on as an IAM user or role.'), [signIn, elsewhere]]
    : [l10n.t('This is an AWS Academy lab: it has no Lake Formation and may not create users. Use an account of your own, or the sandbox.'), [elsewhere]];
  say(`${connected} ${advice}`, { weight: 'warning', answers: actions });
}
