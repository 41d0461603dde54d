import * as l10n from '@vscode/l10n';
import type { TestedBreak } from './model.ts';

/**
 * What became of a mistake that was made on purpose, a sentence a line.
 *
 * @param place how a place in the text is written: with the file's name before it on a terminal, say.
 */
export function breakLines({ seenBy, codes, helped, where, repaired, refused }: TestedBreak, place: (line: number) => string): string[] {
  if (refused !== undefined) {
    return [l10n.t('AWS refuses it: {0}', refused)];
  }
  return [
    seenBy === null ? l10n.t('No step sees it.') : l10n.t('The step "{0}" sees it: {1}.', seenBy, codes.join(', ')),
    helped && where ? l10n.t('The text helps: {0}', `${place(where.line)} ${where.text}`) : l10n.t("The text does not help: it has neither AWS's words for it nor a passage on trouble that names it."),
    ...(repaired ? [] : [l10n.t('Provisioning again did not mend it.')]),
  ];
}
