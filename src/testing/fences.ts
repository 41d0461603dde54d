import * as l10n from '@vscode/l10n';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { check } from '../authoring/index.ts';
import { samePolicy, type PolicyNames } from '../policies/document.ts';
import { differences } from '../policies/difference.ts';
import { policies } from '../policies/policies.ts';
import { asPolicy } from '../authoring/policyText.ts';
import { positionInFence } from '../tutorial/fences.ts';
import type { Fence } from '../tutorial/model.ts';
import { findPlaceholders, substitute } from '../tutorial/variables.ts';
import type { TestFinding } from './model.ts';

/** Placeholders whose marks are broken, anywhere in a text, with the lines that they are on. */
export function malformedPlaceholders(text: string): readonly { readonly start: number; readonly finding: TestFinding }[] {
  return check(text, { only: ['placeholder-malformed'] }).findings.map(({ start, line, message, fix }) => ({
    start, finding: { code: 'fence.placeholder', message, fix: fix ? `${fix.title}.` : l10n.t('Write it as <account-id>.'), line },
  }));
}

export const isInside = ({ range }: Fence, offset: number): boolean => offset >= range.start.offset && offset < range.end.offset;

/** Placeholders of a fence that nobody has a value for. */
export function leftOver(fence: Fence, values: Readonly<Record<string, string>>): TestFinding[] {
  return findPlaceholders(fence.text)
    .filter(({ name }) => !Object.hasOwn(values, name))
    .map(({ name, start }) => ({
      code: 'fence.placeholder', line: positionInFence(fence, start).line,
      message: l10n.t('Nobody has a value for the placeholder {0}.', `<${name}>`),
      fix: l10n.t('Declare it in the front matter with a default, or give it: --var {0}=…', name),
    }));
}

/** Compares the policy that a `lake:policy` fence shows with the one that is provisioned. Malformed placeholders are looked for by the caller. */
export function comparePolicy(fence: Fence, values: Readonly<Record<string, string>>, names: PolicyNames): TestFinding[] {
  const line = fence.range.start.line;
  const place = { line, endLine: fence.range.end.line };
  const policy = policies.find(({ name }) => name === fence.policy);
  if (!policy) {
    return [{ ...place, code: 'policy.unknown', message: l10n.t('There is no policy "{0}" that anything provisions.', fence.policy ?? ''), fix: l10n.t('The names are: {0}.', policies.map(({ name }) => name).join(', ')) }];
  }
  const left = leftOver(fence, values);
  if (left.length > 0) {
    return left;
  }
  const errors: ParseError[] = [];
  // As written: a placeholder stands within a string, and places stay right.
  parse(fence.text, errors, { disallowComments: true });
  const [error] = errors;
  if (error) {
    return [{ code: 'policy.json', line: positionInFence(fence, error.offset).line, message: l10n.t('The policy is not JSON that can be pasted: {0}.', printParseErrorCode(error.error)), fix: l10n.t('Correct it there; "check" says more.') }];
  }
  const found: unknown = parse(substitute(fence.text, values));
  const wanted = policy.document(names);
  if (samePolicy(found, wanted)) {
    return [];
  }
  const read = asPolicy(found);
  const lines = read ? differences(read, wanted) : [l10n.t('It is no policy.')];
  return [{
    ...place, code: 'policy.differs',
    message: [l10n.t('The policy {0} is not the one that is provisioned.', policy.name), ...lines].join(' '),
    fix: l10n.t('Write it as it is provisioned: lake-tutorial policy {0}', policy.name),
  }];
}
