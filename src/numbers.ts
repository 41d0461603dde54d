import * as l10n from '@vscode/l10n';

/** The language that numbers are written in: that of the texts, where it is not named. */
function locale(): string {
  const language = l10n.t('en');
  // Whoever translates it may write anything.
  return /^[a-z]{2,3}(-[a-z\d]{2,8})*$/i.test(language) ? language : 'en';
}

/** A number as the texts' language writes it: with a comma where it has one. */
export const written = (value: number, options: Intl.NumberFormatOptions = {}): string => new Intl.NumberFormat(locale(), options).format(value);

/** US dollars with the decimals that small prices take. */
export const money = (value: number): string => written(value, { minimumFractionDigits: 2, maximumFractionDigits: 4 });

/** The same in whole cents. */
export const cents = (value: number): string => written(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A sum of approximate prices, rounded up to the cent: the one figure that texts and dialogs name. */
export const about = (value: number): number => Math.ceil(Number((value * 100).toFixed(6))) / 100;
