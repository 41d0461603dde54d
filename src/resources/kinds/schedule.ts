import * as l10n from '@vscode/l10n';
import { defineKind, type Context, type Finding } from '../kind.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';
import inserter, { inserterArn, inserterName } from './inserter.ts';

export interface ScheduleState {
  readonly expression: string;
  readonly enabled: boolean;
  readonly targets: readonly string[];
  /** The function lets EventBridge invoke it. */
  readonly permitted: boolean;
}

const ruleName = (context: Pick<Context, 'names'>): string => `${context.names.prefix}-insert`;
const ruleArn = ({ names }: Pick<Context, 'names'>): string => `arn:${names.partition}:events:${names.region}:${names.account}:rule/${names.prefix}-insert`;
const StatementId = 'lake-tutorial-schedule';

const rate = (context: Context): string => context.parameters['rate'] ?? context.names.variables['rate'] ?? 'rate(2 minutes)';

const putRule = (context: Context, Tags?: { Key: string; Value: string }[]) =>
  context.aws.events.putRule({ Name: ruleName(context), Description: 'Lake Tutorial: a new row', ScheduleExpression: rate(context), State: 'ENABLED', Tags });
const permit = (context: Context) =>
  unlessExists(
    context.aws.lambda.addPermission({
      FunctionName: inserterName(context),
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: ruleArn(context),
    }),
  );
async function putTarget(context: Context): Promise<void> {
  const answer = await context.aws.events.putTargets({ Rule: ruleName(context), Targets: [{ Id: 'inserter', Arn: inserterArn(context) }] });
  // PutTargets reports refused targets in its answer instead of failing.
  if (answer.FailedEntryCount) {
    throw new Error(answer.FailedEntries?.[0]?.ErrorMessage ?? 'PutTargets failed');
  }
}

export default defineKind<ScheduleState>({
  id: 'schedule',
  title: () => l10n.t('Schedule (EventBridge rule)'),
  type: 'AWS::Events::Rule',
  parameters: { rate: 'rate(2 minutes)' },
  dependsOn: [inserter],
  flow: { to: { inserter: [] } },
  actions: {
    read: ['events:DescribeRule', 'events:ListTargetsByRule', 'events:ListTagsForResource', 'lambda:GetPolicy'],
    write: ['events:PutRule', 'events:PutTargets', 'events:TagResource', 'lambda:AddPermission'],
    remove: ['events:RemoveTargets', 'events:DeleteRule'],
  },
  console: ({ names }) => `events/home#/eventbus/default/rules/${names.prefix}-insert`,

  async read(context) {
    const [rule, policy] = await Promise.all([
      ifExists(context.aws.events.describeRule({ Name: ruleName(context) })),
      ifExists(context.aws.lambda.getPolicy({ FunctionName: inserterName(context) })),
    ]);
    if (!rule) {
      return undefined;
    }
    const [targets, tags] = await Promise.all([
      context.aws.events.listTargetsByRule({ Rule: ruleName(context) }),
      context.aws.events.listTagsForResource({ ResourceARN: ruleArn(context) }),
    ]);
    return {
      owner: ownerOf(fromTagList(tags.Tags), context),
      state: {
        expression: rule.ScheduleExpression ?? '',
        enabled: rule.State === 'ENABLED',
        targets: (targets.Targets ?? []).map(({ Arn }) => Arn ?? ''),
        permitted: policy?.Policy?.includes(StatementId) ?? false,
      },
    };
  },

  check(context, state) {
    const findings: Finding[] = [];
    const fix = l10n.t('Provision the step again: it restores the schedule.');
    if (state.expression !== rate(context)) {
      findings.push({ code: 'schedule.expression', message: l10n.t('The schedule is {0} instead of {1}.', state.expression, rate(context)), fix, found: state.expression, expected: rate(context) });
    }
    if (!state.enabled) {
      findings.push({ code: 'schedule.disabled', message: l10n.t('The schedule is disabled: no rows arrive.'), fix, found: 'State: DISABLED', expected: 'State: ENABLED' });
    }
    if (!state.targets.includes(inserterArn(context))) {
      findings.push({ code: 'schedule.target', message: l10n.t('The schedule does not call the inserter.'), fix });
    }
    if (!state.permitted) {
      findings.push({ code: 'schedule.permission', message: l10n.t('EventBridge may not invoke the inserter.'), fix });
    }
    return findings;
  },

  async create(context) {
    await Promise.all([putRule(context, toTagList(context.tags)), permit(context)]);
    await putTarget(context);
    return { expression: rate(context), enabled: true, targets: [inserterArn(context)], permitted: true };
  },

  async update(context, state) {
    await Promise.all([putRule(context), !state.permitted && permit(context)]);
    await putTarget(context);
    return { expression: rate(context), enabled: true, targets: [...new Set([...state.targets, inserterArn(context)])], permitted: true };
  },

  async adopt(context) {
    await context.aws.events.tagResource({ ResourceARN: ruleArn(context), Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context, state) {
    const Rule = ruleName(context);
    if (state.targets.length > 0) {
      const { Targets } = await context.aws.events.listTargetsByRule({ Rule });
      await context.aws.events.removeTargets({ Rule, Ids: (Targets ?? []).map(({ Id }) => Id ?? '') });
    }
    await ifExists(context.aws.events.deleteRule({ Name: Rule }));
  },
});
