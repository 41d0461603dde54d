import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import type { VerifiedStep } from '../../provision/verify.ts';
import type { StepArguments } from '../arguments.ts';
import { stepTitle } from '../operations.ts';
import { pickStep } from '../prompts.ts';
import type { Services } from '../services.ts';
import { whyPath } from '../tutorials/whyDocuments.ts';
import { whyText } from '../whyText.ts';
import { look } from './verify.ts';

/** Looks at a step and shows what was looked at, found and expected, and how to mend it: as a text with buttons above it. */
export async function whyNotDone(services: Services, values: StepArguments): Promise<VerifiedStep | undefined> {
  const { steps } = await services.tutorial.load();
  const states = services.steps.states();
  const open = steps.filter(({ id }) => states[id] !== 'done');
  const id = values.step ?? (await pickStep(open.length > 0 ? open : steps, states, l10n.t('Which step is not done?')));
  const result = await look(services, l10n.t('Lake Tutorial: looking at "{0}"', await stepTitle(services, id)), [id]);
  const [verified] = result.steps;
  const step = steps.find((each) => each.id === id);
  if (verified && step) {
    const { model } = services;
    const where = [model.isSandbox ? l10n.t('in the sandbox') : l10n.t('in the AWS account {0}', model.accountId ?? ''), model.target.region].join(', ');
    const when = new Intl.DateTimeFormat(vscode.env.language, { timeStyle: 'medium' }).format(new Date());
    await services.documents.show(whyPath(step), whyText(step, verified, { where, when }), 'markdown');
  }
  return verified;
}
