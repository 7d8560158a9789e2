import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { byLane, isType, type Stored } from '../../lib/audit/event.ts';
import { Browser, formWith } from '../../lib/local/browser.ts';
import { approveAll, attestGate, checkOf, component, gateOf, holder, must, read, until } from '../../lib/local/demo/steps.ts';
import { executionOf, statesOf } from './executions.ts';
import type { LeanStage, Release } from './lean-stage.ts';
import { verifiedTrail } from './stored-trail.ts';

/** A review that incidents extend until its cap, on the local AWS. `test/commands/review-cap.test.ts` plays it in virtual time. */

const day = 86_400;
const review = 'review-48h';
const attested = 'ready-to-declare';
/** 25 seconds on the local stage, where the window of the review lasts 20. */
export const shortCap = {
  check: review,
  parameter: 'capSeconds',
  document: 7 * day,
  here: 2.5 * day,
  reason: 'A test should not wait for longer than it has to.',
  approver: 'operations-lead',
} as const;

/** Each incident starts the window anew. Milliseconds. */
const betweenIncidents = 5_000;

/** From the start to the end: incidents lead to the cap, people continue, incidents lead to the next one, and people roll back. */
export const playCap = async (lean: LeanStage, release: Release, said: string): Promise<void> => {
  const { run } = release;
  const decide = async (role: string, decision: 'continue' | 'roll-back'): Promise<void> => {
    const body = { decision, reason: `${said}: the host was replaced.` };
    must(`decide to ${decision}`, await (await lean.personOf(role)).decideRollback({ params: { run }, body }));
  };
  await toReview(lean, release, said);
  const first = gateOf(await read(release), review);
  const capSeconds = shortCap.here / (await read(release)).waitScale;

  const incidents = incidentsIn(lean, release, said);
  try {
    // Without an incident the review would pass by it: the sign-off may have taken longer than its window.
    await lean.waitUntil('the first incident', async () =>
      (await read(release)).observations.some(({ observation }) => observation === incidents.first) ? true : undefined,
    );
    await attestGate(release, review, { [attested]: `${said}: nobody has looked.` });
    const asked = await lean.whenDecidable(release);
    expect(asked.rollback?.waits).toMatchObject({
      reason: expect.stringMatching(/^the cap of Post-Deployment Review \(48 hours\) \(.*“restart-\d+” \(restart\)/),
      silentAt: null,
      extension: { seconds: capSeconds, until: first.due },
    });
    await expectAskedPeople(lean, release);
    await decide('technical-lead', 'continue');
    const again = await lean.waitUntil('the review', async () => {
      const gate = gateOf(await read(release), review);
      return gate.reasons.some((reason) => extended.test(reason)) ? gate : undefined;
    });
    expect([again.due, checkOf(again, attested).verdict], 'clock and evidence are intact').toEqual([first.due, 'pass']);
    await lean.whenDecidable(release);
  } finally {
    incidents.stop();
  }
  await decide('operations-lead', 'roll-back');
  expect((await lean.whenEnded(release)).outcome).toBe('rolled-back');
  await closeTrail(lean, release, said);

  const { events, bad } = await verifiedTrail(lean, run);
  expect(bad).toBeUndefined();
  expectRecorded(events, capSeconds);
  const states = await statesOf(executionOf(lean, run));
  expect(states.slice(states.indexOf(review))).toEqual([
    review,
    'rollback-decision',
    review,
    'rollback-decision',
    'stop-requests',
    'revert-version',
    'restore-database',
    'restart-services',
    'verify-health',
    'monitor-stability',
    'rollback-verification',
    'end rolled-back',
  ]);
};

const extended = /^extended: the window ends at .* because “restart-\d+” \(restart\) of “shop” started it anew$/;

/** Restarts that nobody has planned, one after the other until they are stopped. */
const incidentsIn = ({ stage }: LeanStage, { environment }: Release, said: string) => {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stage.workspace.signal]);
  const emit = (observation: string): Promise<void> =>
    stage.emit({
      service: stage.service,
      environment,
      observation,
      kind: 'restart',
      bad: true,
      subject: component,
      summary: `${said}.`,
    });
  const emitting = async (): Promise<void> => {
    for (let count = 1; !signal.aborted; count += 1) {
      await emit(`restart-${count}`);
      await sleep(betweenIncidents, undefined, { signal }).catch(() => undefined);
    }
  };
  // Where they cannot be emitted, the test waits in vain and says for what.
  emitting().catch(() => undefined);
  return { first: 'restart-1', stop: () => over.abort() };
};

/** Checks from which nobody may drop the criteria of Deployment Success; the run has nothing for them. */
const unproved = [
  ['phase-5', 'integrations-working'],
  ['phase-5', 'performance-as-expected'],
  ['phase-5', 'logs-aggregating'],
  ['phase-5', 'no-critical-issues'],
] as const;

const toReview = async (lean: LeanStage, release: Release, said: string): Promise<void> => {
  const attest = async (gate: string, check: string): Promise<void> => {
    await until(release, gate, 'open');
    await attestGate(release, gate, { [check]: `${said}: nobody has looked.` });
  };
  const view = await read(release);
  const waivedUntil = new Date(Date.now() + 3_600_000).toISOString();
  await Promise.all(
    unproved.map(async ([gate, check]) => {
      const owner = await lean.personOf(checkOf(gateOf(view, gate), check).owner);
      const body = { reason: `${said}: nobody has looked.`, until: waivedUntil };
      must(`waive ${check}`, await owner.waive({ params: { run: release.run, check }, body }));
    }),
  );
  await lean.sendScan(release);
  await approveAll(release, 'go-no-go');
  await lean.attestLast(release, ['team-assembled']);
  await lean.deploy(release);
  await lean.sendSmokeTests(release);
  await attest('monitoring-4h', 'logging-complete-accessible');
  await attest('phase-5', 'documentation-adequate');
  await attest('stability-24h', 'team-confident');
  await approveAll(release, 'sign-off');
  await until(release, review, 'open');
};

/** After a rollback the trail waits for its cause. */
const closeTrail = async (lean: LeanStage, release: Release, said: string): Promise<void> => {
  const followUp = await lean.waitUntil('the question about the cause', async () =>
    (await read(release)).followUps.find(({ answer }) => answer === null),
  );
  const body = { answer: 'stated', statement: `${said}: hosts were restarted again and again.` } as const;
  const lead = await lean.personOf('operations-lead');
  must('state the cause', await lead.answerFollowUp({ params: { run: release.run, followUp: followUp.id }, body }));
  await lean.waitUntil('the end of the trail', async () => ((await read(release)).closed ? true : undefined));
};

/** Whoever operates hears why by mail, and the page says it, too. */
const expectAskedPeople = async (lean: LeanStage, { run }: Release): Promise<void> => {
  const { stage } = lean;
  const lead = holder(stage, 'operations-lead');
  const mail = await lean.waitUntil('the mail about the cap', async () =>
    (await stage.mails()).find(
      ({ to, text }) => to.includes(lead.address) && text.includes(run) && text.includes('for as long as they may'),
    ),
  );
  expect(mail.text).toMatch(/To continue leads back to Post-Deployment Review \(48 hours\) with its time and evidence/);
  const browser = new Browser();
  const login = await browser.open(`${stage.publicUrl}/runs/${run}/rollback`);
  const { html } = await browser.submit(login, formWith(login, 'login'), stage.credentials(lead.id));
  expect(html.replace(/<[^>]+>/g, '')).toMatch(/You are asked because of the cap of Post-Deployment Review \(48 hours\)/);
};

/** The answers that the execution took, and when: no earlier than the cap, which counts from the finish and then from the decision. */
const expectRecorded = (events: readonly Stored[], capSeconds: number): void => {
  const lanes = byLane(events);
  const lane = lanes.get(`gate/${review}`) ?? [];
  const delivered = lane
    .filter(isType('gate.delivered'))
    .flatMap(({ event: { data } }) => lane.filter(isType('gate.settled')).filter(({ hash }) => hash === data.settled));
  expect(delivered.map(({ event }) => event.data.outcome)).toEqual(['capped', 'capped']);
  const opened = lane.filter(isType('gate.opened'));
  expect(opened.map(({ event }) => event.data.continues)).toEqual([undefined, opened[0]?.event.data.entry]);
  const rollback = lanes.get('rollback') ?? [];
  expect(rollback.filter(isType('rollback.triggered')), 'nobody declared anything').toEqual([]);
  const finish = events.filter(isType('deployment.finished'))[0];
  const [continued] = rollback.filter(isType('rollback.decided'));
  const counted = [finish, continued].map((from) => Date.parse(from?.event.at ?? '') + capSeconds * 1000);
  delivered.forEach(({ event }, place) => {
    expect(Date.parse(event.at)).toBeGreaterThanOrEqual(counted[place] ?? Number.NaN);
  });
};
