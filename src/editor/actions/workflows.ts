import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as l10n from '@vscode/l10n';
import { isGoing, readLog, readRun, startRun, stopRun as stop, switchSchedule, type Attempt } from '../../aws/workflows.ts';
import { about } from '../../numbers.ts';
import { costPerRun, costsPerRun } from '../../provision/run.ts';
import { runTreePath } from '../../resources/tree-path.ts';
import { withProgress } from '../progress.ts';
import { messageOf } from '../../errors.ts';
import { achieved, calling, say, tell } from '../messages.ts';
import { confirm, dollars, runPrice } from '../prompts.ts';
import type { ConsentArguments, NodeArguments } from '../arguments.ts';
import type { Services } from '../services.ts';
import { ofKinds } from '../trees/nodeFilter.ts';
import type { TreeController } from '../trees/controller.ts';
import type { AttemptNode, ScheduleNode, StepNode, WorkflowNode, WorkflowRunNode } from '../trees/workflows.ts';
import { nodeFor, reveal } from './sidebar.ts';

const isWorkflow = ofKinds<WorkflowNode>(['workflow']);
const isGoingRun = ofKinds<WorkflowRunNode>(['run'], ({ run }) => isGoing(run.state));
const isEndedRun = ofKinds<WorkflowRunNode>(['run'], ({ run }) => !isGoing(run.state));
const isSchedule = (on: boolean) => ofKinds<ScheduleNode>(['schedule'], ({ schedule }) => schedule.on === on);
const hasLog = ofKinds<StepNode | AttemptNode>(['step', 'attempt'], (node) => node.kind === 'attempt' || node.step.attempts.length > 0);

/** What a run of the tutorial's workflow costs on AWS. */
const perRun = costPerRun();

/** Starts the workflow that was named; on AWS the cost is agreed to first. @returns the run's id; nothing where it is the tutorial's, which is followed to its end. */
export async function startOther(services: Services, values: NodeArguments & ConsentArguments): Promise<string | undefined> {
  const { node, tree } = await nodeFor(services, 'workflows', values, l10n.t('Start which workflow?'), isWorkflow);
  return node.ofTutorial ? undefined : start(services, values, tree, node, {});
}

/** Starts a workflow with the properties that an earlier run had. @returns the new run's id. */
export async function runAgain(services: Services, values: NodeArguments & ConsentArguments): Promise<string> {
  const { node, tree } = await nodeFor(services, 'workflows', values, l10n.t('Run which one again?'), isEndedRun);
  return start(services, values, tree, node.parent, node.run.properties);
}

async function start(services: Services, values: ConsentArguments, tree: TreeController, node: WorkflowNode, properties: Readonly<Record<string, string>>): Promise<string> {
  const { name } = node.workflow;
  if (!services.model.isSandbox && !values.yes) {
    await confirm(l10n.t('Start {0}?', name), costs(node, runPrice(perRun, costsPerRun())), l10n.t('Start'));
  }
  const id = await withProgress(l10n.t('Lake Tutorial: starting {0}', name), (_report, signal) => tree.use(signal, (aws) => startRun(aws, name, properties)));
  services.log.info(`started ${name}: ${id}`);
  tree.model.refresh(node);
  await reveal(services, runTreePath(name, id));
  // Whoever started it is told how it ends, wherever they look by then.
  void awaitEnd(services, tree, node, id);
  return id;
}

/** Waits for the end of a run that was started from the tree, under a sign in the status bar, and says how it ended. It asks for the state no more often than the tree does. */
async function awaitEnd(services: Services, tree: TreeController, { workflow: { name } }: WorkflowNode, id: string): Promise<void> {
  const every = services.model.isSandbox ? 1_500 : 10_000;
  const place = services.model.targetKey;
  const ended = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: l10n.t('{0} runs', name) }, async () => {
    for (let misses = 0; misses < 5 && services.model.targetKey === place; ) {
      try {
        const seen = await tree.use(new AbortController().signal, (aws) => readRun(aws, name, id));
        if (!isGoing(seen.run.state)) {
          return seen;
        }
        misses = 0;
      } catch (error) {
        misses++;
        services.log.debug(`${name} ${id}: ${messageOf(error)}`);
      }
      await delay(every, undefined, { ref: false });
    }
    return undefined;
  });
  if (!ended) {
    return;
  }
  const { run, nodes } = ended;
  services.log.info(`${name} ${id}: ${run.state}`);
  const failed = nodes.find(({ state }) => state === 'failed');
  if (run.state === 'succeeded') {
    services.steps.check(true);
    achieved(services, l10n.t('{0} succeeded.', name), []);
  } else if (run.state !== 'stopped') {
    const error = failed?.attempts[0]?.error ?? run.error ?? '';
    say(failed ? l10n.t('{0} failed: {1}', failed.name, error || l10n.t('its log says why.')) : l10n.t('{0} failed. {1}', name, error), {
      weight: 'error',
      answers: [calling(l10n.t('Explain and Repair'), 'lakeTutorial.explainFailure', { name: failed?.name ?? name, error }), { title: l10n.t('Show the Run'), run: () => reveal(services, runTreePath(name, id)) }],
    });
  }
}

const costs = ({ ofTutorial }: WorkflowNode, price: string): string => (ofTutorial ? price : l10n.t('Its jobs and crawlers are charged by the minute.'));

/** Stops a run that is under way. */
export async function stopRun(services: Services, values: NodeArguments): Promise<void> {
  const { node, tree } = await nodeFor(services, 'workflows', values, l10n.t('Stop which run?'), isGoingRun);
  await withProgress(l10n.t('Lake Tutorial: stopping the run'), (_report, signal) => tree.use(signal, (aws) => stop(aws, node.run.workflow, node.run.id)));
  services.log.info(`stopping ${node.run.workflow}: ${node.run.id}`);
  tree.model.refresh(node.parent);
  // The tree shows it too, but it may be hidden when the command comes from the palette.
  tell(l10n.t('{0} is being stopped.', node.run.workflow));
}

/** Shows what a job or a crawler wrote to its log. */
export async function openLog(services: Services, values: NodeArguments): Promise<string> {
  const { node, tree } = await nodeFor(services, 'workflows', values, l10n.t('Whose log?'), hasLog);
  const step = node.kind === 'attempt' ? node.parent.step : node.step;
  const attempt: Attempt | undefined = node.kind === 'attempt' ? node.attempt : node.step.attempts[0];
  const logs = attempt?.logs ?? [];
  const parts = await withProgress(l10n.t('Lake Tutorial: reading the log of {0}', step.name), (_report, signal) => tree.use(signal, async (aws) => Promise.all(logs.map((log) => readLog(aws, log)))));
  const text = logs.map(({ group, stream }, index) => {
    const lines = (parts[index] ?? []).map(({ time, text: line }) => `${time ? `${time.toISOString()}  ` : ''}${line}`);
    return [`── ${group} · ${stream} ──`, ...(lines.length > 0 ? lines : [l10n.t('(nothing was logged)')]), ''].join('\n');
  });
  const head = attempt?.error ? [`${step.name}: ${attempt.error}`, ''] : [];
  const all = [...head, ...text].join('\n');
  await services.documents.show(`${attempt?.id ?? ''}/${step.name}.log`, all, 'log');
  return all;
}

const turn = (on: boolean) => async (services: Services, values: NodeArguments & ConsentArguments): Promise<void> => {
  const { node, tree } = await nodeFor(services, 'workflows', values, on ? l10n.t('Turn on which schedule?') : l10n.t('Turn off which schedule?'), isSchedule(!on));
  const { trigger, expression } = node.schedule;
  if (on && !services.model.isSandbox && !values.yes) {
    await confirm(l10n.t('Turn on {0}?', expression), costs(node.parent, l10n.t('From then on each run costs about {0}, until you turn it off.', dollars(about(perRun)))), l10n.t('Turn On'));
  }
  await withProgress(l10n.t('Lake Tutorial: switching the schedule'), (_report, signal) => tree.use(signal, (aws) => switchSchedule(aws, trigger, on)));
  services.log.info(`schedule ${trigger}: ${on ? 'on' : 'off'}`);
  tree.model.refresh(node.parent);
  tell(on ? l10n.t('The schedule of {0} is on.', node.parent.workflow.name) : l10n.t('The schedule of {0} is off.', node.parent.workflow.name));
};

export const turnScheduleOn = turn(true);
export const turnScheduleOff = turn(false);
