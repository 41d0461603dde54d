import * as l10n from '@vscode/l10n';
import { jobOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import { jobResult } from '../results.ts';
import connection from './connection.ts';
import jobScripts from './job-scripts.ts';
import rows from './rows.ts';
import workflowRole from './workflow-role.ts';

export default defineKind({
  id: 'ingest-job',
  title: () => l10n.t('Ingestion job (bronze)'),
  type: 'AWS::Glue::Job',
  dependsOn: [jobScripts, workflowRole, connection],
  flow: { from: { connection: ['s3-endpoint', 'workflow-role'], crawler: ['ingest-trigger'] }, to: { bronze: ['s3-endpoint', 'lake-location', 'location-grant', 'lake-grants'] } },
  ...jobOperations('ingest', { inVpc: true }),
  // Not only what it stands on: whether all is copied is seen by the rows.
  result: jobResult('ingest', rows),
});
