import type { PanelKind } from '../../webviews/protocol.ts';
import type { Services } from '../services.ts';
import { GoldSource } from './gold.ts';
import { GridSource } from './grid.ts';
import { LakeMapSource } from './lakeMap.ts';
import { RunSource } from './run.ts';
import type { PanelSource } from './source.ts';

const makers: Readonly<Record<PanelKind, (services: Services) => PanelSource>> = {
  lakeMap: (services) => new LakeMapSource(services),
  run: (services) => new RunSource(services),
  gold: (services) => new GoldSource(services),
  grid: (services) => new GridSource(services),
};

/** Makes what a panel of a kind shows. */
export const makeSource = (kind: PanelKind, services: Services): PanelSource => makers[kind](services);
