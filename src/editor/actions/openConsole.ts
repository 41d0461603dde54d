import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { ResourceKind } from '../../resources/kind.ts';
import { withAccount } from '../operations.ts';
import { say, tell } from '../messages.ts';
import { pick, pickStep } from '../prompts.ts';
import type { StepArguments } from '../arguments.ts';
import type { Services } from '../services.ts';

/** Opens the console page of one of a step's resources. The sandbox has no console: its ids go to the log. */
export async function openConsole(services: Services, values: StepArguments): Promise<string | undefined> {
  const { resourcesOf } = await import('../core.ts');
  const { model, log } = services;
  const text = await services.tutorial.load();
  const withPages = text.steps.filter(({ id }) => resourcesOf(text, [id], false).some(({ kind }) => kind.console));
  const step = values.step ?? (await pickStep(withPages, services.steps.states(), l10n.t('Open the console page of which step?')));
  const pages = await withAccount(services, undefined, async (options) => {
    const { AccountView } = await import('../core.ts');
    const { names, identity } = await AccountView.open(options);
    const link = ({ console: path }: ResourceKind): string | undefined => path && `https://${consoleHost(identity.partition, names.region)}/${path({ names, identity })}`;
    return resourcesOf(text, [step], false).flatMap(({ kind }) => {
      const url = link(kind);
      return url ? [{ label: kind.title(), description: kind.type, detail: url, id: kind.id }] : [];
    });
  });
  if (model.isSandbox) {
    pages.forEach(({ id, description, detail }) => log.info(`${id} (${description}): on AWS ${detail}`));
    tell(l10n.t('The sandbox has no console page. What the step makes is listed in the log.'));
    return undefined;
  }
  const [only] = pages;
  if (!only) {
    say(l10n.t('This step has no console page.'));
    return undefined;
  }
  const url = pages.length === 1 ? only.detail : (await pick(pages, l10n.t('Open which page?'))).detail;
  // Parsed without encoding: the console's own routes are in the fragment.
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
  return url;
}

/** Each partition has a console of its own. */
function consoleHost(partition: string, region: string): string {
  const domains: Readonly<Record<string, string>> = { 'aws-cn': 'console.amazonaws.cn', 'aws-us-gov': 'console.amazonaws-us-gov.com' };
  return `${region}.${domains[partition] ?? 'console.aws.amazon.com'}`;
}
