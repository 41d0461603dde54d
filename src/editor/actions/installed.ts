import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { UserError } from '../../errors.ts';
import type { InstalledAction } from '../../export/installed.ts';
import type { VerifyResult } from '../../provision/verify.ts';
import type { Step, Tutorial } from '../../tutorial/model.ts';
import type { ConsentArguments, StepArguments } from '../arguments.ts';
import { withAccountProgress } from '../operations.ts';
import { say } from '../messages.ts';
import { pick, pickStep } from '../prompts.ts';
import { titleOf } from '../stepState.ts';
import type { Services } from '../services.ts';
import { installedTutorials, readInstalled, type InstalledTutorial } from '../tutorials/installed.ts';
import { provision } from './provision.ts';
import { tearDown } from './remove.ts';

interface InstalledArguments extends StepArguments, ConsentArguments {
  /** What the tutorial's extension calls it. */
  readonly tutorial?: string | undefined;
  readonly action?: InstalledAction | undefined;
}

/** What a button of an exported walkthrough does: provision, verify, read or remove. What nobody said is asked. */
export async function stepOfInstalled(services: Services, values: InstalledArguments): Promise<unknown> {
  const installed = await choose(values.tutorial);
  const text = await readInstalled(installed);
  const id = installed.steps.find((shown) => shown.id === values.step)?.step ?? values.step ?? (await pickStep(text.steps, {}, l10n.t('Which step?')));
  const step = text.steps.find((each) => each.id === id);
  if (!step) {
    throw new UserError('step.unknown', l10n.t('The tutorial has no step "{0}".', id), { next: l10n.t('Its steps are: {0}.', text.steps.map((each) => each.id).join(', ')) });
  }
  const action = values.action ?? (await chooseAction(step));
  switch (action) {
    case 'read':
      return read(installed, step);
    case 'verify':
      return verifyInstalled(services, installed, text, step);
    case 'provision':
    case 'remove':
      try {
        return await (action === 'provision'
          ? provision(services, { step: step.id, yes: values.yes, quicksight: false }, text)
          : tearDown(services, values, { of: text, accept: (seen) => void services.installed.accept(installed, seen) }));
      } finally {
        // The account may be another now, for every tutorial and the sidebar.
        services.steps.check(true);
        services.sidebar.refresh();
        services.installed.check(true);
      }
  }
}

async function choose(key: string | undefined): Promise<InstalledTutorial> {
  const all = installedTutorials();
  const named = all.find((each) => each.key === key);
  if (named) {
    return named;
  }
  if (all.length === 0 || key !== undefined) {
    throw new UserError('installed.none', key === undefined ? l10n.t('No extension with a tutorial is installed.') : l10n.t('The tutorial {0} is not installed here.', key), {
      next: l10n.t('Install it where Lake Tutorial runs, or make one with "Lake Tutorial: Export as Walkthrough Extension…".'),
    });
  }
  const title = ({ extension }: InstalledTutorial): string => (extension.packageJSON as { readonly displayName?: string }).displayName ?? extension.id;
  return all.length === 1 && all[0] ? all[0] : (await pick(all.map((each) => ({ label: title(each), description: each.extension.id, each })), l10n.t('Which tutorial?'))).each;
}

async function chooseAction({ provisions, role, title }: Step): Promise<InstalledAction> {
  const items: readonly { label: string; action: InstalledAction; fits: boolean }[] = [
    { label: `$(cloud-upload) ${l10n.t('Provision')}`, action: 'provision', fits: provisions.length > 0 },
    { label: `$(verified) ${l10n.t('Verify')}`, action: 'verify', fits: provisions.length > 0 || role === 'cleanup' },
    { label: `$(trash) ${l10n.t('Tear Down')}`, action: 'remove', fits: role === 'cleanup' },
    { label: `$(open-preview) ${l10n.t('Read')}`, action: 'read', fits: true },
  ];
  const fitting = items.filter(({ fits }) => fits);
  return fitting.length === 1 ? 'read' : (await pick(fitting, title)).action;
}

async function verifyInstalled(services: Services, installed: InstalledTutorial, of: Tutorial, step: Step): Promise<VerifyResult> {
  const result = await withAccountProgress(services, l10n.t('Lake Tutorial: verifying "{0}"', step.title), async (options) =>
    (await import('../core.ts')).verify({ ...options, probed: services.probed(services.model.targetKey, installed.key), steps: [step.id] }), { of });
  await services.installed.accept(installed, result.steps);
  const [verified] = result.steps;
  if (verified?.state === 'done') {
    say(l10n.t('"{0}" is done.', verified.title));
  } else if (verified) {
    const items = verified.findings.map(({ message, code, fix, unknown }) => ({ label: `$(${unknown ? 'question' : 'warning'}) ${message}`, description: code, detail: fix }));
    // The command ends here; the list stays open until the user closes it.
    void vscode.window.showQuickPick(items, { title: l10n.t('What "{0}" lacks', titleOf(step)), ignoreFocusOut: true });
  }
  return result;
}

/** The page as the walkthrough has it, to be read on its own. */
async function read({ extension, file, steps }: InstalledTutorial, { id }: Step): Promise<vscode.Uri> {
  const shown = steps.find(({ step }) => step === id)?.id ?? '';
  const language = /tutorial\.([\w-]+)\.md$/.exec(file.path)?.[1] ?? 'en';
  const page = vscode.Uri.joinPath(extension.extensionUri, 'media', language, `${shown}.md`);
  try {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', page);
  } catch {
    // The editor's own preview of Markdown can be turned off.
    await vscode.window.showTextDocument(page, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
  return page;
}
