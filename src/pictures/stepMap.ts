import * as l10n from '@vscode/l10n';
import type { Step, Tutorial } from '../tutorial/model.ts';
import { lakeMap, type LakeMap, type MapEdge } from './lakeMap.ts';
import { mapSvg, type MapRole } from './mapSvg.ts';

// A step of a tutorial as a part of the map: what it makes, what that needs, and what comes before and after. It is drawn where nobody looks at an account,
// so it shows no state.

export interface StepMap {
  readonly map: LakeMap;
  /** By the ids of the map's things. */
  readonly roles: ReadonlyMap<string, MapRole>;
}

/** The part of a tutorial's map that a step is about; of a step that makes nothing, the whole way of the data. */
export function stepMap(tutorial: Tutorial, step: Step): StepMap {
  const map = lakeMap(tutorial);
  const own = new Set(step.provisions.map(({ kind }) => kind));
  const current = new Set(map.nodes.filter(({ kind }) => own.has(kind)).map(({ id }) => id));
  const flow = map.edges.filter(({ kind }) => kind === 'flow');
  const needed = new Set(map.edges.filter(({ kind, to, from }) => kind === 'needs' && current.has(to) && !current.has(from)).map(({ from }) => from));
  const beside = current.size === 0 ? flow.flatMap(({ from, to }) => [from, to]) : flow.flatMap(({ from, to }) => (current.has(from) ? [to] : current.has(to) ? [from] : []));
  const shown = new Set([...current, ...needed, ...beside]);
  // Where nothing is the step's own, the way of the data is all that there is to say.
  const isShown = ({ from, to, kind }: MapEdge): boolean => shown.has(from) && shown.has(to) && (kind === 'flow' || current.size > 0);
  return {
    map: { ...map, nodes: map.nodes.filter(({ id }) => shown.has(id)), edges: map.edges.filter(isShown) },
    roles: new Map([...shown].map((id) => [id, current.has(id) ? 'current' : needed.has(id) ? 'needed' : 'other'])),
  };
}

/** A walkthrough's page is narrow. */
const columns = 4;

/** The picture of a step for a walkthrough's page, and a text that says the same. */
export function stepPicture(tutorial: Tutorial, step: Step, language: string): { readonly svg: string; readonly alt: string } {
  const { map, roles } = stepMap(tutorial, step);
  const named = (role: MapRole): string => map.nodes.filter(({ id }) => roles.get(id) === role).map(({ title }) => title).join(', ');
  const [current, needed] = [named('current'), named('needed')];
  const title = l10n.t('Map of the data lake: step {0}, {1}', step.number ?? '', step.title);
  const alt = current === '' ? l10n.t('Map of the data lake from source to chart.') : needed === '' ? l10n.t('Map of this step. It makes: {0}.', current) : l10n.t('Map of this step. It makes: {0}. That needs: {1}.', current, needed);
  return { svg: mapSvg(map, { language, columns, roles, title, description: alt }), alt };
}

