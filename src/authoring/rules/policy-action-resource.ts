import * as l10n from '@vscode/l10n';

import { iamService } from '../iam.ts';
import { eachPolicy, type PolicyStatement, type Word } from '../policyBlocks.ts';
import { remembering } from '../tutorial.ts';
import { replace, type Fix, type RawFinding, type Rule } from '../rule.ts';

/** `s3:GetObject` on a bucket, `s3:ListBucket` on its objects: the statement allows less than it says. */
export const policyActionResource: Rule = {
  id: 'policy-action-resource',
  level: 'warning',
  title: () => l10n.t('An action that the resource cannot have'),
  check: (document) => eachPolicy(document, 'policy-action-resource', ({ statements }) => statements.flatMap((statement) => findIn(statement))),
};

function findIn(statement: PolicyStatement): RawFinding[] {
  const { resources, actions } = statement;
  if (resources.length === 0 || statement.keys.has('NotAction') || statement.keys.has('NotResource') || resources.some(({ value }) => isOpen(value))) return [];
  return actions.flatMap(({ value, start, end }): RawFinding[] => {
    const [prefix = '', name = ''] = value.split(':');
    const service = iamService(prefix);
    const action = service?.actions.get(name.toLowerCase());
    if (!service || !action || value.includes('*')) return [];
    if (action.types.length === 0) {
      // Some of these take a condition on the resource all the same; only S3's and Lake Formation's are plain.
      return /^(?:s3|lakeformation)$/i.test(prefix) ? [{ start, end, message: l10n.t('This action is not used on a resource: it is allowed only with "Resource": "*": {0}', value) }] : [];
    }
    const patterns = action.types.flatMap((type) => service.types[type] ?? []);
    if (resources.some((resource) => patterns.some((pattern) => fits(resource.value, pattern)))) return [];
    const fix = fixFor(prefix, action.types, resources);
    return [{
      start, end,
      message: prefix.toLowerCase() === 's3' && action.types.includes('object')
        ? l10n.t('This action is used on objects, and the statement names none: add the bucket\'s ARN with /*. The action: {0}', value)
        : prefix.toLowerCase() === 's3' && action.types.includes('bucket')
          ? l10n.t('This action is used on the bucket itself, and the statement names only objects: add its ARN without /*. The action: {0}', value)
          : l10n.t('None of the statement\'s resources is one that this action is used on: {0}', value),
      ...(fix && { fix }),
    }];
  });
}

/** What is a placeholder as a whole, or anything at all, may be whatever the action needs. */
const isOpen = (value: string): boolean => value === '*' || !/^arn:/i.test(value) || /\.\.\.|…/.test(value) || /^arn:[^:]*:\*/.test(value);

/** An ARN as far as it is fixed. */
interface Shape {
  readonly service: string;
  readonly isServiceOpen: boolean;
  readonly name: string;
  /** Up to the first thing that is open. */
  readonly fixed: string;
  /** What stands in S3 beside buckets. */
  readonly other: string | undefined;
  readonly isObject: boolean;
  readonly isEither: boolean;
}

const shapeOf = remembering((arn: string): Shape => {
  const [, , service = '', , , ...rest] = arn.split(':');
  const name = rest.join(':');
  const plain = name.replace(/<[^<>]*>|\[[^\]]*\]|\$?\{\{?[^}]*\}?\}|\([^)]*\)/g, 'x');
  const isObject = plain.includes('/');
  return {
    service: service.toLowerCase(), isServiceOpen: /[*<{[$]/.test(service), name, isObject,
    fixed: /^[^*<{[$?]*/.exec(name)?.[0].toLowerCase() ?? '',
    other: /^(?:accesspoint|access-grants|job|storage-lens)/.exec(name)?.[0],
    isEither: (plain.endsWith('*') && !isObject) || (plain === 'x' && name !== 'x' && /arn|resource|path|object|prefix/i.test(name)),
  };
});

/** True where some resource could be named by both: compared up to the first thing that is open. */
function fits(resource: string, pattern: string): boolean {
  const [is, needs] = [shapeOf(resource), shapeOf(`arn:aws:${pattern}`)];
  if (!is.isServiceOpen && is.service !== needs.service) return false;
  if (needs.service === 's3') {
    if (is.other !== undefined || needs.other !== undefined) return needs.name.startsWith(/^[a-z-]+/.exec(is.name)?.[0] ?? '-');
    return is.isEither || is.isObject === needs.name.includes('/');
  }
  return is.fixed.startsWith(needs.fixed) || needs.fixed.startsWith(is.fixed);
}

function fixFor(prefix: string, types: readonly string[], resources: readonly Word[]): Fix | undefined {
  const [only] = resources;
  if (prefix.toLowerCase() !== 's3' || resources.length !== 1 || !only) return undefined;
  const bucket = only.value.replace(/\/\*?$/, '');
  if (bucket.slice(8).includes('/')) return undefined;
  const both = `["${bucket}", "${bucket}/*"]`;
  return types.includes('object') || types.includes('bucket') ? { ...replace(l10n.t('Name the bucket and its objects'), only.start - 1, only.end + 1, both) } : undefined;
}
