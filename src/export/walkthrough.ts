import type { ResourceKind } from '../resources/kind.ts';
import { written } from '../numbers.ts';
import type { WalkthroughTexts } from './texts.ts';

// A tutorial as a walkthrough of VS Code: what its manifest contributes, and the page of each step. Our own walkthrough
// (scripts/manifest.mjs) and those of exported tutorials are made here. A manifest is static, so this runs ahead of time.

/** The same thing in each language. */
export type PerLanguage<T = string> = Readonly<Record<string, T>>;

/** What each language says under a key; gives the manifest's reference to it, `%key%`. */
export type Say = (key: string, texts: PerLanguage) => string;

/** A step as its page shows it, in one language. */
export interface PageStep {
  readonly number?: string | undefined;
  readonly title: string;
  readonly lead: string;
  readonly body: string;
  readonly kinds: readonly ResourceKind[];
}

/** A step of the walkthrough. */
export interface WalkthroughStep {
  readonly id: string;
  readonly title: PerLanguage;
  /** What stands beside the page: see {@link description}. */
  readonly description: PerLanguage;
  /** A path within the extension; a picture needs words too. */
  readonly media: { readonly markdown: PerLanguage } | { readonly svg: PerLanguage; readonly altText: PerLanguage };
  readonly completionEvents: readonly string[];
}

export interface Walkthrough {
  readonly id: string;
  readonly title: PerLanguage;
  readonly description: PerLanguage | string;
  readonly steps: readonly WalkthroughStep[];
}

/** What a manifest contributes, by VS Code's names. */
export interface WalkthroughContribution {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly { readonly id: string; readonly title: string; readonly description: string; readonly media: { readonly markdown: string } | { readonly svg: string; readonly altText: string }; readonly completionEvents: readonly string[] }[];
}

/** True for what can be made, and is not only looked at. */
export const isCreatable = (kind: ResourceKind): boolean => kind.create !== undefined;

/** A link's target that calls a command. */
export const commandLink = (command: string, ...args: readonly unknown[]): string => `command:${command}${args.length > 0 ? `?${encodeURIComponent(JSON.stringify(args))}` : ''}`;

export const link = (label: string, command: string, ...args: readonly unknown[]): string => `[${label}](${commandLink(command, ...args)})`;

/** A step's description knows code between double backticks only. */
export const formatted = (markdown: string): string => markdown.replace(/(?<!`)`([^`]+)`(?!`)/g, '``$1``');

/** The lead, then the buttons (a link alone on its line is one), then a line in which a link stays a link. */
export const description = (lead: string, buttons: readonly string[], last?: string): string =>
  [...(lead === '' ? [] : [`${formatted(lead)}\n`]), ...buttons, ...(last === undefined ? [] : [last])].join('\n').trimEnd();

/** The walkthrough as a manifest contributes it, its texts and the paths of its media in each language. */
export function contribution({ id, title, description: about, steps }: Walkthrough, say: Say): WalkthroughContribution {
  const key = `walkthrough.${id}`;
  const shown = steps.map((step) => {
    const own = `${key}.${step.id}`;
    const file = say(`${own}.media`, 'svg' in step.media ? step.media.svg : step.media.markdown);
    return {
      id: step.id,
      title: say(`${own}.title`, step.title),
      description: say(`${own}.description`, step.description),
      media: 'svg' in step.media ? { svg: file, altText: say(`${own}.alt`, step.media.altText) } : { markdown: file },
      completionEvents: step.completionEvents,
    };
  });
  return { id, title: say(`${key}.title`, title), description: typeof about === 'string' ? about : say(`${key}.description`, about), steps: shown };
}

/**
 * The page of a step: its text, and what the catalogue knows of what it provisions. Call it in the page's language.
 *
 * @param alone with the lead, as it is read alone and not beside the description.
 * @param before what stands in the text before the step and belongs to none.
 */
export function page(step: PageStep, say: WalkthroughTexts, { alone = false, before = '' }: { readonly alone?: boolean; readonly before?: string } = {}): string {
  const body = step.body.trim();
  const rest = plainFences((body.startsWith(step.lead) ? body.slice(step.lead.length) : body).trim());
  const parts = [...(before === '' ? [] : [before]), `# ${[step.number, step.title].filter(Boolean).join(' ')}`, ...(alone ? [step.lead] : []), rest];
  if (step.kinds.length > 0) {
    const notes = (kind: ResourceKind): string[] => [...(isCreatable(kind) ? [] : [say.lookedAt]), ...(kind.consent ? [say.consent] : [])];
    parts.push(`## ${say.provisions}`, step.kinds.map((kind) => `- ${[`${kind.title()} (\`${kind.type}\`)`, ...notes(kind)].join(', ')}`).join('\n'));
    parts.push(`**${say.actions}**`, actionLines(step.kinds).join('\n'));
    const costs = costLines(step.kinds, say);
    if (costs.length > 0) {
      parts.push(`**${say.cost}**`, costs.join('\n'));
    }
  }
  return `${parts.join('\n\n').trimEnd()}\n`;
}

/** Fences without our words behind their language. */
const plainFences = (markdown: string): string => markdown.replace(/^(\s*(?:`{3,}|~{3,})[^\n]*?)(?: +lake:\S+)+ *$/gm, '$1');

/** `ec2:DescribeVpcs`, `ec2:RunInstances`, … as one line a service. */
function actionLines(kinds: readonly ResourceKind[]): string[] {
  const byService = new Map<string, string[]>();
  const actions = new Set(kinds.flatMap(({ actions: { read, write = [], remove = [] } }) => [...read, ...write, ...remove]));
  for (const action of [...actions].sort()) {
    const [service = '', name = ''] = action.split(':');
    byService.set(service, [...(byService.get(service) ?? []), `\`${name}\``]);
  }
  return [...byService].map(([service, names]) => `- \`${service}:\` ${names.join(', ')}`);
}

const price = (value: number): string => written(value, { maximumFractionDigits: 4 });

function costLines(kinds: readonly ResourceKind[], say: WalkthroughTexts): string[] {
  return kinds.flatMap(({ costs = [] }) => costs).map(({ what, perHour, perRun }) => {
    const figures = [...(perHour === undefined ? [] : [`${price(perHour)} ${say.hour}`]), ...(perRun === undefined ? [] : [`${price(perRun)} ${say.run}`])];
    return `- ${what()}${figures.length > 0 ? `: ${figures.join(', ')}` : ''}`;
  });
}
