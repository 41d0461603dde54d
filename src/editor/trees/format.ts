import * as l10n from '@vscode/l10n';

/** Numbers, sizes and times as the editor's language writes them. */
export interface Formatter {
  count(value: number): string;
  bytes(value: number): string;
  /** `3 minutes ago`, `in 2 hours`. */
  ago(date: Date): string;
  /** Date and time of day, here and now. */
  at(date: Date): string;
  /** The same in short: for today the time to the second, else the day and the time. */
  brief(date: Date): string;
  duration(milliseconds: number): string;
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

export function formatterFor(language: string, now: () => number = Date.now): Formatter {
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const relative = new Intl.RelativeTimeFormat(language);
  const present = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second');
  const absolute = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const minute = { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const;
  const [ofToday, ofThisYear, ofAnyYear] = [new Intl.DateTimeFormat(language, { timeStyle: 'medium' }), new Intl.DateTimeFormat(language, minute), new Intl.DateTimeFormat(language, { year: 'numeric', ...minute })];
  return {
    count: (value) => number.format(value),
    bytes(value) {
      const power = Math.min(4, Math.floor(Math.log(Math.max(1, value)) / Math.log(1024)));
      return `${short.format(value / 1024 ** power)} ${['B', 'KB', 'MB', 'GB', 'TB'][power]}`;
    },
    ago(date) {
      const seconds = Math.round((date.getTime() - now()) / 1000);
      const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? [];
      // A label that tells seconds is untrue a moment later.
      if (unit === 'second' || !unit || !size) {
        return seconds < -1 ? l10n.t('less than a minute ago') : seconds > 1 ? l10n.t('in less than a minute') : present;
      }
      return relative.format(Math.trunc(seconds / size), unit);
    },
    at: (date) => absolute.format(date),
    brief(date) {
      const today = new Date(now());
      const format = date.toDateString() === today.toDateString() ? ofToday : date.getFullYear() === today.getFullYear() ? ofThisYear : ofAnyYear;
      return format.format(date);
    },
    duration(milliseconds) {
      if (milliseconds > 0 && milliseconds < 950) {
        return `${number.format(Math.ceil(milliseconds / 100) / 10)} s`;
      }
      const seconds = Math.round(milliseconds / 1000);
      // These units are the same in all languages.
      return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
    },
  };
}

/** `1 object`, `1,000+ objects`. */
export const formatObjectCount = (format: Formatter, count: number, more: boolean): string =>
  count === 1 && !more ? l10n.t('1 object') : l10n.t('{0} objects', `${format.count(count)}${more ? '+' : ''}`);

/** The heading above rows that are shown: how many of all rows they are. */
export const formatRowCount = (format: Formatter, count: number, more: boolean): string =>
  more ? l10n.t('The first {0} rows:', format.count(count)) : count === 0 ? l10n.t('There are no rows.') : count === 1 ? l10n.t('The only row:') : l10n.t('All {0} rows:', format.count(count));

/** A principal's name: of an ARN of IAM, what follows its kind. */
export const shortPrincipal = (principal: string): string => /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:user|role|group|assumed-role)\/(.+)$/.exec(principal)?.[1] ?? principal;
