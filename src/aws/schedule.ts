import * as l10n from '@vscode/l10n';
import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import 'cronstrue/locales/es';

/** When something runs by itself, as `cron(…)` and `rate(…)` of EventBridge and Glue say it. Times are UTC, as AWS takes them. */
export interface Schedule {
  /** The expression in a sentence. */
  readonly description: string;
  /** The next times; none for a rate, which counts from when it was switched on, and for what never comes again. */
  readonly next: readonly Date[];
}

/**
 * Reads a schedule expression.
 *
 * AWS's cron has six fields, minutes first and the year last, weekdays from 1 for Sunday, `?`, `L`, `W` and `#`: croner knows all of these
 * (its seven fields with Quartz's weekdays), and cronstrue says them in words.
 *
 * @returns undefined for what is no schedule.
 */
export function readSchedule(expression: string, options: { readonly from: Date; readonly count?: number; readonly language?: string }): Schedule | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression.trim());
  if (rate) {
    const [, count = '', unit = ''] = rate;
    const amount = Number(count);
    const description = unit === 'minute' ? l10n.t('every {0} minutes', amount) : unit === 'hour' ? l10n.t('every {0} hours', amount) : l10n.t('every {0} days', amount);
    const one = unit === 'minute' ? l10n.t('every minute') : unit === 'hour' ? l10n.t('every hour') : l10n.t('every day');
    return { description: amount === 1 ? one : description, next: [] };
  }
  const cron = /^cron\((.+)\)$/.exec(expression.trim());
  const fields = cron?.[1]?.trim().split(/\s+/) ?? [];
  if (fields.length !== 6) {
    return undefined;
  }
  try {
    // The library knows `L` as a weekday only behind a number.
    const pattern = ['0', ...fields.map((field, at) => (at === 4 && field === 'L' ? '7' : field))].join(' ');
    const times = new Cron(pattern, { mode: '7-part', alternativeWeekdays: true, sloppyRanges: true, domAndDow: true, timezone: 'UTC', paused: true });
    return {
      description: cronstrue.toString(['0', ...fields].join(' '), { locale: options.language ?? 'en', dayOfWeekStartIndexZero: false, use24HourTimeFormat: true }),
      next: times.nextRuns(options.count ?? 3, options.from),
    };
  } catch {
    // Croner throws for what cannot be read, cronstrue a string.
    return undefined;
  }
}
