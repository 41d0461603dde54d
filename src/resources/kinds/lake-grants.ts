import * as l10n from '@vscode/l10n';
import { grantOperations, workflowRoleArn, type Grant, type GrantsState } from '../grants.ts';
import { defineKind, type Context } from '../kind.ts';
import { databaseTreePath } from '../tree-path.ts';
import { callerPrincipal } from '../principal.ts';
import { adminUserArn } from './admin-user.ts';
import defaultDatabase, { closeDefault, giveBackDefault, lookAtDefault, type DefaultDatabase } from './default-database.ts';
import lakeAdmin from './lake-admin.ts';
import lakeDatabase from './lake-database.ts';
import workflowRole from './workflow-role.ts';

/** What the workflow needs to make and fill tables, and the administrators to read them: being one gives no SELECT. */
async function grants(context: Context): Promise<Grant[]> {
  const database = context.names.lakeDatabase;
  const role = workflowRoleArn(context);
  const readers = [...new Set([adminUserArn(context), await callerPrincipal(context)])].filter((reader) => reader !== undefined);
  const tables = { Table: { DatabaseName: database, TableWildcard: {} } };
  const allTables = l10n.t('all tables of {0}', database);
  return [
    { principal: role, permissions: ['CREATE_TABLE', 'ALTER', 'DROP', 'DESCRIBE'], resource: { Database: { Name: database } }, on: database },
    { principal: role, permissions: ['SELECT', 'INSERT', 'DELETE', 'ALTER', 'DESCRIBE'], resource: tables, on: allTables },
    { principal: role, permissions: ['DESCRIBE'], resource: { Database: { Name: 'default' } }, on: 'default' },
    ...readers.map((principal): Grant => ({ principal, permissions: ['SELECT', 'DESCRIBE'], resource: tables, on: allTables })),
  ];
}

const operations = grantOperations(grants);

interface LakeGrantsState extends GrantsState {
  readonly default: DefaultDatabase;
}

export default defineKind<LakeGrantsState>({
  id: 'lake-grants',
  title: () => l10n.t('Grants on the catalog'),
  type: 'AWS::LakeFormation::PrincipalPermissions',
  asLakeAdmin: true,
  dependsOn: [lakeDatabase, defaultDatabase, lakeAdmin, workflowRole],
  actions: {
    read: ['lakeformation:ListPermissions'],
    write: ['lakeformation:BatchGrantPermissions', 'lakeformation:GrantPermissions', 'lakeformation:RevokePermissions', 'glue:GetDatabase', 'glue:UpdateDatabase'],
    remove: ['lakeformation:BatchRevokePermissions', 'lakeformation:RevokePermissions', 'lakeformation:GrantPermissions', 'glue:GetDatabase', 'glue:UpdateDatabase'],
  },
  console: () => 'lakeformation/home#permissions-list',
  sidebar: ({ names }) => databaseTreePath(names.lakeDatabase, 'grants'),

  async read(context) {
    const [found, home] = await Promise.all([operations.read(context), context.get(defaultDatabase)]);
    const state: LakeGrantsState = { present: found?.state.present ?? [], default: await lookAtDefault(context, home?.parameters ?? {}) };
    // A removal that was killed may have taken the grants, and not given back the database yet.
    return found || state.default.closed ? { owner: 'ours', state } : undefined;
  },

  async check(context, state) {
    const findings = await operations.check(context, state);
    if (state.default.open.length > 0) {
      findings.push({
        code: 'default-database.open',
        message: l10n.t('{0} is open to IAM_ALLOWED_PRINCIPALS: grants have no effect.', 'default'),
        fix: l10n.t('Provision the step again: it leaves access to Lake Formation\'s grants.'),
      });
    }
    return findings;
  },

  async create(context) {
    const [granted, home] = await Promise.all([operations.create(context), closeDefault(context)]);
    return { ...granted, default: home };
  },
  async update(context, state) {
    const [granted, home] = await Promise.all([operations.update(context, state), state.default.open.length > 0 ? closeDefault(context) : state.default]);
    return { ...granted, default: home };
  },
  async remove(context) {
    await operations.remove(context);
    await giveBackDefault(context);
  },
});
