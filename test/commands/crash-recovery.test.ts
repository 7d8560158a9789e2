import { describe, expect, test } from 'vitest';
import { verifyScope } from '../../lib/audit/chain.ts';
import { isType } from '../../lib/audit/event.ts';
import { answerApproval, showApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { labelObservation } from '../../lib/run/commands/observe.ts';
import { tick } from '../../lib/run/gates/sweep.ts';
import { cancelRun, decideIncident, triggerRollback } from '../../lib/run/commands/stop.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew, artifact, checklistOf, ci, gate, junitReport, line, personIn, reportOfRun, worldOf } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { attestAll, hour, observation, type Story, toGoNoGo, toStability, toWindow } from '../story.ts';

/**
 * Whoever runs a command dies at one of its writes and nobody tries again: no retry of a client, no second delivery. When the event
 * of the command is in the trail, the pulse alone must bring about all that follows from it.
 */
const writes = /^(store\.insert|evidence\.put|due\.(put|done)|people\.keep|settler\.nudge)$/;

type Case = {
  readonly name: string;
  readonly given: () => Promise<Story>;
  readonly command: (story: Story) => Promise<unknown>;
  /** The event without which nothing has happened. */
  readonly event: string;
  /** Whether all that follows from the event has come about. */
  readonly follows: (story: Story) => Promise<boolean>;
};

const at =
  (place: string) =>
  async (story: Story): Promise<boolean> =>
    story.machine.at() === place;

/** One line by a report, one by a word, waivable: small enough to see every write. */
const small = async (): Promise<Story> => {
  const world = worldOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [
        line('unit-tests', 'phase-1'),
        line('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
      ],
    ),
  );
  const { run, machine } = await atFirstGate(world);
  return { world, run, machine };
};

const report = ({ world, run }: Story, failures: number, attempt: number) =>
  recordEvidence(world, reportOfRun(run, world, junitReport(3, failures), { attempt }), ci);

const regressed = async ({ world, run }: Story): Promise<boolean> =>
  (await world.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).some(isType('gate.regressed'));

const lastAnswer = async (story: Story) => {
  const mails = story.world.controls.mailer.mails.filter((mail) => mail.subject === 'approval-requested');
  const answers = mails.map((mail) => async (): Promise<unknown> => {
    const { url, role } = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
    const link = url.split('/').at(-1) ?? '';
    const caller = personIn(story.world, role);
    const page = await showApproval(story.world, { link }, caller);
    if (page.refused) throw new Error(page.refused.detail);
    return answerApproval(
      story.world,
      { link, answer: 'approved', confirmation: page.ok.code, report: page.ok.report, note: 'Seen.' },
      caller,
    );
  });
  return answers;
};

const cases: readonly Case[] = [
  {
    name: 'a report that releases the gate',
    given: small,
    command: (story) => report(story, 0, 1),
    event: 'evidence.recorded',
    follows: at('phase-2'),
  },
  {
    name: 'a failing report behind a released gate',
    given: async () => {
      const story = await small();
      await report(story, 0, 1);
      await story.machine.settle();
      return story;
    },
    command: (story) => report(story, 1, 2),
    event: 'evidence.recorded 2',
    follows: regressed,
  },
  {
    name: 'a waiver',
    given: small,
    command: ({ world, run }) =>
      waive(
        world,
        {
          request: anew(),
          run,
          line: 'unit-tests',
          reason: 'No machine to run them on.',
          until: new Date(world.clock.now().getTime() + hour).toISOString(),
        },
        personIn(world, 'technical-lead'),
      ),
    event: 'check.waived',
    follows: at('phase-2'),
  },
  {
    name: 'an attestation',
    given: async () => {
      const story = await small();
      await report(story, 0, 1);
      await story.machine.settle();
      return story;
    },
    command: ({ world, run }) =>
      attest(world, { request: anew(), run, line: 'later', statement: 'I have looked at it.' }, personIn(world, 'technical-lead')),
    event: 'evidence.recorded 2',
    follows: at('end production-stable'),
  },
  {
    name: 'the last signature',
    given: async () => {
      const story = await toGoNoGo();
      const answers = await lastAnswer(story);
      for (const answer of answers.slice(0, -1)) await answer();
      await story.machine.settle();
      return story;
    },
    command: async (story) => (await lastAnswer(story)).at(-1)?.(),
    event: 'approval.answered 3',
    follows: at('pre-deployment'),
  },
  {
    name: 'a cancellation',
    given: small,
    command: ({ world, run }) => cancelRun(world, { run, reason: 'The customer asked to wait.' }, personIn(world, 'operations-lead')),
    event: 'run.cancelled',
    follows: at('end cancelled'),
  },
  {
    name: 'a trigger',
    given: toWindow,
    command: ({ world, run }) =>
      triggerRollback(
        world,
        { request: anew(), run, trigger: 'data-corruption-detected', reason: 'Rows are missing.' },
        personIn(world, 'operations-lead'),
      ),
    event: 'rollback.triggered',
    follows: at('end rolled-back'),
  },
  {
    name: 'the end of a deployment',
    given: async () => {
      const story = await toWindow();
      await reportDeployment(
        story.world,
        { run: story.run, state: 'started', environment: 'production', component: 'web', digest: artifact },
        ci,
      );
      await story.machine.settle();
      return story;
    },
    command: ({ world, run }) =>
      reportDeployment(world, { run, state: 'finished', environment: 'production', component: 'web', digest: artifact }, ci),
    event: 'deployment.finished',
    follows: async ({ world, run }) =>
      (await world.trail.read(`run/${run}`, { lane: 'check/deployment-window/code-deployed' })).some(
        (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'pass',
      ),
  },
  {
    name: 'a bad observation',
    given: toStability,
    command: (story) => observation(story, 'restart-1', true, 'restart'),
    event: 'observation.recorded',
    follows: async ({ world, run }) =>
      (await world.trail.read(`run/${run}`, { lane: 'check/stability-24h/no-unplanned-restarts' })).some(
        (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'fail',
      ),
  },
  {
    name: 'the label of the last open observation',
    given: async () => {
      const story = await toStability();
      await observation(story, 'restart-1', true, 'restart');
      await attestAll(story, 'stability-24h');
      story.world.controls.clock.advance(30 * hour);
      await tick(story.world);
      await story.machine.settle();
      return story;
    },
    command: ({ world, run }) =>
      labelObservation(
        world,
        { request: anew(), run, observation: 'restart-1', label: 'explained', explanation: 'A planned restart.' },
        personIn(world, 'operations-lead'),
      ),
    event: 'observation.labelled',
    follows: at('sign-off'),
  },
  {
    name: 'the decision of an incident',
    given: async () => {
      const story = await small();
      await story.machine.breakOff();
      await story.machine.settle();
      return story;
    },
    command: ({ world, run }) => decideIncident(world, { run, decision: 'end', reason: 'Not today.' }, personIn(world, 'operations-lead')),
    event: 'incident.decided',
    follows: at('end incident'),
  },
];

const eventsOf = async ({ world, run }: Story) => world.trail.read(`run/${run}`, { prefix: '' });
const happened = async (story: Story, event: string): Promise<boolean> => {
  const [type, count = '1'] = event.split(' ');
  return (await eventsOf(story)).filter((stored) => stored.event.type === type).length >= Number(count);
};

/** The ask that the dead command may have made is lost, too. */
const onlyThePulse = async ({ world, machine }: Story): Promise<void> => {
  world.controls.settler.nudges.splice(0);
  for (let minute = 0; minute < 4; minute += 1) {
    world.controls.clock.advance(90_000);
    await tick(world);
    await machine.settle();
  }
};

describe('a command that breaks off at any write, tried again by nobody', () => {
  test.each(cases)(
    '$name',
    async ({ given, command, event, follows }) => {
      const clean = await given();
      let total = 0;
      clean.world.controls.onCall((call) => {
        if (writes.test(call)) total += 1;
      });
      await command(clean);
      clean.world.controls.onCall(undefined);
      await onlyThePulse(clean);
      expect(await follows(clean), 'an ask that got lost').toBe(true);
      for (const when of ['before', 'after'] as const) {
        for (let place = 1; place <= total; place += 1) {
          const story = await given();
          let seen = 0;
          story.world.controls.onCall((call) => {
            if (!writes.test(call)) return;
            seen += 1;
            if (seen === place) story.world.controls.failNext(call, when);
          });
          await Promise.resolve(command(story)).catch(() => undefined);
          story.world.controls.onCall(undefined);
          const told = `write ${place} of ${total} failing ${when} it persisted`;
          const recorded = await happened(story, event);
          await onlyThePulse(story);
          expect(await follows(story), told).toBe(recorded);
          expect(verifyScope(await eventsOf(story)), told).toBeUndefined();
          const gates = foldGates((await eventsOf(story)).filter((stored) => stored.event.lane.startsWith('gate/')));
          expect(gates.entries.flatMap((entry) => entry.settlements.filter((one) => one.delivered)).length, told).toBe(
            story.world.controls.workflow.answers.length,
          );
        }
      }
    },
    60_000,
  );
});
