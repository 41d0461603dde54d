import * as l10n from '@vscode/l10n';

import { policiesOf, type JsonFault } from '../policyBlocks.ts';
import type { Fix, RawFinding, Rule } from '../rule.ts';

/** A policy that cannot be pasted as it stands: IAM takes JSON, and nothing beside it. */
export const policyJson: Rule = {
  id: 'policy-json',
  level: 'error',
  title: () => l10n.t('A policy that is no JSON as it stands'),
  check: (document) =>
    policiesOf(document, ({ faults }) => faults.length > 0).flatMap((policy) =>
      policy.faults.map((fault): RawFinding => {
        const fix = fault.kind === 'prose' ? moveOut(document.text, policy.fence.range.start.offset, policy.fence.range.end.offset, fault) : fault.edits.length > 0 ? { title: titleOf(fault), edits: fault.edits } : undefined;
        return { start: fault.start, end: fault.end, message: messageOf(fault, document.text.slice(fault.start, fault.end)), ...(fix && { fix }) };
      }),
    ),
};

function messageOf({ kind }: JsonFault, text: string): string {
  const shown = text.replace(/\s+/g, ' ').slice(0, 60);
  switch (kind) {
    case 'comment': return l10n.t('JSON has no comments: pasted, IAM refuses the policy. Say it outside of the block: {0}', shown);
    case 'comma': return l10n.t('A comma before a closing bracket, or behind the last one, is not JSON: pasted, IAM refuses the policy.');
    case 'unclosed': return l10n.t('This bracket is never closed: pasted, IAM refuses the policy.');
    case 'prose': return l10n.t('This is no part of the policy, and whoever copies the block copies it too. Move it out of the block: {0}', shown);
    case 'syntax': return l10n.t('This is not JSON from here on: pasted, IAM refuses the policy.');
  }
}

const titleOf = ({ kind }: JsonFault): string =>
  kind === 'comment' ? l10n.t('Remove the comment') : kind === 'unclosed' ? l10n.t('Close the brackets') : l10n.t('Remove it');

/** Text of a block's own line before or behind the policy becomes a paragraph there. */
function moveOut(text: string, fenceStart: number, fenceEnd: number, { start, end }: JsonFault): Fix | undefined {
  const lineStart = (offset: number): number => Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const [from, indent] = [lineStart(start), /^[ \t]*/.exec(text.slice(lineStart(fenceStart), fenceStart))?.[0] ?? ''];
  if (text.slice(from, start).trim() !== '') return undefined;
  const ending = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const rest = text.slice(end);
  const lineEnd = end + (/^[ \t]*(?:\r\n|\n|\r)?/.exec(rest)?.[0].length ?? 0);
  const prose = text.slice(start, end).split(/\r\n|\n|\r/).map((line) => line.trim()).join(ending + indent);
  const isBefore = !/[{[]/.test(text.slice(text.indexOf('\n', fenceStart), start));
  return {
    title: l10n.t('Move it out of the block'),
    edits: isBefore
      ? [{ start: lineStart(fenceStart), end: lineStart(fenceStart), text: `${indent}${prose}${ending}${ending}` }, { start: from, end: lineEnd, text: '' }]
      : [{ start: from, end: lineEnd, text: '' }, { start: fenceEnd, end: fenceEnd, text: `${ending}${ending}${indent}${prose}` }],
  };
}
