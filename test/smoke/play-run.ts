import { randomBytes } from 'node:crypto';
import type { Answer, Client } from '../../lib/api/client.ts';
import type { AuditEvent, Stored } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { canonical } from '../../lib/canonical-json.ts';

export type SmokeRun = {
  /** With the token of a CI job that may start runs of the service. */
  readonly ci: Client;
  /** With the token of a person who may read and cancel runs. */
  readonly person: Client;
  readonly service: string;
  readonly environment: string;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly say: (line: string) => void;
};

/** How long the first gate may take to open: Step Functions, the opener, and a cold start of each. Milliseconds. */
const openWithinMs = 120_000;

/**
 * Plays a short run on a stage as its users do: start, evidence, status, trail, cancellation. The run is cancelled at its first gate, so
 * that it deploys nothing; nobody is asked for an answer. Throws at the first thing that is not as it must be.
 */
export const playRun = async (smoke: SmokeRun): Promise<{ readonly run: string; readonly events: number }> => {
  const { ci, person, service, environment, now, say } = smoke;
  const commit = randomBytes(20).toString('hex');
  const digest = `sha256:${randomBytes(32).toString('hex')}`;
  const release = { service, environment, version: `smoke-${commit.slice(0, 7)}`, commit, artifacts: [{ component: 'smoke', digest }] };
  const described = { reason: 'Smoke test of the stage', risk: 'low', impact: 'low', plannedT0: 'when-released' } as const;
  const { run } = taken('start', await ci.startRun({ body: { ...release, ...described, changes: [] } }));
  say(`started ${run}`);
  try {
    const body = new TextEncoder().encode('<testsuite name="smoke" tests="1"><testcase classname="smoke" name="answers"/></testsuite>');
    const query = { source: 'smoke', commit, madeAt: now().toISOString() };
    const first = taken(
      'evidence',
      await ci.recordEvidence({ params: { run, type: 'junit' }, query, body, contentType: 'application/xml' }),
    );
    const again = taken(
      'evidence',
      await ci.recordEvidence({ params: { run, type: 'junit' }, query, body, contentType: 'application/xml' }),
    );
    must(again.alreadyRecorded && again.event === first.event, 'the same report twice is not one event');
    say(`recorded evidence ${first.digest.slice(0, 12)}`);
    await gateOpened(smoke, run);
  } finally {
    taken('cancel', await person.cancelRun({ params: { run }, body: { reason: 'The smoke test is over' } }));
    say('cancelled');
  }
  await ended(smoke, run);
  const events = await trailOf(person, run);
  const types = new Set(events.map(({ event }) => event.type));
  for (const type of ['run.started', 'evidence.recorded', 'gate.opened', 'run.cancelled', 'gate.settled', 'run.ended', 'run.closed'])
    must(types.has(type as AuditEvent['type']), `the trail has no ${type}`);
  const bad = verifyScope(events.filter(({ event }) => event.scope === `run/${run}`));
  must(bad === undefined, `the trail does not verify: ${bad?.lane} ${bad?.seq}: ${bad?.reason}`);
  say(`verified ${events.length} events`);
  return { run, events: events.length };
};

const gateOpened = async ({ ci, sleep, now, say }: SmokeRun, run: string): Promise<void> => {
  const until = now().getTime() + openWithinMs;
  for (;;) {
    const view = taken('status', await ci.readRun({ params: { run } }));
    const open = view.gates.find(({ openedAt }) => openedAt !== null);
    if (open !== undefined) return say(`${open.title} is ${open.state}`);
    must(
      now().getTime() < until,
      'the first gate did not open in time: look at the execution of the state machine and the log of gate-opener',
    );
    await sleep(2_000);
  }
};

const ended = async ({ person, sleep, now }: SmokeRun, run: string): Promise<void> => {
  const until = now().getTime() + openWithinMs;
  for (;;) {
    const view = taken('status', await person.readRun({ params: { run } }));
    if (view.closed) return must(view.outcome === 'cancelled', `the run ended as ${view.outcome}, not as cancelled`);
    must(now().getTime() < until, 'the run was not closed in time: look at the log of event-reconciler');
    await sleep(2_000);
  }
};

/** All events of the run, with the bytes that their hashes are of. */
const trailOf = async (client: Client, run: string): Promise<readonly Stored[]> => {
  const events: Stored[] = [];
  let cursor: string | undefined;
  do {
    const page = taken('trail', await client.listRunEvents({ params: { run }, query: cursor === undefined ? {} : { cursor } }));
    for (const { hash, ...event } of page.events) events.push({ event: event as AuditEvent, bytes: canonical(event), hash });
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return events;
};

const taken = <T>(step: string, answer: Answer<T>): T => {
  if (answer.problem !== undefined)
    throw new Error(`${step}: ${answer.problem.status} ${answer.problem.title} ${answer.problem.detail ?? ''}`.trim());
  return answer.ok;
};

const must = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise);
};
