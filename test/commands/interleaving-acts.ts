import { expect } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import { gateOf, gateOfRole } from '../../lib/checklist/definition.ts';
import type { Gate } from '../../lib/checklist/gates.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, artifact, ci, givenRun, personIn } from '../given.ts';
import { machineOf } from '../machine.ts';
import type { Story } from '../story.ts';
import { answerAsked } from '../way-back.ts';

/** What somebody does, or what comes about, where the run waits or has waited `at` a gate. False: it was refused. */
export type Act = (story: Story, at: string) => Promise<boolean>;

const people = (deps: FakeDependencies) => signingFor(['people'], deps);
const hasHappened = ({ refused }: { readonly refused?: unknown }): boolean => refused === undefined;
export const gateAt = ({ deps }: Story, at: string): Gate =>
  gateOf(deps.definitions.current().checklist, at) ?? expect.fail(`there is no gate ${at}`);

export const triggers = async ({ deps, run }: Story): Promise<boolean> => {
  const input = { request: anew(), run, trigger: 'data-corruption', reason: 'Rows are missing.' };
  return hasHappened(await triggerRollback(deps, input, personIn(deps, 'operations-lead')));
};

/** CI deploys the one component. */
export const deploys = async ({ deps, run }: Story): Promise<boolean> => {
  const said: boolean[] = [];
  for (const state of ['started', 'finished'] as const) {
    const report = { run, state, environment: 'production', component: 'web', digest: artifact } as const;
    said.push(hasHappened(await reportDeployment(signingFor([], deps), report, ci)));
  }
  return said.every(Boolean);
};

const attests: Act = async ({ deps, run }, at) => {
  const said = { request: anew(), run, check: `ready-${at}`, statement: 'I have looked at it today.' };
  return hasHappened(await attest(people(deps), said, personIn(deps, 'operations-lead')));
};

const signs: Act = async ({ deps }) => {
  const mail = deps.controls.mailer.mails.findLast(({ subject }) => subject === 'approval-requested') ?? expect.fail('nobody was asked');
  const link = (JSON.parse(mail.text) as { readonly url: string }).url.split('/').at(-1) ?? '';
  const caller = personIn(deps, 'product-owner');
  const page = (await showApproval(deps, { link }, caller)).ok;
  if (page === undefined) return false;
  const given = { link, answer: 'approved', confirmation: page.code, report: page.report, note: '' } as const;
  return (await answerApproval(people(deps), given, caller)).ok?.state === 'answered';
};

const reason = 'We have looked at it together.';

export const decidesTo =
  (decision: 'roll-back' | 'continue') =>
  async ({ deps, run }: Story): Promise<boolean> =>
    hasHappened(await decideRollback(deps, { run, decision, reason }, personIn(deps, 'operations-lead')));

export const decidesIncident =
  (decision: 'resume' | 'end') =>
  async ({ deps, run }: Story): Promise<boolean> =>
    hasHappened(await decideIncident(deps, { run, decision, reason }, personIn(deps, 'operations-lead')));

export const looks = async ({ deps, run }: Story): Promise<boolean> => {
  await reconcileGate(signingFor(['reconciler'], deps), { run });
  return true;
};

/** The functions answer what they were asked at the step; before that a person says what becomes of the data. */
const carriesOut: Act = async (story, at) => {
  const { deps, run } = story;
  if (gateAt(story, at).step === 'restore-database')
    await decideData(people(deps), { run, choice: 'restore', reason }, personIn(deps, 'operations-lead'));
  await looks(story);
  for (let asked = true; asked; ) {
    asked = await answerAsked(story);
    if (asked) await looks(story);
  }
  return true;
};

/** What each kind of gate waits for. */
const answers: Readonly<Record<Gate['role'], Act>> = {
  evidence: attests,
  approval: signs,
  t0: attests,
  deployment: async (story, at) => (await deploys(story)) && (await attests(story, at)),
  monitoring: attests,
  review: attests,
  decision: decidesTo('roll-back'),
  step: carriesOut,
  verification: looks,
  incident: decidesIncident('resume'),
};
export const fulfil: Act = (story, at) => answers[gateAt(story, at).role](story, at);

const hour = 3_600_000;
const timer: Act = (story) => {
  story.deps.controls.clock.advance(2 * hour);
  return looks(story);
};

/** Of the gate where the run is by now. The hard stop of the state comes a day later. */
const deadline: Act = (story, at) => {
  const now = story.machine.at();
  story.deps.controls.clock.advance(gateAt(story, now.startsWith('end ') ? at : now).deadlineSeconds * 1000 + hour);
  return looks(story);
};

const cancel: Act = async ({ deps, run }) =>
  hasHappened(await cancelRun(people(deps), { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead')));

const newerRuns = new WeakMap<FakeDependencies, Story>();
/** The other run of the story, once it has come. */
export const newerOf = ({ deps }: Story): Story | undefined => newerRuns.get(deps);

/** Another run of the same service comes to T0, and its reconciler looks. The world of a story has at most one. */
const newerRun: Act = async ({ deps }) => {
  const run = await givenRun(deps, { version: '1.2.4' }, { ...ci, token: sha256(anew()) });
  const machine = machineOf(deps, run);
  const newer: Story = { deps, run, machine };
  newerRuns.set(deps, newer);
  await machine.begin();
  await fulfil(newer, machine.at());
  return looks(newer);
};

export const acts = { 'gate answer': fulfil, timer, cancel, deadline, 'newer run': newerRun } as const;
export type ActName = keyof typeof acts;

/** From now on every reading of the clock is later than the one before. */
export const letTimeRun = ({ deps }: Story): void => {
  const { clock } = deps.controls;
  const read = clock.now;
  Object.assign(clock, {
    now: () => {
      clock.advance(1);
      return read();
    },
  });
};

/** Where the run is once it has come to this gate: the verification waits for nothing. */
export const restOf = (story: Story, at: string): string => (gateAt(story, at).role === 'verification' ? 'end rolled-back' : at);

/** The same of the gate of the story's checklist that comes behind this one on its way, or the end behind the last one. */
export const nextOf = (story: Story, at: string): string => {
  const { gates, rollback } = story.deps.definitions.current().checklist;
  const way = [gates, rollback.gates].map((one) => one.map(({ id }) => id as string)).find((ids) => ids.includes(at)) ?? [];
  const next = way[way.indexOf(at) + 1];
  if (next !== undefined) return restOf(story, next);
  return gates.at(-1)?.id === at ? 'end production-stable' : 'end rolled-back';
};
export const t0Of = ({ deps }: Story): string => gateOfRole(deps.definitions.current().checklist, 't0')?.id ?? '';
