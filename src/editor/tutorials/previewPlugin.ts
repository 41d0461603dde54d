// The states of the steps in VS Code's own preview of Markdown. No VS Code here, and nothing of Markdown-it but what is used of it.

import { escapeXml } from '../../xml.ts';

interface Token {
  readonly map: readonly [number, number] | null;
}
type Rule = (tokens: readonly Token[], index: number, options: unknown, env: unknown, self: Renderer) => string;
interface Renderer {
  renderToken(tokens: readonly Token[], index: number, options: unknown): string;
  readonly rules: Record<string, Rule | undefined>;
}
/** What VS Code gives to `extendMarkdownIt`, as far as it is used here. */
export interface MarkdownIt {
  readonly renderer: Renderer;
}

/** What stands beside a step's heading. */
export interface Badge {
  readonly state: string;
  readonly sign: string;
  readonly label: string;
}

/** The badges of a document by the line (from 0) of a step's heading; undefined for a document that has none. */
export type BadgesOf = (document: string) => ReadonlyMap<number, Badge> | undefined;

/** A heading, or a line in bold that stands for one. */
const closings = ['heading_close', 'paragraph_close'];

/**
 * Adds the badges where a heading ends. The preview keeps the tokens of a text, so this is done when they are rendered; of a document
 * without badges no more is asked than whether it has any.
 */
export function addBadges<M extends MarkdownIt>(markdown: M, badgesOf: BadgesOf): M {
  const { rules } = markdown.renderer;
  for (const closing of closings) {
    const original: Rule = rules[closing] ?? ((tokens, index, options, _env, self) => self.renderToken(tokens, index, options));
    rules[closing] = (tokens, index, options, env, self) => {
      const document = (env as { readonly currentDocument?: { toString(): string } } | undefined)?.currentDocument;
      const badge = document && badgesOf(document.toString().split('#')[0] ?? '')?.get(tokens[index - 2]?.map?.[0] ?? -1);
      return (badge ? render(badge) : '') + original(tokens, index, options, env, self);
    };
  }
  return markdown;
}

const render = ({ state, sign, label }: Badge): string => ` <span class="lake-tutorial-state lake-tutorial-${state}">${escapeXml(`${sign} ${label}`.trim())}</span>`;
