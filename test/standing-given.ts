import { isType } from '../lib/audit/event.ts';
import type { Item } from '../lib/checklist/definition.ts';
import { attestForService } from '../lib/run/commands/attest-for-service.ts';
import { decideEvidence } from '../lib/run/commands/decide-evidence.ts';
import { type EvidenceGiven, giveEvidence } from '../lib/run/commands/give-evidence.ts';
import { withdrawEvidence } from '../lib/run/commands/withdraw-evidence.ts';
import type { CiCaller, PersonCaller } from '../lib/run/state/caller.ts';
import type { FakeDependencies } from './fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn } from './given.ts';
import { atFirstGate } from './machine.ts';

const day = 86_400;
export const serviceScope = 'service/shop';
export const standingCheck = (id: string, changes: Partial<Item> = {}): Item =>
  check(id, 'phase-1', { scope: 'service', maxAgeSeconds: 30 * day, ...changes });

/** One check about the service, one that is attested about the team, one about the environment; and one of the release in the gate behind. */
export const standingChecklist = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    standingCheck('guides'),
    standingCheck('trained', {
      scope: 'team',
      maxAgeSeconds: 365 * day,
      owner: 'operations-lead',
      rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' },
    }),
    check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);
/** The first alone. */
export const guidesOnly = checklistOf([gate('phase-1'), gate('phase-2')], [standingCheck('guides'), standingChecklist.items[2] as Item]);

type Changes = {
  readonly caller?: CiCaller | PersonCaller;
  readonly failures?: number;
  readonly source?: string;
  readonly environment?: string;
  readonly madeAt?: string;
  readonly producerRun?: string;
  readonly bytes?: Uint8Array;
};

export const give = (deps: FakeDependencies, { caller = ci, failures = 0, source = 'wiki', bytes, ...changes }: Changes = {}) =>
  giveEvidence(
    deps,
    {
      service: 'shop',
      type: 'junit',
      bytes: bytes ?? junitReport(3, failures),
      contentType: 'application/xml',
      source,
      producerAttempt: 1,
      madeAt: deps.clock.now().toISOString(),
      ...changes,
    },
    caller,
  );

export const given = async (deps: FakeDependencies, changes: Changes = {}): Promise<EvidenceGiven> => {
  const answer = await give(deps, changes);
  if (answer.refused) throw new Error(answer.refused.detail);
  return answer.ok;
};

export const attestedForService = async (deps: FakeDependencies, checkId = 'trained', environment?: string): Promise<string> => {
  const answer = await attestForService(
    deps,
    { service: 'shop', check: checkId, statement: 'All eight were trained in September.', request: anew(), environment },
    personIn(deps, 'operations-lead'),
  );
  if (answer.refused) throw new Error(answer.refused.detail);
  return answer.ok.event;
};

export const decideAs = (deps: FakeDependencies, event: string, caller: PersonCaller, decision: 'confirmed' | 'rejected' = 'confirmed') =>
  decideEvidence(deps, { service: 'shop', event, decision }, caller);

export const withdrawAs = (deps: FakeDependencies, event: string, caller: PersonCaller) =>
  withdrawEvidence(deps, { service: 'shop', event, reason: 'The guide describes the checkout of last year.' }, caller);

/** What the run carries, oldest first. */
export const carriedIn = async (deps: FakeDependencies, run: string) =>
  (await deps.trail.read(`run/${run}`, { lane: 'evidence/carried' })).filter(isType('evidence.carried')).map(({ event }) => event.data);

export const judgedIn = async (deps: FakeDependencies, run: string, checkId: string) =>
  (await deps.trail.read(`run/${run}`, { lane: `check/phase-1/${checkId}` })).filter(isType('check.judged')).map(({ event }) => event.data);

/** A run at its first gate. */
export const begun = async (checklist = guidesOnly) => {
  const deps = dependenciesOf(checklist);
  return { deps, ...(await atFirstGate(deps)) };
};

export const typeOf = (answer: { readonly refused?: { readonly type: string } | undefined }): string | undefined => answer.refused?.type;
