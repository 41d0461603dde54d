import * as l10n from '@vscode/l10n';
import { dependencies, findKind, reliances, resourcesOf, type Resource } from '../provision/account-view.ts';
import type { StepState, VerifiedFinding, VerifiedStep } from '../provision/verify.ts';
import type { ResourceKind } from '../resources/kind.ts';
import { catalogue } from '../resources/catalogue.generated.ts';
import type { Tutorial } from '../tutorial/model.ts';

// The lake as a map: what a tutorial asks for and how it hangs together, from the catalogue, with what a look at the account found. No drawing here.

/** The layers of the map, from where data comes in to what all of it stands on. */
export const layers = ['source', 'processing', 'storage', 'use', 'catalog', 'control', 'network', 'access'] as const;
export type Layer = (typeof layers)[number];

/** What a layer is called. */
export const layerTitle = (layer: Layer): string => layerTitles[layer]();
const layerTitles: Readonly<Record<Layer, () => string>> = {
  source: () => l10n.t('Source'),
  processing: () => l10n.t('Processing'),
  storage: () => l10n.t('Storage'),
  use: () => l10n.t('Queries and charts'),
  catalog: () => l10n.t('Catalog and grants'),
  control: () => l10n.t('Workflow and triggers'),
  network: () => l10n.t('Network and server'),
  access: () => l10n.t('Identities and roles'),
};

/**
 * What stands between two things.
 * - `open`: both are as they should be, and so is all that stands between.
 * - `waiting`: made; what passes is still to come.
 * - `missing`: one of the two is not there.
 * - `broken`: both are there, and what should be between them is not, or not as it should be.
 * - `unknown`: not looked at, or it cannot be told.
 */
export type EdgeState = 'open' | 'waiting' | 'missing' | 'broken' | 'unknown';

export interface MapFinding {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** The resource kind that it is about. */
  readonly resource: string;
}

export interface MapNode {
  /** The resource kind's id; a zone's name for a part of one. */
  readonly id: string;
  /** The resource kind. */
  readonly kind: string;
  /** The step that asks for it. */
  readonly step: string;
  readonly state: StepState;
  /** Something of it is under way: it runs, or is being made, mended or removed. */
  readonly running?: true;
  readonly title: string;
  /** AWS's name of the service. */
  readonly service: string;
  readonly layer: Layer;
  readonly finding?: MapFinding;
  /** USD, where it is charged for. */
  readonly perHour?: number;
  readonly perRun?: number;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  /** Data passes, or the second stands on the first. */
  readonly kind: 'flow' | 'needs';
  readonly state: EdgeState;
  /** Rows that came this way, where they are known. */
  readonly count?: number;
  /** Rows of the newest batch that came this way, where only those are known. */
  readonly newest?: number;
  /** Objects that they are in. */
  readonly objects?: number;
  /** What is missing or wrong between the two. */
  readonly finding?: MapFinding;
}

export interface LakeMap {
  readonly title: string;
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

/** Rows by zone, as far as they are known. */
export type MapCounts = Readonly<Record<string, number>>;

/** What goes on while one looks. */
export interface MapNow {
  /** Rows of the newest batch by zone, where only those are known. */
  readonly newest?: MapCounts;
  /** Objects by zone, as far as they are known. */
  readonly objects?: MapCounts;
  /** Resource kinds of which something is under way. */
  readonly running?: ReadonlySet<string>;
  /** What has just been made or removed, and not been looked at since. */
  readonly made?: ReadonlySet<string>;
  readonly gone?: ReadonlySet<string>;
}

/** Layers by AWS's names of types, the longest that fits. */
const layerOfType: Readonly<Record<string, Layer>> = {
  'AWS::IAM': 'access', 'AWS::LakeFormation::DataLakeSettings': 'access',
  'AWS::EC2': 'network', 'AWS::SSM': 'network',
  'AWS::Events': 'source', 'AWS::Lambda': 'source', PostgreSQL: 'source',
  'AWS::Glue': 'processing', 'AWS::Glue::Workflow': 'control', 'AWS::Glue::Trigger': 'control', 'AWS::Glue::Database': 'catalog',
  'AWS::S3': 'storage', 'AWS::LakeFormation': 'catalog', 'AWS::Athena': 'use', 'AWS::QuickSight': 'use',
};

function layerOf({ type }: ResourceKind): Layer {
  const parts = type.split('::');
  for (let length = parts.length; length > 0; length--) {
    const layer = layerOfType[parts.slice(0, length).join('::')];
    if (layer) {
      return layer;
    }
  }
  return 'control';
}

const serviceNames: Readonly<Record<string, string>> = { Events: 'EventBridge', LakeFormation: 'Lake Formation', SSM: 'Systems Manager' };
const serviceOf = ({ type }: ResourceKind): string => {
  const [first = '', second = ''] = type.split('::');
  return first === 'AWS' ? (serviceNames[second] ?? second) : first;
};

interface Seen {
  readonly state: StepState;
  readonly finding?: MapFinding;
}

/** What a look found of a kind. What was not looked at is not known. */
function seenOf(kind: ResourceKind, steps: readonly VerifiedStep[], tutorial: Tutorial): Seen {
  const asking = tutorial.steps.filter(({ provisions }) => provisions.some((each) => each.kind === kind.id)).map(({ id }) => id);
  const looked = steps.filter(({ id }) => asking.includes(id));
  const resource = looked.flatMap(({ resources = [] }) => resources).find(({ id }) => id === kind.id);
  if (!resource) {
    // A step that was looked at leaves out only what nobody has agreed to pay for.
    return { state: looked.length > 0 && kind.consent ? 'nothing' : 'unknown' };
  }
  if (resource.state === 'done') {
    return { state: 'done' };
  }
  const found = looked.flatMap(({ findings }) => findings).find((finding) => finding.resource === kind.id);
  const follows = looked.find(({ follows: cause, found: because }) => cause !== undefined && because);
  return { state: resource.state, ...(found ? { finding: toFinding(found, kind.id) } : follows?.found ? { finding: { code: `${kind.id}.follows`, message: follows.found, fix: '', resource: kind.id } } : {}) };
}

const toFinding = ({ code, message, fix }: VerifiedFinding, resource: string): MapFinding => ({ code, message, fix, resource });

/** A part of a thing is there with it; what has come to it is what the job before it has done. */
function partState(whole: Seen, before: readonly Seen[]): Seen {
  if (whole.state !== 'done' || before.length === 0) {
    return whole;
  }
  const made = before.find(({ state }) => state !== 'done') ?? before[0];
  return made?.state === 'done' || made?.state === 'unknown' ? { state: made.state } : { state: 'waiting' };
}

interface Way {
  readonly to: string;
  readonly through: readonly string[];
}

/** All ways that data takes, by where they begin: of the catalogue, not of one tutorial. */
function waysOfData(): ReadonlyMap<string, readonly Way[]> {
  const ways = new Map<string, Way[]>();
  const add = (from: string, to: string, through: readonly string[]): void => void ways.set(from, [...(ways.get(from) ?? []), { to, through }]);
  for (const { id, flow } of catalogue) {
    Object.entries(flow?.from ?? {}).forEach(([from, through]) => add(from, id, through));
    Object.entries(flow?.to ?? {}).forEach(([to, through]) => add(id, to, through));
  }
  return ways;
}

/** Ways between things that are on the map: what is not on it is passed over. */
function reachedFrom(start: string, ways: ReadonlyMap<string, readonly Way[]>, isShown: (id: string) => boolean): Way[] {
  const reached = new Map<string, Way>();
  const visited = new Set<string>();
  const visit = (at: string, through: readonly string[]): void => {
    for (const way of ways.get(at) ?? []) {
      const all = [...new Set([...through, ...way.through])];
      if (isShown(way.to)) {
        reached.set(way.to, reached.get(way.to) ?? { to: way.to, through: all });
      } else if (!visited.has(way.to)) {
        visited.add(way.to);
        visit(way.to, all);
      }
    }
  };
  visit(start, []);
  // A way past what another way leads through is none of its own.
  return [...reached.values()];
}

/** What a kind stands on, of what is on the map. */
function standsOn(kind: ResourceKind, isShown: (id: string) => boolean, visited = new Set<string>()): Set<string> {
  const found = new Set<string>();
  for (const needed of [...dependencies(kind), ...reliances(kind)]) {
    if (isShown(needed.id)) {
      found.add(needed.id);
    } else if (!visited.has(needed.id)) {
      visited.add(needed.id);
      standsOn(needed, isShown, visited).forEach((id) => found.add(id));
    }
  }
  return found;
}

/** Without what follows from the rest: A stands on C is not told where A stands on B and B on C. */
function reduced(needs: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const below = (id: string, seen = new Set<string>()): Set<string> => {
    for (const next of needs.get(id) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        below(next, seen);
      }
    }
    return seen;
  };
  return new Map([...needs].map(([id, direct]) => [id, new Set([...direct].filter((each) => ![...direct].some((other) => other !== each && below(other).has(each))))]));
}

const isBad = ({ state }: Seen): boolean => state === 'missing' || state === 'wrong';

/** What is between two things, given how they and what stands between them were seen. */
function between(from: Seen, to: Seen, gates: readonly (Seen & { readonly id: string })[]): Pick<MapEdge, 'state' | 'finding'> {
  if (from.state === 'missing' || to.state === 'missing') {
    return { state: 'missing' };
  }
  const bad = gates.find(isBad);
  if (bad) {
    return { state: 'broken', finding: bad.finding ?? { code: `${bad.id}.missing`, message: l10n.t('{0}: not there.', findKind(bad.id)?.title() ?? bad.id), fix: '', resource: bad.id } };
  }
  const all = [from, to, ...gates];
  if (all.some(({ state }) => state !== 'done' && state !== 'waiting')) {
    return { state: 'unknown' };
  }
  return { state: all.every(({ state }) => state === 'done') ? 'open' : 'waiting' };
}

/**
 * The map of a tutorial.
 *
 * @param steps what a look at the account found; none when nobody could look, and then nothing has a state.
 * @param counts rows by zone, where they are known.
 */
export function lakeMap(tutorial: Tutorial, steps: readonly VerifiedStep[] = [], counts: MapCounts = {}, { newest = {}, objects = {}, running, made, gone }: MapNow = {}): LakeMap {
  const resources = resourcesOf(tutorial, undefined, false);
  const ways = waysOfData();
  const seen = new Map<string, Seen>(resources.map(({ kind }) => [kind.id, made?.has(kind.id) ? { state: 'done' } : gone?.has(kind.id) ? { state: 'missing' } : seenOf(kind, steps, tutorial)]));
  const seenAt = (id: string): Seen => seen.get(id) ?? { state: 'unknown' };
  const partsOf = new Map<string, Resource>(resources.flatMap((resource) => (resource.kind.parts ?? []).map((part): [string, Resource] => [part, resource])));
  for (const [part, { kind }] of partsOf) {
    const before = [...ways].filter(([from, to]) => seen.has(from) && to.some((way) => way.to === part)).map(([from]) => seenAt(from));
    seen.set(part, partState(seenAt(kind.id), before));
  }
  const nodes = resources.flatMap((resource): MapNode[] => {
    const { kind, step } = resource;
    const base = { kind: kind.id, step, service: serviceOf(kind), layer: layerOf(kind), ...(running?.has(kind.id) && { running: true as const }) };
    if (kind.parts) {
      return kind.parts.map((part) => ({ ...base, id: part, title: part, ...seenAt(part) }));
    }
    const charged = (of: 'perHour' | 'perRun'): number => (kind.costs ?? []).reduce((sum, cost) => sum + (cost[of] ?? 0), 0);
    const [perHour, perRun] = [charged('perHour'), charged('perRun')];
    return [{ ...base, id: kind.id, title: kind.title(), ...seenAt(kind.id), ...(perHour > 0 && { perHour }), ...(perRun > 0 && { perRun }) }];
  });
  const shown = new Set(nodes.map(({ id }) => id));
  const onMap = (id: string): boolean => shown.has(id);
  const edges: MapEdge[] = nodes.flatMap(({ id }) => reachedFrom(id, ways, onMap).map(({ to, through }): MapEdge => {
    const gates = through.filter((gate) => seen.has(gate)).map((gate) => ({ id: gate, ...seenAt(gate) }));
    const [count, last, held] = [counts[to], newest[to], objects[to]];
    return { from: id, to, kind: 'flow', ...between(seenAt(id), seenAt(to), gates), ...(count !== undefined && { count }), ...(last !== undefined && { newest: last }), ...(held !== undefined && { objects: held }) };
  }));
  const flowing = new Set(edges.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  const known = (id: string): boolean => seen.has(id);
  const needs = reduced(new Map(resources.map(({ kind }) => [kind.id, standsOn(kind, known)])));
  for (const { kind } of resources) {
    for (const needed of needs.get(kind.id) ?? []) {
      const ends = (id: string): readonly string[] => findKind(id)?.parts ?? [id];
      for (const from of ends(needed)) {
        for (const to of ends(kind.id).filter((each) => !flowing.has(`${from} ${each}`))) {
          edges.push({ from, to, kind: 'needs', ...standing(seenAt(kind.id), { id: needed, ...seenAt(needed) }) });
        }
      }
    }
  }
  return { title: tutorial.title, nodes, edges };
}

/** Whether what a thing stands on holds it. */
function standing(thing: Seen, ground: Seen & { readonly id: string }): Pick<MapEdge, 'state' | 'finding'> {
  return thing.state !== 'unknown' && thing.state !== 'nothing' && thing.state !== 'missing' && isBad(ground) ? between(thing, thing, [ground]) : between(ground, thing, []);
}
