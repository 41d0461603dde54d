import * as l10n from '@vscode/l10n';
import { documentScheme } from '../ids.ts';

// Where the texts lie that say why a step is not done.

const folder = 'why-not-done';

/** The path of such a text; its last part is what the tab says. */
export const whyPath = ({ id, number }: { readonly id: string; readonly number?: string }): string =>
  `${folder}/${encodeURIComponent(id)}/${l10n.t('Why {0} is not done', number ?? id).replace(/[\\/:*?"<>|#%]/g, ' ')}.md`;

/** The step that such a text is about. */
export function stepOfWhy({ scheme, path }: { readonly scheme: string; readonly path: string }): string | undefined {
  const [, first, id] = path.split('/');
  return scheme === documentScheme && first === folder && id ? decodeURIComponent(id) : undefined;
}
