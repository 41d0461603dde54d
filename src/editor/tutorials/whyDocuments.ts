import { documentScheme } from '../ids.ts';

// Where the texts lie that say why a step is not done.

const folder = 'why-not-done/';

export const whyPath = (step: string): string => `${folder}${encodeURIComponent(step)}.md`;

/** The step that such a text is about. */
export function stepOfWhy({ scheme, path }: { readonly scheme: string; readonly path: string }): string | undefined {
  const name = path.slice(1);
  return scheme === documentScheme && name.startsWith(folder) ? decodeURIComponent(name.slice(folder.length, -'.md'.length)) : undefined;
}
