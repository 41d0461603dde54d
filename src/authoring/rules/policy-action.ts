import * as l10n from '@vscode/l10n';

import { closest, iamService } from '../iam.ts';
import { services } from '../iam.generated.ts';
import { eachPolicy } from '../policyBlocks.ts';
import { replace, type RawFinding, type Rule } from '../rule.ts';

/** An action that IAM does not know allows nothing, and IAM's editor only warns of it. */
export const policyAction: Rule = {
  id: 'policy-action',
  level: 'warning',
  title: () => l10n.t('An action that IAM does not know'),
  check: (document) =>
    eachPolicy(document, 'policy-action', ({ statements }) => statements.flatMap(({ actions }) => actions.flatMap(({ value, start, end }): RawFinding[] => {
      if (value === '*' || /[<>${}[\]…]|\.\.\./.test(value) || value.trim() === '') return [];
      const [, prefix = '', name = ''] = /^([^:]*):(.*)$/.exec(value) ?? [];
      if (prefix === '') return [{ start, end, message: l10n.t('An action has its service before a colon, such as s3:GetObject, and not so: {0}', value) }];
      const service = iamService(prefix);
      if (!service) {
        const meant = prefix.length > 3 ? closest(prefix, Object.keys(services)) : undefined;
        // Of other services nothing is known; a slip of a letter in one that is known stands out.
        return meant && !OTHERS.has(prefix.toLowerCase()) && meant[0] === prefix[0]?.toLowerCase() && Math.abs(meant.length - prefix.length) < 2
          ? [{ start, end, message: l10n.t('IAM knows no service of this name. Did you mean {0}? {1}', meant, value), fix: replace(l10n.t('Write {0}', `${meant}:${name}`), start, end, `${meant}:${name}`) }] : [];
      }
      if (name.includes('*') || name.includes('?')) {
        const pattern = new RegExp(`^${name.toLowerCase().replace(/[.+^$|()\\[\]{}]/g, '\\$&').replace(/\*+/g, '[^]*').replace(/\?/g, '.')}$`);
        return name.length > 100 || [...service.actions.keys()].some((each) => pattern.test(each)) ? [] : [{ start, end, message: l10n.t('No action of this service fits the pattern: {0}', value) }];
      }
      if (service.actions.has(name.toLowerCase())) return [];
      const meant = RENAMED[value.toLowerCase()] ?? closest(name, [...service.actions.values()].map((each) => each.name));
      const right = meant && (meant.includes(':') ? meant : `${prefix}:${meant}`);
      return [{
        start, end,
        message: right ? l10n.t('IAM knows no such action, so it allows nothing. Did you mean {0}? {1}', right, value) : l10n.t('IAM knows no such action, so it allows nothing: {0}', value),
        ...(right && { fix: replace(l10n.t('Write {0}', right), start, end, right) }),
      }];
    }))),
};

/** Operations of the API whose permission has another name (service authorization reference of Amazon S3, November 2026). */
const RENAMED: Readonly<Record<string, string>> = {
  's3:listobjects': 's3:ListBucket', 's3:listobjectsv2': 's3:ListBucket', 's3:headobject': 's3:GetObject', 's3:headbucket': 's3:ListBucket', 's3:listbuckets': 's3:ListAllMyBuckets', 's3:copyobject': 's3:PutObject',
  's3:deleteobjects': 's3:DeleteObject', 's3:listmultipartuploads': 's3:ListBucketMultipartUploads', 's3:getbucketlifecycle': 's3:GetLifecycleConfiguration', 's3:uploadpart': 's3:PutObject', 's3:createmultipartupload': 's3:PutObject', 's3:completemultipartupload': 's3:PutObject',
};
/** Services near in name to those of the table. */
const OTHERS = new Set('ec2 eks ecs ecr elb sdb es dms dax fsx mq ses swf waf rum xray s3express s3vectors cloud9 cloudfront cloudsearch codebuild codestar kafka tagging ds config connect datasync datazone dataexchange glacier logs account events pipes evidently gluev2 kendra lex'.split(' '));
