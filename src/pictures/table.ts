import * as l10n from '@vscode/l10n';
import { layers, type LakeMap } from './lakeMap.ts';
import { costLabel, describeCount, drawnState, edgeId, edgeStateLabel, nodeStateLabel } from './mapSvg.ts';

// What pictures show, as tables: for who reads rather than looks.

export interface PictureTable {
  readonly caption: string;
  readonly columns: readonly string[];
  /** `thing` is the row's id in the picture. */
  readonly rows: readonly { readonly thing?: string; readonly cells: readonly string[] }[];
}

const joined = (...texts: readonly (string | undefined)[]): string => texts.filter(Boolean).join(' ');

/** A map as two tables: its things, and the ways between them. What merely stands on something is told where that fails. */
export function mapTables(map: LakeMap, language = 'en'): readonly PictureTable[] {
  const titleOf = (id: string): string => map.nodes.find((node) => node.id === id)?.title ?? id;
  const nodes = [...map.nodes].sort((one, other) => layers.indexOf(one.layer) - layers.indexOf(other.layer));
  return [
    {
      caption: l10n.t('Things'),
      columns: [l10n.t('Name'), l10n.t('State'), l10n.t('Service'), l10n.t('Step'), l10n.t('Cost'), l10n.t('What is wrong, and what to do')],
      rows: nodes.map((node) => ({ thing: node.id, cells: [node.title, nodeStateLabel(drawnState(node)), node.service, node.step, costLabel(node, language), joined(node.finding?.message, node.finding?.fix)] })),
    },
    {
      caption: l10n.t('Ways'),
      columns: [l10n.t('From'), l10n.t('To'), l10n.t('State'), l10n.t('What has passed'), l10n.t('What is wrong, and what to do')],
      rows: map.edges.filter(({ kind, state }) => kind === 'flow' || state === 'broken').map((edge) => ({
        ...(edge.state === 'broken' && { thing: edgeId(edge) }),
        cells: [titleOf(edge.from), titleOf(edge.to), edgeStateLabel(edge.state), describeCount(edge, language), joined(edge.finding?.message, edge.finding?.fix)],
      })),
    },
  ];
}
