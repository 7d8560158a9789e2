import { type Draft, isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { servingBy } from '../../checklist/proofs.ts';
import {
  type Given,
  givenIn,
  longestStandingMs,
  servesStanding,
  standingIn,
  standsUntil,
  type Withdrawn,
} from '../../evaluation/standing-evidence.ts';
import { onDemand } from '../../on-demand.ts';
import { IntegrityFault } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { readGates } from '../state/gate-inputs.ts';
import { appendToLane, type RunContext, system, withAppended } from '../state/run-context.ts';
import { readStandingFrom, readStandingSince } from '../state/standing-evidence.ts';
import { storeRecheck } from './recheck.ts';
import { storedFacts } from './succession.ts';

const loadAppend = onDemand(() => import('./append.ts'));
const loadFanOut = onDemand(() => import('./fan-out.ts'));

type Carrier = Pick<Dependencies, 'trail' | 'clock' | 'evidence' | 'due'>;

/**
 * Carries into the run what has come to count in its service since the run looked last, and judges it for the run's standing checks: at the
 * first look everything that stands. One query where nothing is new, none where the checklist has no standing check.
 *
 * The mark in the run's own lane is appended behind everything else, and every step has an id of its own, so that a death in between is
 * completed by the next look. The recheck makes sure that there is one.
 */
export const carryStanding = async (deps: Carrier, context: RunContext): Promise<RunContext> => {
  const { service, drill } = context.started.event.data;
  if (drill !== undefined || longestStandingMs(context.checklist) === 0) return context;
  const seen = context.own.findLast(isType('standing.read'))?.event.data;
  const fresh =
    seen === undefined
      ? await readStandingSince(deps, service, new Date(deps.clock.now().getTime() - longestStandingMs(context.checklist)))
      : await readStandingFrom(deps, service, seen.seq + 1);
  const [first] = fresh;
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return context;
  if (seen !== undefined && first.event.prev !== seen.hash)
    throw new IntegrityFault(`standing evidence of ${service}: event ${first.event.seq} does not follow what run ${context.run} has read`);
  const pieces = await piecesFor(deps, context, fresh);
  const withdrawn = fresh.filter(isType('standing.withdrawn'));
  const recheck =
    pieces.length === 0 && withdrawn.length === 0
      ? undefined
      : await storeRecheck(deps, context.run, `${first.event.scope}/${last.event.seq}`);
  await judgePieces(deps, context, pieces);
  await withdrawCarried(deps, context, withdrawn);
  const { stored } = await appendToLane(deps, context.parentHash, context.own, {
    scope: context.scope,
    lane: lanes.run,
    step: `standing-read/${last.event.seq}`,
    type: 'standing.read',
    actor: system('reconciler'),
    data: { scope: last.event.scope, lane: last.event.lane, seq: last.event.seq, hash: last.hash },
  });
  await recheck?.done();
  return { ...context, own: await withAppended(deps, context.own, stored as Stored) };
};

type Piece = { readonly given: Given; readonly facts: StoredFacts; readonly serves: string[] };

/** Which sources of its checks a piece is. What has no content of its own is what the check's own rule judges. */
const sourcesOf = ({ facts, serves }: Piece, { items }: RunContext['checklist']): ReturnType<typeof servingBy> =>
  facts.type === 'attestation' || facts.type === 'unreadable'
    ? {}
    : servingBy(
        items.filter(({ id }) => serves.includes(id)),
        facts,
      );

/** What counts since the last look. A confirmation may be of evidence that was given before. */
const piecesFor = async (deps: Carrier, context: RunContext, fresh: readonly Stored[]): Promise<readonly Piece[]> => {
  const { service, environment } = context.started.event.data;
  const from = fresh[0]?.event.seq ?? 1;
  const earliest = Math.min(from, ...fresh.filter(isType('standing.decided')).map(({ event }) => event.data.seq));
  const lane = earliest < from ? await readStandingFrom(deps, service, earliest) : fresh;
  const isNew = ({ stored, decided }: Given): boolean => stored.event.seq >= from || (decided?.event.seq ?? 0) >= from;
  const standing = standingIn(givenIn(lane)).filter(
    (given) => isNew(given) && (given.environment === null || given.environment === environment),
  );
  const found = await Promise.all(
    standing.map(async (given): Promise<Piece> => {
      const { facts: digest, serves } = given.stored.event.data;
      const facts = await storedFacts(deps, given.stored.event.scope, digest);
      return { given, facts, serves: stillServed(deps, context, { given, facts, serves }) };
    }),
  );
  return found.filter(({ serves }) => serves.length > 0);
};

/** What is too old already would only say so, in every run. */
const stillServed = ({ clock }: Carrier, { checklist, started }: RunContext, { given, facts, serves }: Piece): string[] => {
  const made = given.stored.event.data;
  return servesStanding(checklist, { facts, serves, given: given.environment }, started.event.data.environment)
    .filter((check) => (standsUntil(made, [check]) ?? '') > clock.now().toISOString())
    .map(({ id }) => id);
};

const judgePieces = async (deps: Carrier, context: RunContext, pieces: readonly Piece[]): Promise<void> => {
  if (pieces.length === 0) return;
  const [{ recordWeakened }, { fanOut }] = await Promise.all([loadAppend(), loadFanOut()]);
  let lane = await deps.trail.read(context.scope, { lane: lanes.carried });
  const judged: Stored[] = [];
  for (const piece of pieces) {
    const { stored } = await appendToLane(deps, context.parentHash, lane, draftOf(context, piece));
    lane = await withAppended(deps, lane, stored as Stored);
    judged.push(...(await fanOut(deps, context, { evidence: stored, facts: piece.facts })));
  }
  await recordWeakened(deps, context, await readGates(deps, context), judged);
};

/** What the run carries of evidence that was withdrawn since the last look counts no more. */
const withdrawCarried = async (deps: Carrier, context: RunContext, withdrawn: readonly Withdrawn[]): Promise<void> => {
  if (withdrawn.length === 0) return;
  const lane = await deps.trail.read(context.scope, { lane: lanes.carried });
  const taken: Stored[] = [];
  for (const { event: carried } of lane.filter(isType('evidence.carried'))) {
    const found = withdrawn.find(
      ({ event: { data } }) => data.evidence === carried.data.from.event && data.hash === carried.data.from.hash,
    );
    if (found === undefined) continue;
    const { event, hash } = found;
    const from = { scope: event.scope, lane: event.lane, event: event.id, seq: event.seq, hash };
    for (const check of context.checklist.items.filter(({ id }) => carried.data.serves.includes(id))) {
      const { stored } = await deps.trail.append(
        {
          scope: context.scope,
          lane: lanes.check(check.gate ?? '', check.id),
          step: `withdrawn/${carried.id}`,
          type: 'check.withdrawn',
          actor: system('reconciler'),
          data: { check: check.id, evidence: carried.id, from, at: event.at, role: event.data.role },
        },
        { parentHash: context.parentHash },
      );
      taken.push(stored as Stored);
    }
  }
  if (taken.length > 0) await (await loadAppend()).recordWeakened(deps, context, await readGates(deps, context), taken);
};

const draftOf = ({ scope, checklist }: RunContext, piece: Piece): Draft<'evidence.carried'> => {
  const { given, serves } = piece;
  const { stored, environment, by, decided } = given;
  const { event, hash } = stored;
  const { evidence, source, digest, facts, madeAt, producer, exitCode } = event.data;
  return {
    scope,
    lane: lanes.carried,
    step: `carried/${event.id}`,
    type: 'evidence.carried',
    actor: system('reconciler'),
    data: {
      from: { scope: event.scope, lane: event.lane, event: event.id, seq: event.seq, hash },
      givenAt: event.at,
      by,
      confirmed:
        decided === null ? null : { seq: decided.event.seq, hash: decided.hash, by: decided.event.data.by, role: decided.event.data.role },
      environment,
      evidence,
      source,
      digest,
      facts,
      madeAt,
      producer,
      exitCode,
      serves,
      ...sourcesOf(piece, checklist),
    },
  };
};
