import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { signingFor } from '../fakes.ts';
import { anew, artifact, ci, commit, junitReport, personIn } from '../given.ts';
import { timelessSampleOf } from '../samples.ts';
import {
  attestAll,
  begin,
  declareOptional,
  hour,
  observation,
  prove,
  proveStability,
  send,
  sign,
  toGoNoGo,
  toSignOff,
  toStability,
  toWindow,
} from '../story.ts';
import { wholeChecklist } from '../story-checklist.ts';
import { answerFunctions, decideAs, shopTargets } from '../way-back.ts';

describe('a whole run', () => {
  test('ends production-stable, its trail closed and sound', async () => {
    const story = await toStability();
    const { deps, run, machine } = story;
    await observation(story, 'heartbeat-1', false);
    await attestAll(story, 'stability-24h');
    expect(machine.at()).toBe('stability-24h');
    deps.controls.clock.advance(20 * hour);
    await proveStability(story);
    await machine.settle();
    expect(machine.at()).toBe('sign-off');
    await sign(story);
    expect(machine.at()).toBe('review-48h');
    await attestAll(story, 'review-48h');
    deps.controls.clock.advance(24 * hour);
    deps.controls.reconciler.requests.push({ run });
    await machine.settle();
    expect(machine.at()).toBe('end production-stable');
    const view = await readRun(deps, run);
    expect(view.ok?.outcome).toBe('production-stable');
    expect(view.ok?.closed).toBe(true);
    expect(view.ok?.gates.map((gate) => gate.state)).toEqual(Array.from({ length: 12 }, () => 'passed'));
    expect(view.ok?.checkCounts).toMatchObject({ fail: 0, missing: 0, waived: 1, notApplicable: 10 });
    expect(verifyScope(await deps.trail.read(`run/${run}`, { prefix: '' }))).toBeUndefined();
    expect(await deps.due.list(new Date(deps.clock.now().getTime() + 400 * 24 * hour), 1000), 'nothing else is due').toMatchObject([
      { kind: 'close' },
    ]);
  });

  test('a failing report after phase 1 holds the next gate until the same source passes', async () => {
    const story = await begin(undefined, wholeChecklist);
    await prove(story, 'phase-1');
    await send(story, 'junit', junitReport(3, 1), { attempt: 2 });
    await prove(story, 'phase-2');
    await declareOptional(story, 'phase-2');
    await attestAll(story, 'phase-2');
    expect(story.machine.at()).toBe('phase-2');
    const blocked = await readRun(story.deps, story.run);
    expect(blocked.ok?.outcome).toBe('blocked');
    expect(blocked.ok?.gates[1]?.reasons.join(' ')).toContain('suite › case 1');
    await send(story, 'junit', junitReport(3), { attempt: 3 });
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-3');
    expect((await readRun(story.deps, story.run)).ok?.gates[0]?.checks.find(({ check }) => check === 'no-regressions')?.reason).toContain(
      'passed on attempt 3',
    );
  });

  test('a rejection at go / no-go ends the run', async () => {
    const story = await toGoNoGo();
    await sign(story, 'rejected');
    expect(story.machine.at()).toBe('end rejected');
    expect((await readRun(story.deps, story.run)).ok?.outcome).toBe('rejected');
  });

  test('sent back holds the gate, and the run lives', async () => {
    const story = await toGoNoGo();
    await sign(story, 'changes-requested');
    expect(story.machine.at()).toBe('go-no-go');
    expect((await readRun(story.deps, story.run)).ok?.outcome).toBe('blocked');
  });

  test('evidence that changes the report voids the answers, and people are asked again after a quarter of an hour', async () => {
    const story = await toGoNoGo();
    await send(story, 'junit', junitReport(4), { attempt: 2 });
    await story.machine.settle();
    expect((await readRun(story.deps, story.run)).ok?.gates[3]?.approvals.every((approval) => approval.invalidated)).toBe(true);
    story.deps.controls.mailer.mails.splice(0);
    story.deps.controls.clock.advance(16 * 60_000);
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('the same report sent again voids nothing', async () => {
    const story = await toGoNoGo();
    await send(story, 'junit', timelessSampleOf('junit'), { attempt: 2 });
    await story.machine.settle();
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
  });

  test('a trigger leads to the rollback decision once a deployment has started, and a rollback ends the run; before that it is refused', async () => {
    const early = await toGoNoGo();
    const operator = personIn(early.deps, 'operations-lead');
    expect(
      (
        await triggerRollback(
          early.deps,
          {
            request: anew(),
            run: early.run,
            trigger: 'data-corruption-detected',
            shown: 'orders 4411 to 4420',
            reason: 'rows are missing',
          },
          operator,
        )
      ).refused?.type,
    ).toBe('rollback-before-deployment');
    const story = await toWindow();
    const trigger = { run: story.run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'rows are missing' };
    const nothing = await triggerRollback(story.deps, { request: anew(), ...trigger }, operator);
    expect(nothing.refused).toMatchObject({ type: 'rollback-before-deployment', fix: 'Cancel the run instead.' });
    await reportDeployment(
      story.deps,
      { run: story.run, state: 'started', environment: 'production', component: 'web', digest: artifact },
      ci,
    );
    const done = await triggerRollback(
      story.deps,
      { request: anew(), run: story.run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'rows are missing' },
      operator,
    );
    expect(done.refused).toBeUndefined();
    await story.machine.settle();
    expect(story.machine.at()).toBe('rollback-decision');
    Object.assign(story.deps.stage, { targets: { shop: { production: shopTargets() } } });
    await decideAs(story, 'roll-back');
    await answerFunctions(story);
    expect(story.machine.at()).toBe('end rolled-back');
    expect((await readRun(story.deps, story.run)).ok).toMatchObject({
      outcome: 'rolled-back',
      closed: false,
      followUps: [{ id: 'cause', answer: null }],
    });
    await answerFollowUp(
      signingFor(['people'], story.deps),
      { run: story.run, followUp: 'cause', answer: 'stated', statement: 'The release deleted rows by a wrong query.' },
      operator,
    );
    await story.machine.settle();
    expect((await readRun(story.deps, story.run)).ok).toMatchObject({ outcome: 'rolled-back', closed: true });
  });

  test('nothing deployed within the hour ends not-deployed', async () => {
    const story = await toWindow();
    story.deps.controls.clock.advance(2 * hour);
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    expect(story.machine.at()).toBe('end not-deployed');
  });

  test('a bad observation holds the 24-hour gate until it is labelled', async () => {
    const story = await toStability();
    await observation(story, 'restart-1', true, 'restart');
    await attestAll(story, 'stability-24h');
    story.deps.controls.clock.advance(30 * hour);
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    await proveStability(story);
    expect((await readRun(story.deps, story.run)).ok?.gates.find(({ id }) => id === 'stability-24h')?.state).toBe('blocked');
    await labelObservation(
      story.deps,
      { request: anew(), run: story.run, observation: 'restart-1', label: 'explained', explanation: 'A planned restart of the host.' },
      personIn(story.deps, 'operations-lead'),
    );
    await story.machine.settle();
    expect(story.machine.at()).toBe('sign-off');
  });

  test('a silent feed never passes', async () => {
    const story = await toStability();
    await attestAll(story, 'stability-24h');
    story.deps.controls.clock.advance(30 * hour);
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    const gate = (await readRun(story.deps, story.run)).ok?.gates.find(({ id }) => id === 'stability-24h');
    expect(gate?.state).toBe('blocked');
    expect(gate?.reasons.join(' ')).toContain('a silent feed proves nothing');
  });

  test('a fault leads to the incident gate; a person resumes where it was, or ends the run', async () => {
    const story = await toGoNoGo();
    await story.machine.breakOff();
    await story.machine.settle();
    expect(story.machine.at()).toBe('incident');
    const lead = personIn(story.deps, 'operations-lead');
    expect((await decideIncident(story.deps, { run: story.run, decision: 'resume', reason: 'the network is back' }, lead)).ok?.gate).toBe(
      'go-no-go',
    );
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    await story.machine.breakOff();
    await story.machine.settle();
    await decideIncident(story.deps, { run: story.run, decision: 'end', reason: 'not today after all' }, lead);
    await story.machine.settle();
    expect(story.machine.at()).toBe('end incident');
    expect((await readRun(story.deps, story.run)).ok?.outcome).toBe('incident');
  });

  test('cancelled before the deployment, refused afterwards', async () => {
    const story = await toGoNoGo();
    await cancelRun(story.deps, { run: story.run, reason: 'the customer asked to wait' }, personIn(story.deps, 'operations-lead'));
    await story.machine.settle();
    expect(story.machine.at()).toBe('end cancelled');
    const late = await toWindow();
    await reportDeployment(
      late.deps,
      { run: late.run, state: 'started', environment: 'production', component: 'web', digest: artifact },
      ci,
    );
    expect(
      (await cancelRun(late.deps, { run: late.run, reason: 'the customer asked to wait' }, personIn(late.deps, 'operations-lead'))).refused
        ?.type,
    ).toBe('cancel-after-deployment');
  });

  test('a deadline expires the run, and late evidence is refused and recorded beside it', async () => {
    const story = await begin(undefined, wholeChecklist);
    story.deps.controls.clock.advance(15 * 24 * hour);
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    expect(story.machine.at()).toBe('end expired');
    const late = await recordEvidence(
      story.deps,
      {
        run: story.run,
        type: 'junit',
        bytes: junitReport(1),
        contentType: 'application/xml',
        source: 'ci',
        commit,
        madeAt: story.deps.clock.now().toISOString(),
        producerRun: 'job',
        producerAttempt: 1,
      },
      ci,
    );
    expect(late.refused?.type).toBe('run-ended');
    expect((await story.deps.trail.read(`late/${story.run}`, { prefix: '' })).map(({ event }) => event.type)).toEqual([
      'mail.claimed',
      'notice.sent',
      'request.refused',
    ]);
  });
});

describe('a rejected sign-off', () => {
  test('opens the rollback decision without a trigger, can be signed again after a decision to continue, and ends stable', async () => {
    const story = await toSignOff();
    await sign(story, 'rejected');
    expect(story.machine.at()).toBe('rollback-decision');
    story.deps.controls.clock.advance(hour);
    await sweep(story.deps);
    await story.machine.settle();
    expect(story.machine.at(), 'silence decides nothing').toBe('rollback-decision');
    story.deps.controls.mailer.mails.splice(0, story.deps.controls.mailer.mails.length);
    await decideAs(story, 'continue');
    expect(story.machine.at()).toBe('sign-off');
    await sign(story);
    expect(story.machine.at()).toBe('review-48h');
    await attestAll(story, 'review-48h');
    story.deps.controls.clock.advance(30 * hour);
    await sweep(story.deps);
    await story.machine.settle();
    expect(story.machine.at()).toBe('end production-stable');
    const late = await story.deps.trail.read(`late/${story.run}`, { prefix: '' });
    expect(verifyScope(await story.deps.trail.read(`run/${story.run}`, { prefix: '' }), undefined, late)).toBeUndefined();
    story.deps.controls.clock.advance(60 * 24 * hour);
    for (let n = 0; n < 3; n += 1) {
      await sweep(story.deps);
      await story.machine.settle();
    }
    expect([...story.deps.controls.due.items.values()]).toEqual([]);
  });
});
