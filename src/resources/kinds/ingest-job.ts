import * as l10n from '@vscode/l10n';
import { jobOperations } from '../glue.ts';
import { defineKind } from '../kind.ts';
import connection from './connection.ts';
import jobScripts from './job-scripts.ts';
import workflowRole from './workflow-role.ts';

export default defineKind({
  id: 'ingest-job',
  title: () => l10n.t('Ingestion job (bronze)'),
  type: 'AWS::Glue::Job',
  dependsOn: [jobScripts, workflowRole, connection],
  ...jobOperations('ingest', { inVpc: true }),
});
