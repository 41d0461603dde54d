import * as l10n from '@vscode/l10n';
import { AwsError } from '../../aws/errors.ts';
import { defineKind } from '../kind.ts';

/** Lake Formation's own role: one an account, made by whoever comes first, and left where it is. */
export default defineKind<{ readonly arn: string }>({
  id: 'service-linked-role',
  title: () => l10n.t('Service-linked role of Lake Formation'),
  type: 'AWS::IAM::ServiceLinkedRole',
  actions: { read: ['iam:ListRoles'], write: ['iam:CreateServiceLinkedRole'] },

  async read(context) {
    // By its path, which is the service's, rather than by its name, which is the service's choice.
    const roles = await context.aws.iam.listRoles({ PathPrefix: '/aws-service-role/lakeformation.amazonaws.com/' });
    const role = roles.Roles?.[0];
    return role && { owner: 'shared', state: { arn: role.Arn ?? '' } };
  },

  async create(context) {
    try {
      const created = await context.aws.iam.createServiceLinkedRole({ AWSServiceName: 'lakeformation.amazonaws.com' });
      return { arn: created.Role?.Arn ?? '' };
    } catch (error) {
      // Source: localstack/localstack tests/aws/services/iam/test_iam.snapshot.json, 2026-11-28
      // "Service role name … has been taken in this account" comes as InvalidInput.
      if (AwsError.is(error, 'exists') || (AwsError.is(error) && /has been taken/.test(error.message))) {
        return { arn: '' };
      }
      throw error;
    }
  },
  stays: () => l10n.t('The account\'s own service-linked role; other data lakes may use it, and it costs nothing.'),
});
