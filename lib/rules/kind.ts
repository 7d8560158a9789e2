import * as z from 'zod';
import type { DataOf, Stored } from '../audit/event.ts';
import type { Figure } from '../folds/measurements.ts';
import type { Judgement, Verdict } from '../verdict.ts';
import type { ParameterWords } from './parameter-words.ts';
import type { ServiceParameter, ServiceSide } from './service-parameters.ts';

/** How far a stage may change a figure of a rule: beyond, a threshold would let everything pass. */
export type Bound = { readonly least?: number; readonly most?: number };

/**
 * The lanes of a run, beside the checks' own, from which a check can be computed. `environment` is no lane of the run: it stands for what the
 * scopes of its service's environments say, and only the reconciler reads it, at T0.
 */
export type RunLane = 'deployment' | 'observation' | 'measurement' | 'notice' | 'approval' | 'rollback' | 'environment';

/**
 * What makes a computed check true: people who sign, reports of the deployment, the alarms themselves, the labels of observations, series that are
 * sent for other checks, mails that Holdpoint sends, the version to go back to, a rehearsal, explanations of changes, the steps of a rollback, or
 * other checks.
 */
export const suppliers = [
  'signatures',
  'deployment',
  'alarms',
  'labels',
  'series',
  'notices',
  'target',
  'drill',
  'explanations',
  'rollback',
  'checks',
] as const;
export type Supplier = (typeof suppliers)[number];

/** What a computed rule judges: the run's lanes as they were read, and what follows from the check's place in the checklist. */
export type RunInputs = {
  readonly now: Date;
  readonly release: DataOf<'run.started'>;
  readonly lanes: Readonly<Record<RunLane, readonly Stored[]>>;
  /** Milliseconds since 1970 at which the window of the check's gate ends; undefined before its anchor is known. */
  readonly windowEndsAt: number | undefined;
  /** Names the entry of the check's gate while that gate is the open one. */
  readonly entry: string | undefined;
  /** Another check of the run as it stands now; undefined when the checklist does not have it. */
  readonly finding: (
    check: string,
  ) => { readonly verdict: Verdict; readonly reason: string; readonly title?: string; readonly mode?: 'required' | 'observe' } | undefined;
};

/** Typed facts of any evidence type. `as`: another type of which they have every member (`judgedAs` in `lib/evidence/kind.ts`). */
type SomeFacts = { readonly type: string; readonly as?: string };

/** Whether the rules on this type of evidence judge these facts. */
export const areJudgedAs = ({ type, as }: SomeFacts, evidence: string | null): boolean => type === evidence || as === evidence;
type Shape = z.core.$ZodLooseShape;
type RuleOf<K extends string, S extends Shape> = z.infer<z.ZodObject<S & { kind: z.ZodLiteral<K> }, z.core.$strict>>;
type NumericKeys<R> = { [N in keyof R]-?: NonNullable<R[N]> extends number ? N : never }[keyof R];

/**
 * A kind of rule: everything that the rest of Holdpoint asks of it. `R` is the rule as data, `I` what its judge gets: facts of one
 * piece of evidence, or the run's inputs. A judge is pure. A computed judge returns undefined while there is nothing to say yet.
 */
export type RuleKind<R, I, E extends string | null = string | null> = {
  readonly kind: string;
  /** What the rule asks, in one sentence for people. */
  readonly description: string;
  readonly schema: z.ZodType<R>;
  readonly bounds: Readonly<Record<string, Bound>>;
  /** Every parameter as people read it. */
  readonly words: Readonly<Record<string, ParameterWords>>;
  /** The type of evidence that it judges; null when it is computed from lanes. */
  readonly evidence: E;
  /** The lanes that a computed rule reads. */
  readonly lanes: readonly RunLane[];
  /** Of a computed rule: what makes it true. Null: evidence does. */
  readonly supplier: Supplier | null;
  /** Ids of the other checks that it refers to. */
  readonly refersTo: (rule: R) => readonly string[];
  /** Whether this report is the rule's business at all. */
  readonly appliesTo: (rule: R, facts: SomeFacts) => boolean;
  /** Of a rule on evidence: which reports are its business, for a sender whose report serves no check. */
  readonly wants: (rule: R) => string;
  /** How a command names the file: as Holdpoint's own commands write it, and `FILE` where other tools name it. */
  readonly file: (rule: R) => string;
  /** The notices that the reconciler sends before it judges the check. */
  readonly sends: (rule: R) => readonly string[];
  /** Whether an event of a lane in `lanes` can change the verdict. Events of the check's own lane always can. */
  readonly concernedBy: (rule: R, event: Stored) => boolean;
  /** The other type of evidence with which the rule's reports may be compared; null: none. */
  readonly besideEvidence: string | null;
  /** What such evidence says by itself. Undefined where it is not the rule's business. */
  readonly beside: (rule: R, facts: SomeFacts) => Judgement | undefined;
  /** measured: from a report or from lanes; attested: a person's word. */
  readonly basis: 'measured' | 'attested';
  /** Whether the proof spans the waiting window of its gate, which a stage may shorten. */
  readonly windowed: boolean;
  /** Whether a pass stays although what it was computed from can no longer be read: a signature is given at its own gate only. */
  readonly lasting: boolean;
  readonly judge: (rule: R, input: I) => Judgement | undefined;
  /** Which parameters of a service the rule has. */
  readonly service: ServiceSide<R>;
  /**
   * Whether later reports of a source, together, cover what an earlier one did not pass: a failing test, for instance, is covered by a
   * report in which that very test passed.
   */
  readonly covers: (rule: R, later: readonly SomeFacts[], earlier: SomeFacts) => boolean;
  /** The series that it judges, with the limits; undefined for a rule that judges none. */
  readonly drawn: (rule: R) => Drawn | undefined;
  /** What of its reports, together, is compared with an earlier release as well; undefined where nothing is. */
  readonly compares: (rule: R) => Comparison | undefined;
  /** Of a computed rule that compares figures with those of an earlier release: the series of that release. Undefined of any other. */
  readonly comparesFigures: (rule: R) => string | undefined;
  /** Whether a rehearsal of the rollback that Holdpoint recorded proves the same as a report. */
  readonly isProvedByDrill: (rule: R) => boolean;
  /** What only the exit code of the tool tells, and nothing does where none came with the report; undefined where the report tells all. */
  readonly untold: (facts: SomeFacts) => string | undefined;
};

/**
 * tests: with those that passed in the last stable release (`tests-kept.ts`); base: of reviews, with the live version (`base-reviewed.ts`);
 * changes: of coverage, with the files that changed since the live version, where a record lists them (`changed-files.ts`).
 */
export type Comparison = 'tests' | 'base' | 'changes';

/** What a sender must know of a report that passes by itself. */
export const comparisonWords: Readonly<Record<Comparison, string>> = {
  tests: 'all tests of the run together are compared with those that passed in the last stable release',
  base: 'where the list begins is compared with the live version',
  changes: 'the coverage of all reports together is compared with the files that changed',
};

type Common<K extends string, S extends Shape> = {
  /** `<name>/<version>`: a rule with another meaning gets another version, because definitions are kept for years. */
  readonly kind: K;
  readonly description: string;
  /** Without `kind` and `evidence`. Durations are in seconds, shares in percent. A limit that is absent is not set. */
  readonly parameters: S;
  readonly words: Readonly<Record<keyof S & string, ParameterWords>>;
  /** Every numeric parameter, and how far a stage may change it. */
  readonly bounds: Readonly<Record<NumericKeys<RuleOf<K, S>> & string, Bound>>;
};

/** With what a figure of a series is compared: a value of its own, or a share of a baseline, the run's own or that of an earlier release, that is not below a floor. */
export type DrawnLimit = { readonly figure: Figure; readonly sense: 'most' | 'least' } & (
  | { readonly value: number }
  | { readonly baselinePct: number; readonly floor: number; readonly of: 'run' | 'last-stable' }
);

/** What a rule compares of series, for people who look at them. */
export type Drawn = {
  /** The names of the series. */
  readonly series: readonly string[];
  readonly limits: readonly DrawnLimit[];
  /** A longer stretch without a point is a gap, in seconds. */
  readonly maxGapSeconds?: number;
  /** Whether it judges how the p95 rises from window to window. */
  readonly trend?: true;
};

const noSide = { takes: (): readonly ServiceParameter[] => [], fitted: <R>(rule: R): R => rule };

/** A rule that judges one piece of evidence at a time. Its judge says of which type, by the facts that it takes. */
export const evidenceRule = <const K extends string, F extends SomeFacts, S extends Shape>(
  given: Common<K, S> & {
    readonly evidence: F['type'];
    readonly basis?: 'attested';
    /** Leave it out where every report of the type is the rule's business. */
    readonly appliesTo?: (rule: RuleOf<K, S>, facts: F) => boolean;
    readonly wants?: (rule: RuleOf<K, S>) => string;
    readonly file?: (rule: RuleOf<K, S>) => string;
    /** Leave it out where every report of the type measures the same whole again. */
    readonly covers?: (later: readonly F[], earlier: F, rule: RuleOf<K, S>) => boolean;
    readonly judge: (rule: RuleOf<K, S>, facts: F) => Judgement;
    /** Leave it out where no parameter of a service stands in the rule. */
    readonly service?: ServiceSide<RuleOf<K, S>>;
    readonly drawn?: (rule: RuleOf<K, S>) => Drawn;
    readonly compares?: (rule: RuleOf<K, S>) => Comparison | undefined;
    readonly isProvedByDrill?: (rule: RuleOf<K, S>) => boolean;
    readonly untold?: (facts: F) => string | undefined;
    readonly beside?: { readonly evidence: string; readonly judge: (rule: RuleOf<K, S>, facts: SomeFacts) => Judgement | undefined };
  },
) => {
  type R = RuleOf<K, S & { evidence: z.ZodLiteral<F['type']> }>;
  const { appliesTo = () => true, covers = () => true, wants = () => `evidence of type ${given.evidence}` } = given;
  return {
    ...given,
    schema: z.strictObject({
      kind: z.literal(given.kind),
      evidence: z.literal(given.evidence),
      ...given.parameters,
    }) as unknown as z.ZodType<R>,
    lanes: [],
    supplier: null,
    refersTo: () => [],
    sends: () => [],
    wants: (rule) => wants(rule as never),
    file: (rule) => given.file?.(rule as never) ?? 'FILE',
    appliesTo: (rule, facts) =>
      areJudgedAs(facts, given.evidence)
        ? appliesTo(rule as never, facts as never)
        : given.beside?.judge(rule as never, facts) !== undefined,
    besideEvidence: given.beside?.evidence ?? null,
    beside: (rule, facts) => given.beside?.judge(rule as never, facts),
    concernedBy: () => false,
    basis: given.basis ?? 'measured',
    windowed: false,
    lasting: true,
    judge: (rule, facts) => given.judge(rule as never, facts),
    service: given.service === undefined ? noSide : (given.service as unknown as ServiceSide<R>),
    covers: (rule, later, earlier) => covers(later as never, earlier as never, rule as never),
    drawn: (rule) => given.drawn?.(rule as never),
    compares: (rule) => given.compares?.(rule as never),
    comparesFigures: () => undefined,
    isProvedByDrill: (rule) => given.isProvedByDrill?.(rule as never) ?? false,
    untold: (facts) => given.untold?.(facts as never),
    /** A rule of this kind, for the definition. */
    of: (parameters: Omit<R, 'kind' | 'evidence'>): R => ({ kind: given.kind, evidence: given.evidence, ...parameters }) as R,
  } satisfies RuleKind<R, F, F['type']> & { readonly of: unknown };
};

/** A rule that is computed from the run's own lanes whenever its gate is decided. */
export const computedRule = <const K extends string, S extends Shape>(
  given: Common<K, S> & {
    readonly lanes: readonly RunLane[];
    readonly supplier: Supplier;
    readonly refersTo?: (rule: RuleOf<K, S>) => readonly string[];
    readonly sends?: (rule: RuleOf<K, S>) => readonly string[];
    readonly concernedBy: (rule: RuleOf<K, S>, event: Stored) => boolean;
    readonly basis?: 'attested';
    readonly windowed?: true;
    readonly lasting?: true;
    readonly drawn?: (rule: RuleOf<K, S>) => Drawn;
    readonly comparesFigures?: (rule: RuleOf<K, S>) => string;
    readonly judge: (rule: RuleOf<K, S>, inputs: RunInputs) => Judgement | undefined;
  },
) => {
  type R = RuleOf<K, S>;
  return {
    ...given,
    schema: z.strictObject({ kind: z.literal(given.kind), ...given.parameters }) as unknown as z.ZodType<R>,
    evidence: null,
    refersTo: given.refersTo ?? (() => []),
    sends: given.sends ?? (() => []),
    appliesTo: () => false,
    wants: () => 'no evidence',
    file: () => 'FILE',
    basis: given.basis ?? 'measured',
    windowed: given.windowed ?? false,
    lasting: given.lasting ?? false,
    covers: () => true,
    drawn: (rule) => given.drawn?.(rule as never),
    service: noSide,
    besideEvidence: null,
    beside: () => undefined,
    compares: () => undefined,
    comparesFigures: (rule) => given.comparesFigures?.(rule as never),
    isProvedByDrill: () => false,
    untold: () => undefined,
    /** A rule of this kind, for the definition. */
    of: (parameters: Omit<R, 'kind'>): R => ({ kind: given.kind, ...parameters }) as R,
  } satisfies RuleKind<R, RunInputs, null> & { readonly of: unknown };
};

/**
 * In which direction a figure of a rule is stricter. A bound says how far a stage may weaken a figure, so one that has a least value is weaker
 * below it, and one that has a most value is weaker above it. Where there are both or none, the name says it. Undefined: neither does.
 */
export const stricterIs = (parameter: string, { least, most }: Bound): 'larger' | 'smaller' | undefined => {
  if ((least === undefined) !== (most === undefined)) return least === undefined ? 'smaller' : 'larger';
  if (/^min(?=[A-Z]|$)/.test(parameter)) return 'larger';
  return /^(?:max|most)(?=[A-Z]|$)/.test(parameter) ? 'smaller' : undefined;
};
