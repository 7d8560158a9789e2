import { isType } from '../audit/event.ts';
import { lanes, scopes } from '../audit/lane.ts';
import { evidenceOf } from '../checklist/builders.ts';
import { type Checklist, checklistDigest, type Item, isDeviationOf } from '../checklist/definition.ts';
import { diffDefinitions, type SaidDeviation, saidIn } from '../checklist/definition-diff.ts';
import { sectionOf } from '../checklist/listing.ts';
import { thresholdsOf, titlesIn } from '../checklist/thresholds.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { kindOf } from '../registry/rules.ts';
import { type Difference, lineDifferences, looseDifferences } from './diff-words.ts';

/** By what the items are grouped. An item that serves several controls stands under each of them. */
export const checklistGroupings = ['phase', 'owner', 'control'] as const;
export type ChecklistGrouping = (typeof checklistGroupings)[number];

export type ChecklistLine = Pick<
  Item,
  'id' | 'words' | 'title' | 'owner' | 'proof' | 'controls' | 'mode' | 'observeUntil' | 'source' | 'waivable' | 'optional' | 'maxAgeSeconds'
> & {
  /** What its rule asks, in one sentence; null where nothing is judged. */
  readonly asks: string | null;
  readonly thresholds: readonly string[];
  readonly evidence: readonly string[];
  readonly deviations: readonly SaidDeviation[];
};

/** A checklist as people read it. */
export type ChecklistView = Pick<Checklist, 'name' | 'version'> & {
  readonly digest: string;
  readonly isCurrent: boolean;
  /** The service whose profile gives it; null of a bare checklist. */
  readonly service: string | null;
  readonly count: number;
  readonly own: number;
  readonly by: ChecklistGrouping;
  readonly sections: readonly { readonly name: string; readonly lines: readonly ChecklistLine[] }[];
  /** The difference to another one, where it was asked for. */
  readonly diff: { readonly from: string; readonly version: string; readonly differences: readonly Difference[] } | null;
};

type Asked = { readonly by: ChecklistGrouping; readonly digest?: string | undefined; readonly diff?: string | undefined };

export const readChecklistView = async (
  deps: Pick<Dependencies, 'definitions' | 'trail'>,
  { by, ...asked }: Asked,
): Promise<Outcome<ChecklistView>> => {
  const { definitions } = deps;
  const current = definitions.current();
  const [digest, diff] = await Promise.all([asked.digest, asked.diff].map((one) => wholeDigest(deps, one)));
  const read = async (one: string): Promise<Checklist | undefined> => {
    if (one === current.digest) return current.checklist;
    return isWhole(one) ? definitions.read(one) : undefined;
  };
  const shown = digest === undefined ? current.checklist : await read(digest);
  const old = diff === undefined ? undefined : await read(diff);
  if (shown === undefined) return unknown(digest ?? '');
  if (diff !== undefined && old === undefined) return unknown(diff);
  const own = shown.items.filter(({ source }) => source !== 'document').length;
  return ok({
    name: shown.name,
    version: shown.version,
    digest: checklistDigest(shown),
    service: shown.profile?.service ?? null,
    isCurrent: digest === undefined || digest === current.digest,
    count: shown.items.length,
    own,
    by,
    sections: sectionsOf(shown, by),
    diff: old === undefined ? null : { from: checklistDigest(old), version: old.version, differences: differencesOf(old, shown) },
  });
};

/** So many published checklists are searched for one whose digest begins so. */
const mostSearched = 200;
const isWhole = (digest: string): boolean => digest.length === 64;

/** The digest that begins so, of the current checklist or a published one; what was given where none or more than one does. */
const wholeDigest = async (
  { definitions, trail }: Pick<Dependencies, 'definitions' | 'trail'>,
  given: string | undefined,
): Promise<string | undefined> => {
  if (given === undefined || isWhole(given)) return given;
  const published = await trail.read(scopes.installation, { lane: lanes.definition, last: mostSearched });
  const known = new Set([
    definitions.current().digest,
    ...published.filter(isType('definition.published')).map(({ event }) => event.data.digest),
  ]);
  const found = [...known].filter((digest) => digest.startsWith(given));
  return found.length === 1 ? found[0] : given;
};

const differencesOf = (from: Checklist, to: Checklist): readonly Difference[] => {
  const diff = diffDefinitions(from, to);
  return [...looseDifferences(diff), ...lineDifferences(diff)];
};

const unknown = (digest: string): ReturnType<typeof refuse> =>
  refuse('definition-unknown', 'No checklist was published under this digest.', {
    got: digest,
    expected: 'the digest of a `definition.published` event, or the beginning of one, which no other begins with',
    fix: 'Take it from the page of a run, or search for the event on the page Audit.',
  });

const groupings: Readonly<Record<ChecklistGrouping, (checklist: Checklist, item: Item) => readonly string[]>> = {
  phase: (checklist, item) => [sectionOf(checklist, item)],
  owner: (_, { owner }) => [owner],
  control: (_, { controls }) => controls,
};

const sectionsOf = (checklist: Checklist, by: ChecklistGrouping): ChecklistView['sections'] => {
  const sections = new Map<string, ChecklistLine[]>();
  for (const item of checklist.items)
    for (const name of groupings[by](checklist, item)) sections.set(name, [...(sections.get(name) ?? []), lineOf(checklist, item)]);
  const found = [...sections].map(([name, lines]) => ({ name, lines }));
  return by === 'control' ? found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })) : found;
};

const lineOf = (checklist: Checklist, item: Item): ChecklistLine => {
  const { id, words, title, owner, proof, controls, mode, observeUntil, source, waivable, optional, maxAgeSeconds, rule } = item;
  return {
    ...{ id, words, title, owner, proof, controls, mode, source, waivable, optional, maxAgeSeconds },
    ...(observeUntil === undefined ? {} : { observeUntil }),
    asks: rule === null ? null : kindOf(rule).description,
    thresholds: thresholdsOf(rule, titlesIn(checklist)).map(({ text }) => text),
    evidence: evidenceOf(item),
    deviations: checklist.deviations.filter((one) => isDeviationOf(one, item)).map((one) => saidIn(checklist, one)),
  };
};
