import { lanes } from '../../audit/lane.ts';
import { canonical, sha256 } from '../../canonical.ts';
import { gateOf, type Line, lineOf } from '../../checklist/definition.ts';
import { isEvidenceRule } from '../../checklist/rule.ts';
import type { Facts } from '../../evidence/index.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { World } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { factsOf, fanOut, tooEarly } from '../writing/fan-out.ts';
import { actorOf, leadOpensAt, type RunHead } from '../state/run-context.ts';
import { promiseLook } from '../writing/recheck.ts';
import { openRun, recordRefusal } from './refusals.ts';

export type Recorded = {
  readonly event: string;
  readonly line: string;
  readonly verdict: string;
  readonly reason: string;
  readonly known: boolean;
};

type PersonWorld = Pick<World, 'trail' | 'definitions' | 'clock' | 'evidence' | 'people' | 'due' | 'settler'>;

/**
 * A person of the line's role says in their own words why it holds. The words stay with the people's texts, erasable; the event
 * carries their salted digest. Attesting is not signing: the starter may attest, and it is shown who did.
 */
export const attest = async (
  world: PersonWorld,
  input: { readonly run: string; readonly line: string; readonly statement: string; readonly request: string },
  caller: PersonCaller,
): Promise<Outcome<Recorded>> => {
  const found = await lineFor(world, input.run, input.line, caller, 'attestation');
  if (found.refused) return found;
  const { head, line } = found.ok;
  if (line.rule === null || !isEvidenceRule(line.rule) || line.rule.kind !== 'attested/1') {
    const { refused } = refuse('line-not-provable-so', `The line ${line.id} is not proved by a person's word.`, {
      got: 'an attestation',
      expected: line.proof,
      fix: `Send the evidence that the line asks for${line.waivable ? ', or waive it' : ''}.`,
    });
    return recordRefusal(world, head, caller, 'attestation', refused);
  }
  const now = world.clock.now();
  const no = needsRole(caller, line.rule.role, `the line ${line.id}`) ?? (await beforeItsTime(world, head, line, now));
  if (no !== undefined) return recordRefusal(world, head, caller, 'attestation', no.refused);
  const statement = await world.people.keep(head.run, input.statement);
  const facts: Facts = { type: 'attestation', statement, person: caller.id, role: line.rule.role };
  const bytes = new TextEncoder().encode(canonical(facts));
  const digest = sha256(bytes);
  await world.evidence.put(head.scope, digest, bytes, 'application/json');
  const look = await promiseLook(world, head.run, `said/${input.request}`);
  const { stored, adopted } = await world.trail.append(
    {
      scope: head.scope,
      lane: lanes.evidence('attestation', line.id),
      step: `said/${input.request}`,
      type: 'evidence.recorded',
      actor: actorOf(caller),
      data: {
        evidence: 'attestation',
        source: 'person',
        component: null,
        commit: head.started.event.data.commit,
        artifact: null,
        digest,
        facts: digest,
        bytes: bytes.byteLength,
        madeAt: now.toISOString(),
        producer: { run: caller.id, attempt: 1 },
        serves: [line.id],
      },
    },
    { opener: head.opener },
  );
  // Of a request that is repeated the first words count: their salt differs from that of the second.
  const [judged] = await fanOut(world, head, { evidence: stored, facts: adopted ? await factsOf(world, stored) : facts }, look);
  return ok({ event: stored.event.id, line: line.id, verdict: judged?.verdict ?? 'missing', reason: judged?.reason ?? '', known: adopted });
};

/** A word about what has not happened yet proves nothing, as a report would not. */
const beforeItsTime = async (
  world: Pick<World, 'trail'>,
  head: RunHead,
  line: Line,
  now: Date,
): Promise<{ refused: Refusal } | undefined> => {
  const opens = leadOpensAt(head, gateOf(head.checklist, line.gate ?? ''));
  if (opens !== null && now.toISOString() < opens) {
    return refuse('evidence-time', `The line ${line.id} belongs to the time shortly before T0.`, {
      got: now.toISOString(),
      expected: `an attestation after ${opens}; planned T0 is ${head.started.event.data.plannedT0}`,
      fix: 'Attest it then.',
    });
  }
  const deployment = line.after === null ? [] : await world.trail.read(head.scope, { lane: lanes.deployment });
  const why = tooEarly(line, now.toISOString(), deployment, head);
  return why === undefined
    ? undefined
    : refuse('evidence-time', `The line ${line.id} is attested after ${line.after}.`, {
        got: `an attestation ${why}`,
        expected: `${line.after} first`,
        fix: 'Attest it when it has happened.',
      });
};

/** The run and its line, or a refusal that is recorded when the run exists. */
export const lineFor = async (
  world: Pick<World, 'trail' | 'definitions' | 'clock'>,
  run: string,
  id: string,
  caller: PersonCaller,
  action: string,
): Promise<Outcome<{ readonly head: RunHead; readonly line: Line & { readonly gate: string } }>> => {
  const found = await openRun(world, run, caller, `${action} ${id}`);
  if (found.refused) return found;
  const head = found.ok;
  const line = lineOf(head.checklist, id);
  if (line === undefined || line.gate === null) {
    const { refused } = refuse('line-unknown', 'The checklist that the run pinned has no such line to decide.', {
      got: id.slice(0, 80),
      expected: 'an id of `holdpoint checklist` that has a gate',
      fix: 'List the lines with `holdpoint checklist`.',
    });
    return recordRefusal(world, head, caller, action, refused);
  }
  return ok({ head, line: { ...line, gate: line.gate } });
};

export const needsRole = (caller: PersonCaller, role: string, what: string): ReturnType<typeof refuse> | undefined =>
  caller.roles.some((own) => own === role)
    ? undefined
    : refuse('role-missing', `Only the ${role} may decide about ${what}.`, {
        got: caller.roles.join(', ') || 'no role',
        expected: role,
        fix: 'Ask somebody who holds the role, or change the roster.',
      });
