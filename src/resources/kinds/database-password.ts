import * as l10n from '@vscode/l10n';
import { randomBytes } from 'node:crypto';
import { defineKind } from '../kind.ts';
import { adoptedTags, fromTagList, ifExists, ownerOf, toTagList, unlessExists } from '../support.ts';

export interface PasswordState {
  /** In memory only, to hand to the Lambda and the connection and to see whether they have it. */
  readonly value: string;
  /** Made in this operation: whoever has one has an old one. */
  readonly isNew?: true;
}

const read = (context: Parameters<typeof ownerOf>[1]) => context.aws.ssm.getParameter({ Name: context.names.passwordParameter, WithDecryption: true });

export default defineKind<PasswordState>({
  id: 'database-password',
  title: () => l10n.t('Database password (SSM SecureString)'),
  type: 'AWS::SSM::Parameter',
  actions: {
    read: ['ssm:GetParameter', 'ssm:ListTagsForResource'],
    write: ['ssm:PutParameter', 'ssm:AddTagsToResource'],
    remove: ['ssm:DeleteParameter'],
  },
  console: ({ names }) => `systems-manager/parameters/${encodeURIComponent(names.passwordParameter)}/description`,

  async read(context) {
    const parameter = await ifExists(read(context));
    if (!parameter?.Parameter?.Value) {
      return undefined;
    }
    const tags = await context.aws.ssm.listTagsForResource({ ResourceType: 'Parameter', ResourceId: context.names.passwordParameter });
    return { owner: ownerOf(fromTagList(tags.TagList), context), state: { value: parameter.Parameter.Value } };
  },

  async create(context) {
    // Letters, digits, - and _ only: the value passes through a JDBC URL's properties and a shell.
    const value = randomBytes(24).toString('base64url');
    const written = await unlessExists(
      context.aws.ssm.putParameter({
        Name: context.names.passwordParameter,
        Description: 'Lake Tutorial: password of the toy database',
        Type: 'SecureString',
        Value: value,
        Tags: toTagList(context.tags),
      }),
    );
    return written ? { value, isNew: true } : { value: (await read(context)).Parameter?.Value ?? '' };
  },

  async adopt(context) {
    await context.aws.ssm.addTagsToResource({ ResourceType: 'Parameter', ResourceId: context.names.passwordParameter, Tags: toTagList(adoptedTags(context)) });
  },

  async remove(context) {
    await ifExists(context.aws.ssm.deleteParameter({ Name: context.names.passwordParameter }));
  },
});
