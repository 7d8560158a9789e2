import { byLane, type DataOf, type Draft, isType, type Stored } from '../../audit/event.ts';
import { genesis, lanes } from '../../audit/lane.ts';
import { makeEvent } from '../../audit/make-event.ts';
import { digestOf, excerpt } from '../../canonical-json.ts';
import { type Checklist, type Item, itemOf } from '../../checklist/definition.ts';
import { ownSource, type Proof, proofNamed, proofsBy, proofsOf, sourcesServed } from '../../checklist/proofs.ts';
import { besideSource } from '../../evaluation/beside.ts';
import { attemptOf } from '../../evaluation/standing.ts';
import { isBaseline } from '../../evaluation/standing-evidence.ts';
import type { Judged } from '../../fields.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { comparedBy, comparisonWords, type EvidenceRule, isEvidenceRule, judgeEvidence, kindOf, withUntold } from '../../registry/rules.ts';
import { namedAuthors } from '../../registry/stored-facts.ts';
import { withParts } from '../../rules/parts.ts';
import type { Judgement } from '../../verdict.ts';
import { appendToLane, ofType, type RunContext, system, withAppended } from '../state/run-context.ts';
import { noteMigrations } from './note-migrations.ts';
import { isUnmeasured, recordMeasurements } from './record-measurements.ts';
import { coveredIn, type FactsReader, readFactsOnce, storedFacts } from './succession.ts';

type Recorded = Stored<'evidence.recorded'>;
type Proved = Item & { readonly rule: EvidenceRule };

const isProved = (check: Item): check is Proved => check.rule !== null && isEvidenceRule(check.rule);

/** The checks that evidence of this type proves by itself. */
export const checksProvedBy = (checklist: Checklist, type: string): Proved[] =>
  checklist.items.filter(isProved).filter((check) => proofsOf(check).some(({ rule }) => rule.evidence === type));

/** The checks whose rule judges this kind of report; of a SARIF log, for instance, only those that trust its tool. */
export const servedBy = (checklist: Checklist, facts: StoredFacts): Proved[] =>
  checklist.items.filter(isProved).filter((check) => check.gate !== null && proofsBy(check, facts).length > 0);

/**
 * Judges one recorded piece of evidence for every check that it serves, in each check's own lane, records what it measured, and returns the
 * events. Checks that have judged it already keep their judgement, so that an interrupted fan-out is completed by running it again.
 */
export const fanOut = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  context: RunContext,
  { evidence, facts }: Judging,
): Promise<readonly Stored[]> => {
  // Before the checks that it serves judge it: then an interrupted fan-out is seen, and repeated with its notes.
  const recorded = evidence.event.type === 'evidence.recorded' ? (evidence as Recorded) : undefined;
  const noted = recorded === undefined ? [] : await noteMigrations(deps, context, { evidence: recorded, facts });
  const judged: Stored<'check.judged'>[] = [];
  // A baseline proves nothing: the reconciler compares the checks that it serves with it.
  const proves = isBaseline(facts) ? [] : evidence.event.data.serves;
  for (const id of proves) {
    const check = itemOf(context.checklist, id);
    if (check === undefined || !isProved(check)) continue;
    for (const source of sourcesServed(evidence.event.data, id)) {
      const proof = proofNamed(check, source);
      if (proof !== undefined) judged.push(await judge(deps, context, { check, proof }, { evidence, facts }));
    }
  }
  // A run's own baseline is measured for it.
  if (recorded === undefined) return judged as Stored[];
  return [...noted, ...judged, ...(await recordMeasurements(deps, context, { evidence: recorded, facts, judged }))] as Stored[];
};

/** Names the subject of a check's judgement: what was measured, and by whom. */
export const subjectOf = ({ component, source }: { readonly component?: string | null | undefined; readonly source: string }): string =>
  `${component ?? '*'}/${source}`;

export const judgedOf =
  (checklist: Checklist) =>
  ({ event: { data } }: Stored<'check.judged'>): Judged => {
    const rule = itemOf(checklist, data.check)?.rule;
    const comparison = rule == null ? undefined : comparedBy(rule);
    return {
      check: data.check,
      verdict: data.verdict,
      reason: data.reason,
      attempt: data.attempt,
      ...(comparison === undefined ? {} : { comparedLater: comparisonWords[comparison] }),
    };
  };

/** What is judged: evidence that was sent to the run, or standing evidence that it carries. */
type Judge = { readonly check: Proved; readonly proof: Proof };
type Judging = { readonly evidence: Stored<'evidence.recorded'> | Stored<'evidence.carried'>; readonly facts: StoredFacts };

/**
 * What a judgement says of where its evidence comes from. What is carried is a subject of its own beside what the source sends to the run:
 * neither hides the other. So is what the reports of the check are compared with. `by`: the person who gave it.
 */
const originOf = ({ event }: Judging['evidence'], isCompared: boolean): Pick<DataOf<'check.judged'>, 'subject' | 'by' | 'carried'> => {
  if (event.type === 'evidence.recorded') {
    const { component, source } = event.data;
    const subject = subjectOf({ component, source: isCompared ? besideSource(source) : source });
    return { subject, by: event.actor.kind === 'person' ? event.actor.id : null };
  }
  const { source, by, givenAt, from } = event.data;
  return { subject: `*/carried/${source}`, by, carried: { givenAt, scope: from.scope } };
};

const judge = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  context: RunContext,
  { check, proof }: Judge,
  judging: Judging,
): Promise<Stored<'check.judged'>> => {
  const lane = await deps.trail.read(context.scope, { lane: lanes.check(check.gate ?? '', check.id) });
  const same = ofType(lane, 'check.judged').find(
    ({ event: { data } }) => data.evidence === judging.evidence.event.id && (data.source ?? ownSource) === proof.source,
  );
  const read = readFactsOnce(deps, context.scope);
  if (same !== undefined) {
    await replaceCovered(deps, context, check, { lane, read });
    return same;
  }
  const draft = draftOf(context, { check, proof }, lane, judging);
  const last = lane.at(-1)?.event.seq ?? 0;
  const expected = makeEvent(draft, { seq: last + 1, prev: genesis }, new Date(0));
  // What it replaces it says itself, which saves an event.
  const covered = await coveredIn(read, check, [...lane, expected as Stored]);
  const replaces = covered.map(({ judgement }) => judgement).filter((id) => id !== expected.event.id);
  const { stored } = await appendToLane(deps, context.parentHash, lane, {
    ...draft,
    data: { ...draft.data, ...(replaces.length === 0 ? {} : { replaces }) },
  });
  const isRaced = stored.event.seq !== last + 1;
  // Other writers came in between, or later results cover it already.
  if (isRaced || covered.length > replaces.length)
    await replaceCovered(deps, context, check, { lane: await withAppended(deps, lane, stored), read });
  return stored;
};

/** What one source of the check says. Each source has subjects of its own, so that a later report of one does not take the place of another's. */
const draftOf = (
  context: RunContext,
  { check, proof: { source, rule, ...proof } }: Judge,
  lane: readonly Stored[],
  { evidence, facts }: Judging,
): Draft<'check.judged'> => {
  const { data, id } = evidence.event;
  const isOwn = source === ownSource;
  const own = originOf(evidence, isOwn && kindOf(rule).besideEvidence === data.evidence);
  const maxAgeSeconds = proof.maxAgeSeconds ?? check.maxAgeSeconds;
  const origin = isOwn ? own : { ...own, subject: `${own.subject}/${source}`, source };
  const judged = asPart(judgeEvidence(rule, facts), evidence, context, facts);
  const judgement = data.exitCode === null ? withUntold(rule, facts, judged) : withExitCode(judged, data.exitCode);
  const ofSubject = ofType(lane, 'check.judged').filter((one) => one.event.data.subject === origin.subject);
  return {
    scope: context.scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step: isOwn ? `judged/${id}` : `judged/${id}/${source}`,
    type: 'check.judged',
    actor: system('evaluator'),
    data: {
      check: check.id,
      ...judgement,
      ...(isOwn ? {} : { reason: excerpt(`${source}: ${judgement.reason}`, 300) }),
      facts: data.facts,
      evidence: id,
      attempt: attemptOf(ofSubject, data.producer),
      madeAt: data.madeAt,
      ...('from' in facts && facts.from !== undefined ? { beganAt: facts.from } : {}),
      ...authorsSaid(facts),
      producer: data.producer,
      ...endOf(maxAgeSeconds, data.madeAt, facts),
      ...origin,
      words: facts.type === 'attestation' ? facts.statement : null,
    },
  };
};

/** What a list of commits says of its authors: the digest alone, because the facts name people. */
const authorsSaid = (facts: StoredFacts): Pick<DataOf<'check.judged'>, 'authors' | 'authorsUnknown' | 'base'> => {
  const base = 'base' in facts && facts.base !== undefined ? { base: facts.base } : {};
  const named = namedAuthors(facts);
  if (named !== undefined) return { ...base, authors: digestOf(named.isUnnamed ? named : named.accounts) };
  return 'authorsUnknown' in facts && facts.authorsUnknown !== undefined ? { ...base, authorsUnknown: facts.authorsUnknown } : base;
};

/** Until when it counts: the maximum age of the check or its source, and no longer than its person said. */
const endOf = (
  maxAgeSeconds: number | null,
  madeAt: string,
  facts: StoredFacts,
): Pick<DataOf<'check.judged'>, 'goodUntil' | 'validUntil'> => {
  const oldest = maxAgeSeconds === null ? null : new Date(Date.parse(madeAt) + maxAgeSeconds * 1000).toISOString();
  const said = facts.type === 'attestation' ? facts.validUntil : undefined;
  return said === undefined || (oldest !== null && oldest < said) ? { goodUntil: oldest } : { goodUntil: said, validUntil: said };
};

/** A check's lane as it was read, and the facts that were read for it. */
type Replacing = { readonly lane: readonly Stored[]; readonly read: FactsReader };

/** Records which judgements later results cover. Running it again records nothing twice. */
const replaceCovered = async (
  deps: Pick<Dependencies, 'trail' | 'evidence'>,
  context: RunContext,
  check: Proved,
  { lane, read }: Replacing,
): Promise<void> => {
  let current = lane;
  for (const replaced of await coveredIn(read, check, lane)) {
    const { stored } = await appendToLane(deps, context.parentHash, current, {
      scope: context.scope,
      lane: lanes.check(check.gate ?? '', check.id),
      step: `replaced/${replaced.judgement}`,
      type: 'check.replaced',
      actor: system('evaluator'),
      data: { check: check.id, ...replaced },
    });
    current = await withAppended(deps, current, stored);
  }
};

/** A report about one of several components is a part of its check. A report that cannot be used is about none. */
const asPart = (judgement: Judgement, { event }: Judging['evidence'], { started }: RunContext, facts: StoredFacts): Judgement => {
  if (event.type !== 'evidence.recorded') return judgement;
  const { component } = event.data;
  const { artifacts } = started.event.data;
  if (judgement.parts !== undefined || component === null || artifacts.length < 2 || facts.type === 'unreadable') return judgement;
  return withParts(judgement, {
    parts: [{ subject: { kind: 'component', id: component }, verdict: judgement.verdict, reason: judgement.reason }],
  });
};

/**
 * Some runners fail although their report is clean: a test file that cannot be loaded, a killed worker. Only a part that fails explains the
 * code, so that without one no exception for a part covers it.
 */
export const withExitCode = (judgement: Judgement, exitCode: number | null): Judgement => {
  const { parts = [], besides } = judgement;
  if (exitCode === null || exitCode === 0 || parts.some(({ verdict }) => verdict === 'fail')) return judgement;
  if (judgement.verdict !== 'pass' && besides === undefined) return judgement;
  const code = `the tool ended with exit code ${exitCode}`;
  const said: Judgement =
    judgement.verdict === 'pass'
      ? { ...judgement, verdict: 'fail', reason: excerpt(`${code}, although its report says: ${judgement.reason}`, 300) }
      : judgement;
  return besides === undefined ? said : { ...said, besides: { verdict: 'fail', reason: code, leftOut: besides.leftOut } };
};

/** Finds evidence whose fan-out was interrupted, and completes it from the stored facts; and judgements whose replacement was not recorded. */
export const completeFanOut = async (deps: Pick<Dependencies, 'trail' | 'evidence'>, context: RunContext): Promise<void> => {
  const given = await deps.trail.read(context.scope, { prefix: 'evidence/' });
  const recorded = given.filter(isType('evidence.recorded'));
  const checks = byLane(await deps.trail.read(context.scope, { prefix: 'check/' }));
  const measured = recorded.length === 0 ? [] : await deps.trail.read(context.scope, { lane: lanes.measurement });
  const judged = new Set([...checks.values()].flat().filter(isType('check.judged')).map(judgedFor));
  const isMissing = ({ event: { id, data } }: Judging['evidence']): boolean =>
    data.serves.some((check) => sourcesServed(data, check).some((source) => !judged.has(JSON.stringify([check, id, source]))));
  for (const evidence of given.filter(isType('evidence.carried')))
    if (isMissing(evidence)) await fanOut(deps, context, { evidence, facts: await factsOf(deps, evidence) });
  for (const evidence of recorded) {
    if (isMissing(evidence) || isUnmeasured(evidence, measured, context.checklist))
      await fanOut(deps, context, { evidence, facts: await factsOf(deps, evidence) });
  }
  for (const check of context.checklist.items.filter(isProved)) {
    const lane = checks.get(lanes.check(check.gate ?? '', check.id));
    if (lane !== undefined) await replaceCovered(deps, context, check, { lane, read: readFactsOnce(deps, context.scope) });
  }
};

const judgedFor = ({ event: { data } }: Stored<'check.judged'>): string =>
  JSON.stringify([data.check, data.evidence, data.source ?? ownSource]);

/** The facts of recorded evidence. */
export const factsOf = (deps: Pick<Dependencies, 'evidence'>, { event }: Judging['evidence']): Promise<StoredFacts> =>
  storedFacts(deps, event.type === 'evidence.carried' ? event.data.from.scope : event.scope, event.data.facts);
