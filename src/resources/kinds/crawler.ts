import type { Crawler } from '@aws-sdk/client-glue';
import * as l10n from '@vscode/l10n';
import { adoptGlue, differs, glueName, glueOwner, workflowName } from '../glue.ts';
import { defineKind, type Context } from '../kind.ts';
import { workflowTreePath } from '../tree-path.ts';
import { eventually, ifExists, unlessExists } from '../support.ts';
import connection, { connectionName } from './connection.ts';
import lakeDatabase from './lake-database.ts';
import lakeGrants from './lake-grants.ts';
import workflowRole from './workflow-role.ts';

const name = (context: Pick<Context, 'names'>): string => glueName(context, 'source');
export const crawlerName = name;

const wanted = (context: Context) => ({
  Name: name(context),
  Role: context.names.workflowRole,
  DatabaseName: context.names.lakeDatabase,
  Description: 'Lake Tutorial: reads what columns the toy table has',
  Targets: { JdbcTargets: [{ ConnectionName: connectionName(context), Path: `${context.names.sourceDatabase}/public/${context.names.sourceTable}` }] },
  TablePrefix: '_catalog_',
});

const roleName = (role: string | undefined): string => (role ?? '').split('/').pop() ?? '';

export default defineKind<Crawler>({
  id: 'crawler',
  title: () => l10n.t('Crawler of the source'),
  type: 'AWS::Glue::Crawler',
  dependsOn: [connection, lakeDatabase, lakeGrants, workflowRole],
  flow: { from: { connection: ['s3-endpoint', 'workflow-role', 'start-trigger'] } },
  costs: [{ perRun: 0.147, what: () => l10n.t('Glue crawler: 2 DPU, 10 minutes at least') }],
  runsAs: name,
  since: (_context, { CreationTime }) => CreationTime,
  actions: {
    read: ['glue:GetCrawler', 'glue:GetTags'],
    write: ['glue:CreateCrawler', 'glue:UpdateCrawler', 'glue:TagResource', 'iam:PassRole'],
    remove: ['glue:DeleteCrawler'],
  },
  console: ({ names }) => `glue/home#/v2/data-catalog/crawlers/view/${names.prefix}-source`,
  sidebar: (context) => workflowTreePath(workflowName(context)),

  async read(context) {
    const crawler = (await ifExists(context.aws.glue.getCrawler({ Name: name(context) })))?.Crawler;
    return crawler && { owner: await glueOwner(context, 'crawler', name(context)), state: crawler };
  },

  check(context, state) {
    const target = wanted(context);
    const found = state.Targets?.JdbcTargets?.[0];
    const [jdbc] = target.Targets.JdbcTargets;
    return [
      ...(roleName(state.Role) === target.Role ? [] : [differs('crawler.role', target.Name, 'Role', { is: roleName(state.Role), should: target.Role })]),
      ...(state.DatabaseName === target.DatabaseName ? [] : [differs('crawler.database', target.Name, 'DatabaseName', { is: state.DatabaseName, should: target.DatabaseName })]),
      ...(state.TablePrefix === target.TablePrefix ? [] : [differs('crawler.prefix', target.Name, 'TablePrefix', { is: state.TablePrefix, should: target.TablePrefix })]),
      ...(found?.Path === jdbc?.Path && found?.ConnectionName === jdbc?.ConnectionName ? [] : [differs('crawler.target', target.Name, 'Targets', { is: found, should: jdbc })]),
    ];
  },

  async create(context) {
    await eventually(context, () => unlessExists(context.aws.glue.createCrawler({ ...wanted(context), Tags: { ...context.tags } })));
    return wanted(context);
  },

  async update(context, state) {
    await context.aws.glue.updateCrawler(wanted(context));
    return { ...state, ...wanted(context) };
  },

  adopt: (context) => adoptGlue(context, 'crawler', name(context)),

  async remove(context) {
    await eventually(context, () => ifExists(context.aws.glue.deleteCrawler({ Name: name(context) })), {
      // Source: botocore glue 1.44.5 DeleteCrawler, 2026-11-28
      pattern: /CrawlerRunningException/,
      waitingFor: l10n.t('Waiting until the crawler has ended…'),
      budget: 10 * 60_000,
    });
  },
});
