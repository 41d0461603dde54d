import * as l10n from '@vscode/l10n';

import { policiesOf } from '../policyBlocks.ts';
import type { RawFinding, Rule } from '../rule.ts';

/** Calls that are given a role for the service to act with (the parameters Role, RoleArn and the like of the SDK's models, November 2026). */
const TAKES_ROLE = new Set(
  ('glue:CreateCrawler glue:UpdateCrawler glue:CreateJob glue:UpdateJob glue:CreateDevEndpoint glue:CreateMLTransform glue:CreateSession lambda:CreateFunction states:CreateStateMachine elasticmapreduce:RunJobFlow emr-serverless:StartJobRun ' +
  'lakeformation:RegisterResource firehose:CreateDeliveryStream scheduler:CreateSchedule databrew:CreateRecipeJob databrew:CreateProfileJob').toLowerCase().split(' '),
);

/** Whoever makes a crawler or a job hands it a role, and may not without iam:PassRole. */
export const policyDependentAction: Rule = {
  id: 'policy-dependent-action',
  level: 'note',
  title: () => l10n.t('An action that needs iam:PassRole beside it'),
  check: (document) => {
    if (/passrole|"iam:\*"|"\*:\*"/i.test(document.text)) return [];
    return policiesOf(document).flatMap(({ statements, isWhole }) => {
      if (!isWhole || statements.some(({ actions }) => actions.some(({ value }) => value === '*'))) return [];
      const found = statements.filter(({ effect }) => effect === 'Allow').flatMap(({ actions }) => actions.filter(({ value }) => {
        return TAKES_ROLE.has(value.toLowerCase());
      }));
      const first = found[0];
      return first ? [{ start: first.start, end: first.end, message: l10n.t('This action hands a role to the service, for which iam:PassRole is needed too, and no policy here allows it: {0}', first.value) } satisfies RawFinding] : [];
    });
  },
};
