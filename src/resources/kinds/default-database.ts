import * as l10n from '@vscode/l10n';
import { readGlueDatabase, type GlueDatabaseState } from '../glue-database.ts';
import { defineKind } from '../kind.ts';
import { unlessExists } from '../support.ts';

/** Spark asks for the database `default` whatever it is told to use; a new account may not have it. */
export default defineKind<GlueDatabaseState>({
  id: 'default-database',
  title: () => l10n.t('Catalog database "default"'),
  type: 'AWS::Glue::Database',
  actions: { read: ['glue:GetDatabase'], write: ['glue:CreateDatabase'] },
  console: () => 'glue/home#/v2/data-catalog/databases/view/default',

  async read(context) {
    const found = await readGlueDatabase(context, 'default');
    return found && { ...found, owner: 'shared' };
  },

  async create(context) {
    await unlessExists(context.aws.glue.createDatabase({ DatabaseInput: { Name: 'default', Description: 'Default database' } }));
    return { locationUri: '', parameters: {}, openByDefault: true };
  },
  stays: () => l10n.t('The account\'s own; other tools use it, and it costs nothing.'),
});
