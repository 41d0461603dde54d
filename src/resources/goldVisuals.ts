import * as l10n from '@vscode/l10n';

// What there is to see of gold: the editor's dashboard draws it, and QuickSight's is provisioned of it. jobs/README.md lists the cube's columns.

/** The cube's columns that the visuals stand on. */
export type CubeColumn = 'day' | 'hour' | 'value_class';

/** Rows by one of the cube's dimensions. */
export interface GoldVisual {
  readonly id: 'rows-over-time' | 'rows-by-hour' | 'rows-by-class';
  readonly title: () => string;
  readonly chart: 'line' | 'column' | 'bar';
  readonly category: CubeColumn;
  /** The level of the cube that counts just so: of two levels rows would count twice. */
  readonly level: CubeColumn;
}

export const goldVisuals: readonly GoldVisual[] = [
  { id: 'rows-over-time', title: () => l10n.t('Rows over time'), chart: 'line', category: 'day', level: 'day' },
  { id: 'rows-by-hour', title: () => l10n.t('Rows by hour of the day'), chart: 'column', category: 'hour', level: 'hour' },
  { id: 'rows-by-class', title: () => l10n.t('Rows by class'), chart: 'bar', category: 'value_class', level: 'value_class' },
];
