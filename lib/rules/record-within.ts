import * as z from 'zod';
import { bareName, keyOfEndpoint } from '../evidence/listed-names.ts';
import type { RecordFacts, RecordId } from '../evidence/record.ts';
import { recordLimits } from '../evidence/record-limits.ts';
import { figureInWords, nameInWords } from '../evidence/records/figure-words.ts';
import type { recordKinds } from '../evidence/records/index.ts';
import { environments, type Limit, type LimitsOf, type RecordKind } from '../evidence/records/kind.ts';
import { nameSchema } from '../fields.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { type Bound, evidenceRule, type RuleKind } from './kind.ts';
import { atLeast, atMost, chosen, listed, type ParameterWords, type Unit } from './parameter-words.ts';
import { withParts } from './parts.ts';
import type { ServiceSide } from './service-parameters.ts';
import { among, withNames } from './shown-by-name.ts';

/** Which records concern a check, beside the kind: those of this environment, and those that say that they are about this, or about this file. */
const whichParameters = {
  about: nameSchema.optional(),
  environment: z.enum(environments).optional(),
  path: z.string().min(1).max(300).optional(),
  /** Beside what the record says by itself, it begins behind the commit of the version that is live. */
  base: z.literal('live').optional(),
  /** Globs of the files that migrate data: a release that changes one of them migrates data, whatever its start says. */
  migrations: z.array(z.string().min(1)).min(1).optional(),
  /** Each of these must be among what the record lists by name. */
  endpoints: z.array(z.string().min(1)).min(1).optional(),
  services: z.array(z.string().min(1)).min(1).optional(),
  /** A rehearsal that Holdpoint recorded itself proves the same. */
  or: z.literal('own-drill').optional(),
};
const whichWords: Readonly<Record<keyof typeof whichParameters, ParameterWords>> = {
  about: chosen('about', {}, 'anything'),
  environment: chosen('environment', {}, 'any'),
  path: listed('file', 'any'),
  base: chosen('begins behind', { live: 'the commit of the version that is live' }, 'any commit'),
  migrations: listed('files that migrate data', 'not named'),
  endpoints: listed('endpoints that it must list', 'none named'),
  services: listed('services that it must list', 'none named'),
  or: chosen('proves the same', { 'own-drill': 'a rehearsal of the rollback that Holdpoint recorded' }, 'nothing else'),
};
type Which = {
  readonly endpoints?: string[] | undefined;
  readonly services?: string[] | undefined;
  readonly migrations?: readonly string[] | undefined;
  readonly base?: 'live' | undefined;
  readonly or?: 'own-drill' | undefined;
  readonly about?: string | undefined;
  readonly environment?: (typeof environments)[number] | undefined;
  readonly path?: string | undefined;
};
/** A rule on records as data. The limits stand beside, under the names that the kind of record gives them. */
export type RecordRule = Which & { readonly kind: `${RecordId}-record/1`; readonly evidence: 'record' };
type Limited<L extends LimitsOf> = Which & { readonly [Name in keyof L]?: number | undefined };

/**
 * The rule that judges records of one kind: nothing in the record is wrong by its own content, and each figure keeps its limit. A limit that
 * is absent is not set. A record that lists nothing, or a figure that it does not tell, is inconclusive.
 */
const recordRule = <const Id extends RecordId, L extends LimitsOf>(
  kind: Pick<RecordKind<Id, L>, 'id' | 'description' | 'limits'>,
): RuleKind<RecordRule, RecordFacts, 'record'> => {
  const limits: Readonly<Record<string, Limit>> = kind.limits;
  const names = Object.keys(limits);
  return evidenceRule({
    kind: `${kind.id}-record/1` as const,
    description: `${kind.description}: nothing in the record is wrong, and its figures keep their limits.`,
    evidence: 'record',
    parameters: {
      ...whichParameters,
      ...(Object.fromEntries(names.map((name) => [name, z.number().min(0).optional()])) as Record<never, never>),
    },
    words: {
      ...whichWords,
      ...Object.fromEntries(Object.entries(limits).map(([name, one]): [string, ParameterWords] => [name, limitWords(one)])),
    },
    bounds: Object.fromEntries(names.map((name): [string, Bound] => [name, limits[name]?.bound ?? {}])) as never,
    service: (sides[kind.id] ?? plainSide) as never,
    wants: (given) => wantsOf(kind.id, given),
    file: ({ about }: Which) => `${about ?? kind.id}.record.json`,
    isProvedByDrill: ({ or }: Which) => or !== undefined,
    compares: ({ base }: Which) => (base === undefined ? undefined : 'base'),
    appliesTo: ({ about, environment, path }, facts: RecordFacts) =>
      facts.record === kind.id &&
      (about === undefined || facts.about === about) &&
      (environment === undefined || facts.environment === environment) &&
      (path === undefined || facts.path === path),
    covers: (later: readonly RecordFacts[], earlier: RecordFacts) =>
      later.some(
        ({ record, about, environment }) => record === earlier.record && about === earlier.about && environment === earlier.environment,
      ),
    judge: (given, facts: RecordFacts) => withListed(judgementOf(limits, given, facts), given, facts),
  }) as unknown as RuleKind<RecordRule, RecordFacts, 'record'>;
};

/** Other units say what is counted, as the name does. */
const measured: readonly string[] = ['%', 's', 'min', 'h', 'days'] satisfies readonly Unit[];
const limitWords = ({ name, is, unit }: Limit): ParameterWords =>
  (is === 'least' ? atLeast : atMost)(name, unit !== undefined && measured.includes(unit) ? (unit as Unit) : undefined);

const plainSide: ServiceSide<Which> = { takes: () => [], fitted: (rule) => rule };
/** Kinds of records in whose rules parameters of a service stand. */
type PortLimits = { readonly minServices?: number | undefined; readonly minProbed?: number | undefined };
const sides: Readonly<Record<string, ServiceSide<Which & PortLimits>>> = {
  document: { takes: () => ['document'], fitted: (rule, { document }) => (document === undefined ? rule : { ...rule, path: document }) },
  migration: {
    takes: () => ['migrations'],
    fitted: (rule, { migrations }) => (migrations === undefined ? rule : { ...rule, migrations: [...migrations] }),
  },
  routes: {
    takes: () => ['endpoints'],
    fitted: (rule, { endpoints }) => (endpoints === undefined ? rule : { ...rule, endpoints: [...endpoints] }),
  },
  'data-check': {
    takes: ({ about }) => (about === 'consistency' ? ['services'] : []),
    fitted: (rule, { services }) => (rule.about !== 'consistency' || services === undefined ? rule : { ...rule, services: [...services] }),
  },
  // The record says itself what may be open, so the profile bounds that where the closed ports are asked for.
  ports: {
    takes: ({ minServices, minProbed }) => [
      ...(minServices === undefined ? [] : (['ports', 'services'] as const)),
      ...(minServices === undefined && minProbed !== undefined ? (['ports'] as const) : []),
    ],
    fitted: (rule, { ports, services }) => ({
      ...rule,
      ...(rule.minServices === undefined || services === undefined ? {} : { services: [...services] }),
      ...(rule.minServices === undefined || ports === undefined ? {} : { minPort: ports.from, maxPort: ports.to }),
      ...(rule.minProbed === undefined || ports === undefined ? {} : { minAllowedPort: ports.from, maxAllowedPort: ports.to }),
    }),
  },
};

/** Where a record names what a profile lists, if not anywhere in it. */
const places: Readonly<Record<string, string>> = { 'data-check': 'a side of a comparison with rows' };

const withListed = (judgement: Judgement, { endpoints, services }: Which, { record: kind, named }: RecordFacts): Judgement => {
  const isNamed = among(named);
  const common = {
    where: places[kind] ?? 'in the record',
    ...(named === undefined ? { advice: 'the facts have no names: send the record again' } : {}),
  };
  if (endpoints !== undefined)
    return withNames(judgement, { kind: 'endpoint', names: endpoints, isShown: (name) => isNamed(keyOfEndpoint(name)), ...common });
  return services === undefined
    ? judgement
    : withNames(judgement, { kind: 'component', names: services, isShown: (name) => isNamed(bareName(name)), ...common });
};

const wantsOf = (id: string, { about, environment, path }: Which): string =>
  `a record \`${id}\`${about === undefined ? '' : ` about \`${about}\``}${environment === undefined ? '' : ` with the environment \`${environment}\``}${path === undefined ? '' : ` with the path \`${path}\``}`;

const judgementOf = (limits: LimitsOf, given: Readonly<Record<string, unknown>>, facts: RecordFacts): Judgement => {
  const judgement = judgeRecord(limits, given, facts);
  const { parts, partsLeftOut = 0 } = facts;
  if (parts === undefined || parts.length === 0) return judgement;
  // A fault that is no listed part's is covered by no exception for a part, nor is a figure beyond its limit.
  const faultsCount = facts.faultsCount - parts.filter(({ fault }) => fault !== null).length;
  const [first = 'a part that is not listed'] = facts.faults.filter((one) => !parts.some(({ fault }) => fault === one));
  return withParts(judgement, {
    parts: parts.map(({ kind, id, fault }) => ({
      subject: { kind, id },
      verdict: fault === null ? 'pass' : 'fail',
      reason: fault ?? 'nothing is wrong',
    })),
    besides: judgeRecord(limits, given, { ...facts, faultsCount, faults: [first] }),
    unnamed: partsLeftOut,
  });
};

/** Units that are nouns are written as several: `days`. */
const one = (unit: string): string => (/^[a-z]{3,}s$/.test(unit) ? unit.slice(0, -1) : unit);

const judgeRecord = (limits: LimitsOf, given: Readonly<Record<string, unknown>>, facts: RecordFacts): Judgement => {
  const sides = new Map(Object.values(limits).map(({ of, is }) => [of, is]));
  const said = Object.entries(facts.figures).map(([name, value]) => figureInWords(facts.record, name, value, sides.get(name)));
  const figures = [`by ${facts.tool}`, ...said].join(', ');
  if (facts.faultsCount > 0)
    return { verdict: 'fail', reason: `${counted(facts.faultsCount, 'fault')}; first: ${facts.faults[0]}; ${figures}` };
  const set = Object.entries(limits).flatMap(([name, { of }]) => (typeof given[name] === 'number' ? [of] : []));
  const [doubt] = set.flatMap((figure) => facts.doubts?.[figure] ?? []);
  if (doubt !== undefined) return { verdict: 'inconclusive', reason: `${doubt}; ${figures}` };
  if (facts.items === 0) return { verdict: 'inconclusive', reason: `the record lists nothing; ${figures}` };
  const broken: string[] = [];
  for (const [name, { of, is, unit }] of Object.entries(limits)) {
    const limit = given[name];
    if (typeof limit !== 'number') continue;
    const value = facts.figures[of] ?? null;
    if (value === null) return { verdict: 'inconclusive', reason: `the record does not say the ${nameInWords(of)}; ${figures}` };
    if (is === 'least' ? value < limit : value > limit)
      broken.push(
        `${figureInWords(facts.record, of, value, is)}, at ${is} ${limit}${unit === undefined ? '' : ` ${limit === 1 ? one(unit) : unit}`} expected`,
      );
  }
  return broken.length > 0 ? { verdict: 'fail', reason: broken.join('; ') } : { verdict: 'pass', reason: figures };
};

/** The rules of all records. */
export const recordRules = recordLimits.map((kind) => recordRule(kind as RecordKind<RecordId>));

type LimitsNamed<Id extends RecordId> = Extract<(typeof recordKinds)[number], { readonly id: Id }>['limits'];

/** The rule about records of a kind as data, for the definition. */
export const record = <Id extends RecordId>(id: Id, parameters: Limited<LimitsNamed<Id>>): RecordRule => ({
  kind: `${id}-record/1`,
  evidence: 'record',
  ...parameters,
});

/** Whether the rule judges lists of commits, which say who wrote the release. */
export const listsCommits = ({ kind }: { readonly kind: string }): boolean => kind === record('reviews', {}).kind;
