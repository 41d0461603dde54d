import * as l10n from '@vscode/l10n';

/** What each policy is for, by its name, in a line. */
export const uses: Readonly<Record<string, () => string>> = {
  LakeFormationSLR: () => l10n.t('The administrator may register buckets with Lake Formation'),
  UserPassRole: () => l10n.t('The administrator may hand the workflow role to Glue'),
  LakeFormationWorkflow: () => l10n.t('What the workflow role does beyond Glue\'s own policy'),
  LakeBucketAccess: () => l10n.t('The one bucket of the lake, and no other'),
  RAMAccess: () => l10n.t('Accepting what other accounts share'),
  AthenaQueryAccess: () => l10n.t('Querying the lake with Athena'),
  QuickSightAccess: () => l10n.t('Drawing the gold in QuickSight'),
  DatabasePasswordAccess: () => l10n.t('The database instance reads its password'),
  WorkflowRoleTrust: () => l10n.t('Who may be the workflow role: Glue'),
  LambdaTrust: () => l10n.t('Who may be the inserter\'s role: Lambda'),
  InstanceTrust: () => l10n.t('Who may be the instance\'s role: EC2'),
  LakeTutorialPermissions: () => l10n.t('All that provisioning the tutorial calls'),
};
