import * as l10n from '@vscode/l10n';
import { sentences, type UserError } from '../../errors.ts';
import type { StepState, VerifiedStep } from '../../provision/verify.ts';
import type { ResourceKind } from '../../resources/kind.ts';
import type { Step, Tutorial } from '../../tutorial/model.ts';
import { stepNodeId } from '../arguments.ts';
import { nextStep, showState, titleOf, type States } from '../stepState.ts';
import type { Page, TreeItemPresentation, TreeNode, TreeSource } from './tree.ts';

/** A step of the active tutorial. */
export interface TutorialStepNode extends TreeNode {
  readonly kind: 'tutorialStep';
  readonly step: Step;
  readonly state?: StepState;
  readonly verified?: VerifiedStep;
  /** It is the one to do now. */
  readonly next: boolean;
  /** Something of it is made by us. */
  readonly makes: boolean;
  readonly resources: readonly ResourceNode[];
  readonly looking: boolean;
  readonly parent?: undefined;
}
/** One of the things that a step asks for. */
export interface ResourceNode extends TreeNode {
  readonly kind: 'resource';
  readonly title: string;
  /** None for a kind that there is not. */
  readonly type?: string;
  readonly state?: StepState;
  readonly findings: readonly string[];
  readonly parent: { readonly id: string; readonly kind: 'tutorialStep' };
}
/** Says why the states cannot be told. */
export interface FailureNode extends TreeNode {
  readonly kind: 'failure';
  readonly error: UserError;
  readonly parent?: undefined;
}

export type StepsNode = TutorialStepNode | ResourceNode | FailureNode;

type Kinds = (id: string) => Pick<ResourceKind, 'title' | 'type' | 'create'> | undefined;

/** What is known of the steps' states, as the model has it. */
export interface KnownStates {
  states(): States;
  verified(step: string): VerifiedStep | undefined;
  readonly isLooking: boolean;
  readonly failure: UserError | undefined;
}

export interface StepsOptions {
  readonly tutorial: { load(): Promise<Tutorial> };
  readonly steps: KnownStates;
  /** The catalogue, which is loaded when it is asked for. */
  readonly kinds: () => Promise<Kinds>;
}

export class StepsSource implements TreeSource<StepsNode> {
  constructor(private readonly options: StepsOptions) {}

  children(node: StepsNode | undefined): Promise<Page<StepsNode>> {
    return this.local(node);
  }

  async local(node: StepsNode | undefined): Promise<Page<StepsNode>> {
    if (node) {
      return { nodes: this.fixed(node) ?? [] };
    }
    const [tutorial, kinds] = await Promise.all([this.options.tutorial.load(), this.options.kinds()]);
    return { nodes: stepNodes(tutorial, this.options.steps, kinds) };
  }

  fixed(node: StepsNode): readonly StepsNode[] | undefined {
    return node.kind === 'tutorialStep' ? node.resources : [];
  }

  present(node: StepsNode): TreeItemPresentation {
    switch (node.kind) {
      case 'tutorialStep':
        return presentStep(node);
      case 'resource': {
        if (node.type === undefined) {
          return { label: node.title, icon: 'error', color: 'errorForeground', expandable: false, description: l10n.t('no kind of resource'), tooltip: l10n.t('There is no kind of resource of this name. Correct "provisions" in the step\'s declaration.') };
        }
        const { icon, color, label } = showState(node.state);
        return { label: node.title, icon, color, expandable: false, description: label, tooltip: [node.title, node.type, label, ...node.findings].filter(Boolean).join('\n') };
      }
      case 'failure':
        return { label: node.error.what, icon: 'error', color: 'errorForeground', expandable: false, tooltip: [node.error.what, node.error.why, node.error.next].filter(Boolean).join('\n\n') };
    }
  }
}

function presentStep({ step, state, verified, next, makes, resources, looking }: TutorialStepNode): TreeItemPresentation {
  const shown = showState(state);
  const label = titleOf(step);
  const said = shown.label || (looking ? l10n.t('looking…') : l10n.t('not looked at yet'));
  const findings = (verified?.findings ?? []).map(({ message, fix }) => sentences(message, fix));
  return {
    label,
    ...(next ? { icon: 'arrow-circle-right', color: 'charts.blue' } : { icon: shown.icon, color: shown.color }),
    // A narrow sidebar cuts the end off: what to do now comes first.
    description: [next && l10n.t('next'), said].filter(Boolean).join(' · '),
    expandable: resources.length > 0,
    opens: 'lakeTutorial.readStep',
    context: step.role === 'cleanup' ? 'tutorialStep.cleanup' : makes ? 'tutorialStep.makes' : 'tutorialStep.looks',
    tooltip: [label, said, ...(verified?.found ? [verified.found] : findings)].join('\n'),
  };
}

/** The steps as nodes, with what is known of each; first of all, why the account could not be read. */
function stepNodes({ steps }: Tutorial, known: KnownStates, kinds: Kinds): StepsNode[] {
  const states = known.states();
  const next = nextStep(steps, states);
  const nodes = steps.map((step): TutorialStepNode => {
    const state = states[step.id];
    const verified = known.verified(step.id);
    const node = { id: stepNodeId(step.id), kind: 'tutorialStep' } as const;
    const resources = step.provisions.map(({ kind: id }): ResourceNode => {
      const kind = kinds(id);
      const seen = verified?.resources?.find((resource) => resource.id === id)?.state;
      const findings = (verified?.findings ?? []).filter(({ resource }) => resource === id).map(({ message, fix }) => sentences(message, fix));
      return { id: `${node.id}#${id}`, kind: 'resource', title: kind?.title() ?? id, ...(kind && { type: kind.type }), ...(seen && { state: seen }), findings, parent: node };
    });
    return {
      ...node, step, ...(state && { state }), ...(verified && { verified }), next: step === next, looking: known.isLooking, resources,
      makes: step.provisions.some(({ kind }) => kinds(kind)?.create !== undefined),
    };
  });
  return [...(known.failure ? [{ id: 'tutorial-step:#failure', kind: 'failure', error: known.failure } as const] : []), ...nodes];
}
