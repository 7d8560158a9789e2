import { expect } from 'vitest';
import { baseChecklist } from '../lib/checklist/checklist.ts';
import { answerApproval } from '../lib/run/commands/answer-approval.ts';
import { attest } from '../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../lib/run/commands/declare-not-applicable.ts';
import { observe } from '../lib/run/commands/observe.ts';
import { recordEvidence } from '../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../lib/run/commands/report-deployment.ts';
import { showApproval } from '../lib/run/commands/show-approval.ts';
import { waive } from '../lib/run/commands/waive.ts';
import { sweep } from '../lib/run/gates/sweep.ts';
import { givenDrill, givenTarget } from './environment.ts';
import { type FakeDependencies, signingFor } from './fakes.ts';
import { anew, artifact, ci, commit, dependenciesOf, personIn } from './given.ts';
import { atFirstGate, type Machine } from './machine.ts';
import { playedOnce } from './played-once.ts';
import { checksAt, type Proof, proofsOf, reached } from './report-fixtures.ts';
import { recordMadeAt } from './samples.ts';
import { alarmIsOk, testAlarm } from './story-alarms.ts';
import { storyChecklist, waivedCheck } from './story-checklist.ts';

/** The way of a run of the real checklist to its gates, as CI and people walk it. */

export const hour = 3_600_000;

/** A run of the real checklist over a world in memory, with the machine that walks it. */
export type Story = {
  readonly deps: FakeDependencies;
  readonly run: string;
  readonly machine: Machine;
  /**
   * As releases go: somebody else has approved every commit, and the reconciler looks after each report and statement. In the other stories
   * nobody has, which they waive, and it looks when all have come.
   */
  readonly lifelike?: true;
};

export const send = async (
  { deps, run }: Story,
  type: string,
  bytes: Uint8Array,
  changes: { source?: string; component?: boolean; attempt?: number } = {},
) => {
  const sent = await recordEvidence(
    signingFor([], deps),
    {
      run,
      type,
      bytes,
      contentType: 'application/octet-stream',
      source: changes.source ?? 'ci',
      commit,
      madeAt: deps.clock.now().toISOString(),
      // Every sending is a result by itself, unless a test counts attempts.
      ...(changes.attempt === undefined ? {} : { producerRun: 'job' }),
      producerAttempt: changes.attempt ?? 1,
      ...(changes.component ? { component: 'web', artifact } : {}),
    },
    ci,
  );
  if (sent.refused) throw new Error(JSON.stringify(sent.refused));
  return sent.ok;
};

export const attestAll = async (story: Story, gate: string): Promise<void> => {
  await alarmIsOk(story, gate);
  for (const check of baseChecklist.items.filter(
    (one) => one.gate === gate && one.rule?.kind === 'attested/1' && !one.optional && one.id !== waivedCheck,
  )) {
    if (check.rule?.kind !== 'attested/1') continue;
    const said = await attest(
      signingFor(['people'], story.deps),
      { request: anew(), run: story.run, check: check.id, statement: 'I have looked at it today.' },
      personIn(story.deps, check.rule.role),
    );
    expect(said.refused).toBeUndefined();
    if (story.lifelike) await story.machine.settle();
  }
  await story.machine.settle();
};

/** Sends a report for every check of the gate that evidence proves. `changed`: what is sent in place of a good one. */
export const prove = async (story: Story, gate: string, changed?: (proof: Proof) => Uint8Array): Promise<void> => {
  await sendProofs(story, gate, changed);
  await story.machine.settle();
};

export const sendProofs = async (
  story: Story,
  gate: string,
  changed: (proof: Proof) => Uint8Array = ({ bytes }) => bytes,
): Promise<void> => {
  await alarmIsOk(story, gate);
  const checks = checksAt(story.deps, gate).filter(({ id }) => id !== waivedCheck);
  for (const proof of proofsOf(checks, story.deps.clock.now())) {
    const { type, source, component } = proof;
    await send(story, type, changed(proof), { source, component });
    if (story.lifelike) await story.machine.settle();
  }
};

/** Who reads for the page behind a mailed link: the function for people, which takes the answer, too. */
export const approvalPage = 'approval page';

export const sign = async ({ deps, machine }: Story, answer: 'approved' | 'rejected' | 'changes-requested' = 'approved'): Promise<void> => {
  const mails = deps.controls.mailer.mails.splice(0).filter((mail) => mail.subject === 'approval-requested');
  expect(mails).toHaveLength(3);
  for (const mail of mails) {
    const notification = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
    const link = notification.url.split('/').at(-1) ?? '';
    const caller = personIn(deps, notification.role);
    const page = await showApproval({ ...deps, trail: deps.controls.as(approvalPage, ['people']).trail }, { link }, caller);
    if (page.refused) throw new Error(page.refused.detail);
    const answered = await answerApproval(
      signingFor(['people'], deps),
      { link, answer, confirmation: page.ok.code, report: page.ok.report, note: 'Seen.' },
      caller,
    );
    if (answered.refused) throw new Error(JSON.stringify(answered.refused));
    if (answer !== 'approved') break;
  }
  await machine.settle();
};

/** The stories release what needs no migration, image or cluster. */
export const declareOptional = async (story: Story, gate: string, but?: string): Promise<void> => {
  for (const { id, owner } of checksAt(story.deps, gate).filter((one) => one.optional && one.id !== but))
    await declareNotApplicable(
      signingFor(['people'], story.deps),
      { request: anew(), run: story.run, check: id, reason: 'This release changes no stored data.' },
      personIn(story.deps, owner),
    );
};

/**
 * `prepare` may replace the dependencies, for instance by ones that count, before the run starts. The version to roll back to and its drill are
 * there before that: they are no part of the run.
 */
export const begin = async (
  prepare: (deps: FakeDependencies) => FakeDependencies = (deps) => deps,
  checklist = storyChecklist,
): Promise<Story> => {
  const given = dependenciesOf(checklist, { stage: { local: true } });
  await givenTarget(given);
  await givenDrill(given);
  const deps = prepare(given);
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

export const toGoNoGo = (from?: Story): Promise<Story> => (from === undefined ? usualGoNoGo() : playToGoNoGo(from));
const usualGoNoGo = playedOnce(async () => playToGoNoGo(await begin()));

const playToGoNoGo = async (story: Story): Promise<Story> => {
  await prove(story, 'phase-1');
  await reached(story, 'phase-2');
  await prove(story, 'phase-2');
  await declareOptional(story, 'phase-2');
  await attestAll(story, 'phase-2');
  await reached(story, 'phase-3');
  await listCommits(story);
  await prove(story, 'phase-3');
  await attestAll(story, 'phase-3');
  return reached(story, 'go-no-go');
};

/** CI lists the commits of the release before people are asked. */
export const listCommits = async (story: Story, author = 'u-101'): Promise<void> => {
  // A day older than the sample, whose times all move.
  const approval = { by: 'u-103', at: '2026-02-28T08:00:00Z', state: 'approved', commit };
  const listed = { commits: [{ commit, author, reviews: story.lifelike ? [approval] : [] }] };
  await send(story, 'record', recordMadeAt('reviews', story.deps.clock.now(), listed), { source: 'reviews' });
  await story.machine.settle();
};

/** The one waiver of a story whose commits nobody has reviewed. */
export const waiveReview = async (story: Story): Promise<void> => {
  await waive(
    signingFor(['people'], story.deps),
    {
      request: anew(),
      run: story.run,
      check: waivedCheck,
      reason: 'There is no second reviewer.',
      until: new Date(story.deps.clock.now().getTime() + 48 * hour).toISOString(),
    },
    personIn(story.deps, 'technical-lead'),
  );
};

export const toWindow = (from?: Story): Promise<Story> => (from === undefined ? usualWindow() : playToWindow(from));
const usualWindow = playedOnce(() => playToWindow());

const playToWindow = async (from?: Story): Promise<Story> => {
  const story = await toGoNoGo(from);
  await sign(story);
  await reached(story, 't-minus-2h');
  if (!story.lifelike) await waiveReview(story);
  await prove(story, 't-minus-2h');
  await attestAll(story, 't-minus-2h');
  return reached(story, 'deployment-window');
};

/** The deployment of the one component has started. */
export const toDeployment = playedOnce(async (): Promise<Story> => {
  const story = await toWindow();
  const { deps, run } = story;
  await reportDeployment(
    signingFor([], deps),
    { run, state: 'started', environment: 'production', component: 'web', digest: artifact },
    ci,
  );
  await story.machine.settle();
  return story;
});

/** CI reports the whole deployment of the one component. */
export const deploy = async ({ deps, run }: Story): Promise<void> => {
  for (const state of ['started', 'finished'] as const)
    expect(
      (await reportDeployment(signingFor([], deps), { run, state, environment: 'production', component: 'web', digest: artifact }, ci))
        .refused,
    ).toBeUndefined();
};

/** `monitored` lets the four hours of the monitoring pass. */
export const toStability = (from?: Story, monitored: Monitored = passed): Promise<Story> =>
  from === undefined && monitored === passed ? usualStability() : playToStability(from, monitored);
const usualStability = playedOnce(() => playToStability(undefined, passed));
type Monitored = (story: Story, milliseconds: number) => Promise<void>;

const playToStability = async (from: Story | undefined, monitored: Monitored): Promise<Story> => {
  const story = await toWindow(from);
  const { deps } = story;
  await deploy(story);
  // The reconciler looks at once, not when the sweep would take up what nobody has seen to.
  await story.machine.settle();
  deps.controls.clock.advance(120_000);
  await prove(story, 'deployment-window');
  await reached(story, 'monitoring-4h');
  await monitored(story, 4 * hour + 60_000);
  await testAlarm(story);
  for (const gate of ['monitoring-4h', 'phase-5', 'deployment-success']) {
    await prove(story, gate);
    await attestAll(story, gate);
  }
  return reached(story, 'stability-24h');
};

async function passed({ deps }: Story, milliseconds: number): Promise<void> {
  deps.controls.clock.advance(milliseconds);
}

/** What the 24 hours need beside people: a series over them, and the report of a checksum job. They must have passed. */
export const proveStability = async (story: Story): Promise<void> => {
  const { deps, run } = story;
  const observedAt = deps.clock.now().toISOString();
  const whole = { observation: `checksums-${observedAt.replaceAll(':', '-')}`, kind: 'data', bad: false, subject: 'orders' } as const;
  await observe(deps, { run, ...whole, summary: 'all checksums match', observedAt }, ci);
  await prove(story, 'stability-24h');
};

export const observation = (story: Story, id: string, bad: boolean, kind: 'restart' | 'alarm' | 'other' = 'other') =>
  observe(
    story.deps,
    { run: story.run, observation: id, kind, bad, subject: 'web', summary: 'seen', observedAt: story.deps.clock.now().toISOString() },
    { ...personIn(story.deps, 'operations-lead') },
  );

/** With a waiver of 48 hours for the review that still stands. `from` is at the gate of the 24 hours. */
export const toSignOff = async (wait = 30 * hour, from?: Story): Promise<Story> => {
  const story = from ?? (await toStability());
  await observation(story, 'fine-1', false);
  await attestAll(story, 'stability-24h');
  story.deps.controls.clock.advance(wait);
  await proveStability(story);
  await sweep(story.deps);
  await story.machine.settle();
  return story;
};
