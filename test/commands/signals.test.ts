import { describe, expect, test } from 'vitest';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { visitOf } from '../../lib/run/state/gate-entries.ts';
import { readGates } from '../../lib/run/state/gate-inputs.ts';
import { appendToLane, ofType, readContext, system } from '../../lib/run/state/run-context.ts';
import { signingFor } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { given, standingCheck, withdrawAs } from '../standing-given.ts';
import { attestAll, begin, hour, observation, prove, type Story, sign, toGoNoGo, toSignOff, toWindow } from '../story.ts';
import { older } from './review-story.ts';

/** What operations hear of a run: the words that the reconciler logs, and the figure that the sweep logs. */

const minute = 60_000;

/** Reconciles what was requested and what is due, as often as something is, and gives back what was raised. */
const raisedIn = async ({ deps, machine }: Story): Promise<readonly string[]> => {
  const raised: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await sweep(deps);
    for (const request of deps.controls.reconciler.requests.splice(0))
      raised.push(...((await reconcileGate(signingFor(['reconciler'], deps), request)).signals ?? []));
  }
  await machine.settle();
  return raised;
};

const wait = async (story: Story, milliseconds: number): Promise<readonly string[]> => {
  story.deps.controls.clock.advance(milliseconds);
  return raisedIn(story);
};

const toReview = async (): Promise<Story> => {
  const story = await toSignOff(24 * hour);
  await sign(story);
  await attestAll(story, 'review-48h');
  expect(story.machine.at()).toBe('review-48h');
  return story;
};

const label = ({ deps, run }: Story, name: string, as: 'true' | 'explained') =>
  labelObservation(
    deps,
    { request: anew(), run, observation: name, label: as, explanation: 'The host had to be replaced.' },
    personIn(deps, 'operations-lead'),
  );

/** These stories jump over hours, in which a review would have been looked at. */
const ofReview = (raised: readonly string[]): readonly string[] => raised.filter((one) => one !== 'ReviewLate');

describe('a review that fails', () => {
  test('raises one signal when an earlier gate is no longer satisfied, and none while only its window is missing', async () => {
    const story = await toReview();
    expect(await wait(story, minute)).toEqual([]);
    await observation(story, 'restart-9', true, 'restart');
    expect(await raisedIn(story)).toEqual(['ReviewFailed']);
    expect(await wait(story, 5 * minute), 'the same failure').toEqual([]);
    await label(story, 'restart-9', 'explained');
    expect(await raisedIn(story)).toEqual([]);
    expect(ofReview(await wait(story, 48 * hour))).toEqual([]);
    expect(story.machine.at()).toBe('end production-stable');
  });

  test('raises one when it is not stable for so long that people must decide', async () => {
    const story = await toReview();
    for (let day = 2; day <= 6; day += 1) {
      story.deps.controls.clock.advance(24 * hour);
      await observation(story, `restart-day-${day}`, true, 'restart');
      await label(story, `restart-day-${day}`, 'true');
      await story.machine.settle();
    }
    expect(ofReview(await wait(story, 24 * hour))).toEqual(['ReviewFailed']);
    expect(await wait(story, 2 * hour), 'nobody has decided about the rollback').toContain('RollbackUndecided');
    expect(ofReview(await wait(story, 2 * hour))).toEqual([]);
  });
});

describe('a review of a small checklist that fails', () => {
  const small = checklistOf(
    [
      gate('phase-1'),
      gate('t-minus-2h', { role: 't0' }),
      gate('stability-24h', { role: 'review', onDeadline: 'page', window: { anchor: 'deployment.finished', seconds: 86_400 } }),
    ],
    [
      standingCheck('guides', { rule: junitPasses.of({ minTests: 1, suites: ['guides'] }) }),
      check('backup', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
      ...['shop', 'billing'].map((id) => check(id, 'stability-24h', { rule: junitPasses.of({ minTests: 2, suites: [id] }) })),
    ],
  );

  const report = async (story: Story, source: string, bytes: Uint8Array, attempt = 1): Promise<readonly string[]> => {
    const { deps, run } = story;
    const sent = await recordEvidence(signingFor([], deps), reportOfRun(run, deps, bytes, { source, attempt }), ci);
    expect(sent.refused).toBeUndefined();
    return raisedIn(story);
  };

  const toSmallReview = async (): Promise<Story & { readonly guide: string }> => {
    const deps = dependenciesOf(small);
    const { event: guide } = await given(deps, { bytes: junitReport(1, 0, 'guides') });
    const story = { deps, guide, ...(await atFirstGate(deps)) };
    await story.machine.settle();
    await attest(
      deps,
      { request: anew(), run: story.run, check: 'backup', statement: 'It was restored.' },
      personIn(deps, 'operations-lead'),
    );
    await story.machine.settle();
    expect(story.machine.at()).toBe('stability-24h');
    return story;
  };

  const blockedMails = ({ deps }: Story) => deps.controls.mailer.mails.filter(({ subject }) => subject === 'gate-blocked').length;

  test('raises a signal for a check that fails, also when everybody was mailed about it while it was inconclusive', async () => {
    const story = await toSmallReview();
    expect(await report(story, 'shop', junitReport(1, 0, 'shop'))).toEqual([]);
    const mails = blockedMails(story);
    expect(mails).toBeGreaterThan(0);
    expect(await report(story, 'shop', junitReport(2, 1, 'shop'), 2)).toEqual(['ReviewFailed']);
    expect(blockedMails(story), 'nobody is mailed again').toBe(mails);
    expect(await wait(story, 5 * minute)).toEqual([]);
    expect(await report(story, 'billing', junitReport(2, 1, 'billing')), 'another check').toEqual(['ReviewFailed']);
    expect(await wait(story, 5 * minute)).toEqual([]);
  });

  test('raises it once, however often its mails are refused', async () => {
    const story = await toSmallReview();
    story.deps.controls.onCall((call) => {
      if (call === 'mailer.send') throw new Error('the mail system is down');
    });
    await expect(report(story, 'shop', junitReport(2, 1, 'shop'))).rejects.toThrow('ReviewFailed');
    for (let again = 0; again < 3; again += 1) {
      story.deps.controls.clock.advance(10 * minute);
      await expect(reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run })).rejects.toThrow(/^the mail system is down$/);
    }
    expect(blockedMails(story)).toBe(0);
    story.deps.controls.onCall(undefined);
    expect(await wait(story, hour)).toEqual([]);
    expect(blockedMails(story)).toBeGreaterThan(0);
  });

  test('raises it, and mails, when evidence of an earlier gate is withdrawn', async () => {
    const story = await toSmallReview();
    expect(blockedMails(story)).toBe(0);
    const withdrawn = await withdrawAs(story.deps, story.guide, personIn(story.deps, 'technical-lead'));
    expect(withdrawn.refused).toBeUndefined();
    expect(await raisedIn(story)).toEqual(['ReviewFailed']);
    expect(blockedMails(story)).toBeGreaterThan(0);
  });

  test('says once that it waits too long, beside that it was not stable in time', async () => {
    const story = await toSmallReview();
    expect(ofReview(await wait(story, 7 * 24 * hour - minute))).toEqual([]);
    expect(ofReview(await wait(story, 2 * minute))).toEqual(['ReviewFailed', 'WaitTooLong']);
    expect(ofReview(await wait(story, hour))).toEqual([]);
  });
});

describe('a planned T0 that is missed', () => {
  test('raises one signal after 60 minutes, and another one when the next T0 is missed, too', async () => {
    const story = await begin();
    const plan = () =>
      rescheduleRun(
        story.deps,
        {
          run: story.run,
          plannedT0: new Date(story.deps.clock.now().getTime() + 24 * hour).toISOString(),
          reason: 'The database team is ill.',
          request: anew(),
        },
        personIn(story.deps, 'operations-lead'),
      );
    await plan();
    await toGoNoGo(story);
    expect(await wait(story, 24 * hour + 59 * minute)).toEqual([]);
    expect(await wait(story, 2 * minute)).toEqual(['T0Missed']);
    expect(await wait(story, 10 * minute)).toEqual([]);
    expect((await plan()).refused).toBeUndefined();
    expect(await raisedIn(story)).toEqual([]);
    expect(await wait(story, 26 * hour)).toEqual(['T0Missed']);
  });

  test('is recorded as what it is, and not raised again where an older version recorded it as a claimed mail', async () => {
    const missing = async (isRaisedBefore: boolean) => {
      const story = await begin();
      const { deps, run } = story;
      const plannedT0 = new Date(deps.clock.now().getTime() + 24 * hour).toISOString();
      await rescheduleRun(
        deps,
        { run, plannedT0, reason: 'The database team is ill.', request: anew() },
        personIn(deps, 'operations-lead'),
      );
      await toGoNoGo(story);
      const place = { scope: scopes.run(run), lane: lanes.notice };
      const context = (await readContext(deps, run)).ok ?? expect.fail('no run');
      const visit = visitOf((await readGates(deps, context)).open ?? expect.fail('no gate is open'));
      const purpose = `signal/T0Missed/${plannedT0}/go-no-go/${visit}`;
      if (isRaisedBefore)
        await appendToLane(deps, context.parentHash, await deps.trail.read(place.scope, { lane: place.lane }), {
          ...place,
          step: `${purpose}/claimed/1`,
          type: 'mail.claimed',
          actor: system('reconciler'),
          data: { purpose, attempt: 1 },
        });
      const signals = await wait(story, 26 * hour);
      const lane = await deps.trail.read(place.scope, { lane: place.lane });
      return { signals, recorded: ofType(lane, 'signal.raised').map(({ event }) => event.data), about: plannedT0, visit };
    };
    const { signals, recorded, about, visit } = await missing(false);
    expect(signals).toEqual(['T0Missed']);
    expect(recorded).toEqual([{ signal: 'T0Missed', about, gate: 'go-no-go', visit }]);
    expect(await missing(true)).toMatchObject({ signals: [], recorded: [] });
  });

  test('is named in the fault when a mail fails in the same reconciliation, because it is not raised again', async () => {
    const story = await begin();
    const plannedT0 = new Date(story.deps.clock.now().getTime() + 24 * hour).toISOString();
    await rescheduleRun(
      story.deps,
      { run: story.run, plannedT0, reason: 'The database team is ill.', request: anew() },
      personIn(story.deps, 'operations-lead'),
    );
    await toGoNoGo(story);
    story.deps.controls.clock.advance(25 * hour + minute);
    const broken = new Error('the mail system is down');
    story.deps.controls.failNext('mailer.send', 'before', broken);
    const fault = await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run }).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ message: expect.stringContaining('T0Missed'), cause: broken });
  });
});

describe('the oldest open wait', () => {
  /** The first sweep after a jump finds what the sweeps of the minutes before would have found. */
  const longest = async ({ deps, machine }: Story, minutes: number) => {
    deps.controls.clock.advance(minutes * minute);
    await sweep(deps);
    await machine.settle();
    return (await sweep(deps)).oldestWaitSeconds / 60;
  };

  test('grows from the deadline on for as long as the run waits, and is over with the wait', async () => {
    const story = await toWindow();
    const deploy = (state: 'started' | 'finished') =>
      reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, ci);
    await deploy('started');
    await story.machine.settle();
    expect(await longest(story, 59)).toBe(0);
    expect(await longest(story, 11)).toBeCloseTo(10, 0);
    expect(await longest(story, 604)).toBeCloseTo(614, 0);
    const kinds = () => [...story.deps.controls.due.items.values()].map(({ kind }) => kind).sort();
    expect(kinds(), 'one item beside the hard stop, however often it was looked at').toEqual(['deadline', 'overdue']);
    await deploy('finished');
    story.deps.controls.clock.advance(2 * minute);
    await prove(story, 'deployment-window');
    expect(story.machine.at()).toBe('monitoring-4h');
    expect(kinds(), 'at once, without another look').not.toContain('overdue');
    expect(await longest(story, 10)).toBe(0);
  });

  test('is over at once when people explain what kept a review from its end, although its gate still waits', async () => {
    const story = await toSignOff(24 * hour, await older());
    await sign(story);
    story.deps.controls.clock.advance(5 * 24 * hour);
    await observation(story, 'restart-9', true, 'restart');
    await label(story, 'restart-9', 'true');
    await story.machine.settle();
    await wait(story, 24 * hour);
    const overdue = () => [...story.deps.controls.due.items.values()].filter(({ kind }) => kind === 'overdue').map(({ id }) => id);
    expect(overdue()).toEqual(['review-48h']);
    await label(story, 'restart-9', 'explained');
    await story.machine.settle();
    expect(overdue()).toEqual([]);
    expect(story.machine.at()).toBe('review-48h');
  });

  test('is a run that Holdpoint itself has not taken up', async () => {
    const story = await toWindow();
    await story.deps.due.put({ at: story.deps.clock.now().toISOString(), run: story.run, kind: 'recheck', id: 'lost' });
    story.deps.controls.clock.advance(20 * minute);
    expect(await sweep(story.deps)).toMatchObject({ oldestWaitSeconds: 20 * 60, oldestWait: story.run });
    await story.machine.settle();
    expect(await sweep(story.deps)).toEqual({ requested: 0, oldestWaitSeconds: 0 });
  });
});
