import { scopes } from '../../lib/audit/lane.ts';
import { checksOf } from '../../lib/checklist/definition.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { answerProfile } from '../../lib/run/commands/answer-profile.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { attestForService } from '../../lib/run/commands/attest-for-service.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideEvidence } from '../../lib/run/commands/decide-evidence.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { followUpsOf } from '../follow-up-given.ts';
import { anew } from '../given.ts';
import { profileFile } from '../profile-given.ts';
import { shopTargets } from '../way-back.ts';
import * as checks from './check-scenarios.ts';
import * as given from './page-scenarios.ts';
import { fed } from './review-scenarios.ts';
import * as back from './rollback-scenarios.ts';

/** Runs in which a person has written a text, one for each act that takes one; `text` is what stands in it. */

const recorded = <T>({ ok, refused }: { readonly ok?: T; readonly refused?: unknown }): T => {
  if (ok === undefined) throw new Error(JSON.stringify(refused));
  return ok;
};

export const attested = 'monitoring-configured';
export const attestation = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  const said = { request: anew(), run: story.run, check: attested, statement: text };
  recorded(await attest(story.deps, said, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

/** A check of the second gate that may be declared not applicable, of the technical lead. */
export const optional = checksOf(given.checklist(), 'phase-2').find((one) => one.optional && one.owner === 'technical-lead')?.id ?? '';
export const declaration = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  const said = { request: anew(), run: story.run, check: optional, reason: text };
  recorded(await declareNotApplicable(story.deps, said, given.callerOf(story, given.technical)));
  await story.machine.settle();
  return story;
};

export const revocation = async (text: string): Promise<given.Story> => {
  const story = await checks.underFloor();
  await checks.waivePart(story);
  const said = { request: anew(), run: story.run, check: checks.covered, reason: text };
  recorded(await revokeException(story.deps, said, given.callerOf(story, given.technical)));
  await story.machine.settle();
  return story;
};

export const newT0 = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond({ plannedT0: '2026-03-06T09:00:00.000Z' });
  const said = { request: anew(), run: story.run, plannedT0: '2026-03-06T11:00:00.000Z', reason: text };
  recorded(await rescheduleRun(story.deps, said, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

export const cancellation = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  recorded(await cancelRun(story.deps, { run: story.run, reason: text }, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

export const incident = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  await story.machine.breakOff();
  await story.machine.settle();
  const said = { run: story.run, decision: 'resume', reason: text } as const;
  recorded(await decideIncident(story.deps, said, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

export const continuation = async (text: string): Promise<given.Story> => {
  const story = await back.undecided();
  const said = { run: story.run, decision: 'continue', reason: text } as const;
  recorded(await decideRollback(story.deps, said, given.callerOf(story, given.technical)));
  await story.machine.settle();
  return story;
};

export const stepByHand = async (text: string): Promise<given.Story> => {
  const story = await back.stuck();
  const said = { run: story.run, step: 'revert-version', answer: 'by-hand', reason: text } as const;
  recorded(await handleStep(story.deps, { ...said, evidence: [] }, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

export const dataKept = async (text: string): Promise<given.Story> => {
  const story = await back.dataAsked();
  const said = { run: story.run, choice: 'keep', reason: text } as const;
  recorded(await decideData(story.deps, said, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

/** The cause with the address of the fix, and the review of a step that was done by hand. */
export const followUps = async (text: string, link: string): Promise<given.Story> => {
  const story = await stepByHand('The alias was moved by hand.');
  await back.finish(story);
  const answer = async (followUp: string, person: string, said: { readonly answer: 'stated' | 'justified'; readonly link?: string }) =>
    recorded(
      await answerFollowUp(
        story.deps,
        { run: story.run, followUp, statement: text, ...said } as Parameters<typeof answerFollowUp>[1],
        given.callerOf(story, person),
      ),
    );
  for (const { followUp } of await followUpsOf(story))
    await (followUp === 'cause'
      ? answer(followUp, given.operations, { answer: 'stated', link })
      : answer(followUp, given.technical, { answer: 'justified' }));
  return story;
};

/** An alarm that went off within announced work, and something that a person saw. */
export const announcement = async (text: string): Promise<given.Story> => {
  const story = await given.deployed();
  const { clock } = story.deps;
  Object.assign(story.deps.stage, { targets: { shop: { production: { ...shopTargets(), alarms: ['shop-cpu'] } } } });
  const until = new Date(clock.now().getTime() + 3_600_000).toISOString();
  const place = { service: 'shop', environment: 'production', request: anew() };
  const said = { ...place, kind: 'alarm-test', subject: 'shop-cpu', until, reason: text } as const;
  recorded(await announceWork(story.deps, said, given.callerOf(story, given.operations)));
  story.deps.controls.clock.advance(60_000);
  await fed(story, { subject: 'shop-cpu', via: 'bus' });
  const observedAt = clock.now().toISOString();
  const seen = {
    observation: 'seen-by-hand',
    kind: 'other',
    bad: true,
    subject: 'checkout',
    summary: text.slice(0, 300),
    observedAt,
  } as const;
  recorded(await observe(story.deps, { run: story.run, ...seen }, given.callerOf(story, given.operations)));
  await story.machine.settle();
  return story;
};

/** By the first of two. */
export const profileApproved = async (text: string): Promise<given.Story> => {
  const story = await given.begin();
  const bytes = profileFile(['cart']);
  const proposal = { service: 'shop', bytes, dryRun: false };
  const { profile, definition } = recorded(await proposeProfile(story.deps, proposal, given.callerOf(story, given.starter)));
  const said = { service: 'shop', profile, definition, answer: 'approved', reason: text } as const;
  recorded(await answerProfile(story.deps, said, given.callerOf(story, given.technical)));
  return story;
};

/** Two leads have approved a profile with a part of each kind. */
export const profileInForce = async (): Promise<given.Story> => {
  const story = await given.begin();
  const more = [
    'ports: { from: 8080, to: 8081 }',
    'services: [web, worker]',
    'endpoints: ["GET /orders", "POST /orders"]',
    'guides: { user-guide: docs/user-guide.md }',
    'migrations: ["db/**"]',
    'tighten: { coverage-per-feature: { floorPct: 85 } }',
    'observe: { soak-24h: 2026-05-01 }',
    'checks:',
    '  - { id: own-contract, gate: phase-1, title: The contract of the orders holds, owner: technical-lead, proof: Its tests pass., rule: { kind: junit-passes/1, evidence: junit, minTests: 3, suites: ["*contract*"] } }',
    'deviations:',
    '  - { check: load-testing, parameter: maxP99Ms, document: 29000, here: 30000, reason: The reports of a year take half a minute., approver: operations-lead }',
    '',
  ].join('\n');
  const proposal = { service: 'shop', bytes: profileFile(['cart', 'checkout'], more), dryRun: false };
  const { profile, definition } = recorded(await proposeProfile(story.deps, proposal, given.callerOf(story, given.starter)));
  for (const lead of [given.technical, given.operations])
    recorded(await answerProfile(story.deps, { service: 'shop', profile, definition, answer: 'approved' }, given.callerOf(story, lead)));
  return story;
};

/** What the operations lead states once for the service about its team, confirmed by a second person and carried by the run. */
export const trained = 'operations-trained';
export const standing = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  const said = { service: 'shop', check: trained, statement: text, request: anew() };
  const { event } = recorded(await attestForService(story.deps, said, given.callerOf(story, given.operations)));
  const decision = { service: 'shop', event, decision: 'confirmed' } as const;
  recorded(await decideEvidence(story.deps, decision, given.callerOf(story, given.technical)));
  await story.deps.reconciler.request(story.run);
  await story.machine.settle();
  return story;
};

/** The newest event of the evidence that stands for the service. */
export const standingEvent = `/audit/event?${new URLSearchParams({ scope: scopes.service('shop'), lane: 'standing', seq: '1' })}`;

/** A person has attested a standing check, and nobody has confirmed it. */
export const standingOpen = async (text: string): Promise<given.Story> => {
  const story = await given.inSecond();
  const said = { service: 'shop', check: trained, statement: text, request: anew() };
  recorded(await attestForService(story.deps, said, given.callerOf(story, given.operations)));
  return story;
};
