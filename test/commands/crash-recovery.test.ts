import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { answerApproval, showApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { labelObservation } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { cancelRun, decideIncident, triggerRollback } from '../../lib/run/commands/stop.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { foldGates } from '../../lib/run/state/gate-entries.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { attestAll, hour, observation, type Story, toGoNoGo, toStability, toWindow } from '../story.ts';

/**
 * Whoever runs a command dies at one of its writes and nobody tries again: no retry of a client, no second delivery. When the event
 * of the command is in the trail, the sweep alone must bring about all that follows from it.
 */
const writes = /^(store\.insert|evidence\.put|due\.(put|done)|people\.keep|reconciler\.request)$/;

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

/** One check by a report, one by a word, waivable: small enough to see every write. */
const small = async (): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [
        check('unit-tests', 'phase-1'),
        check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
      ],
    ),
  );
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

const report = ({ deps, run }: Story, failures: number, attempt: number) =>
  recordEvidence(deps, reportOfRun(run, deps, junitReport(3, failures), { attempt }), ci);

const regressed = async ({ deps, run }: Story): Promise<boolean> =>
  (await deps.trail.read(`run/${run}`, { lane: 'gate/phase-1' })).some(isType('gate.regressed'));

const lastAnswer = async (story: Story) => {
  const mails = story.deps.controls.mailer.mails.filter((mail) => mail.subject === 'approval-requested');
  const answers = mails.map((mail) => async (): Promise<unknown> => {
    const { url, role } = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
    const link = url.split('/').at(-1) ?? '';
    const caller = personIn(story.deps, role);
    const page = await showApproval(story.deps, { link }, caller);
    if (page.refused) throw new Error(page.refused.detail);
    return answerApproval(
      story.deps,
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
    command: ({ deps, run }) =>
      waive(
        deps,
        {
          request: anew(),
          run,
          check: 'unit-tests',
          reason: 'No machine to run them on.',
          until: new Date(deps.clock.now().getTime() + hour).toISOString(),
        },
        personIn(deps, 'technical-lead'),
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
    command: ({ deps, run }) =>
      attest(deps, { request: anew(), run, check: 'later', statement: 'I have looked at it.' }, personIn(deps, 'technical-lead')),
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
    follows: at('t-minus-2h'),
  },
  {
    name: 'a cancellation',
    given: small,
    command: ({ deps, run }) => cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead')),
    event: 'run.cancelled',
    follows: at('end cancelled'),
  },
  {
    name: 'a trigger',
    given: toWindow,
    command: ({ deps, run }) =>
      triggerRollback(
        deps,
        { request: anew(), run, trigger: 'data-corruption-detected', reason: 'Rows are missing.' },
        personIn(deps, 'operations-lead'),
      ),
    event: 'rollback.triggered',
    follows: at('end rolled-back'),
  },
  {
    name: 'the end of a deployment',
    given: async () => {
      const story = await toWindow();
      await reportDeployment(
        story.deps,
        { run: story.run, state: 'started', environment: 'production', component: 'web', digest: artifact },
        ci,
      );
      await story.machine.settle();
      return story;
    },
    command: ({ deps, run }) =>
      reportDeployment(deps, { run, state: 'finished', environment: 'production', component: 'web', digest: artifact }, ci),
    event: 'deployment.finished',
    follows: async ({ deps, run }) =>
      (await deps.trail.read(`run/${run}`, { lane: 'check/deployment-window/code-deployed' })).some(
        (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'pass',
      ),
  },
  {
    name: 'a bad observation',
    given: toStability,
    command: (story) => observation(story, 'restart-1', true, 'restart'),
    event: 'observation.recorded',
    follows: async ({ deps, run }) =>
      (await deps.trail.read(`run/${run}`, { lane: 'check/stability-24h/no-unplanned-restarts' })).some(
        (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'fail',
      ),
  },
  {
    name: 'the label of the last open observation',
    given: async () => {
      const story = await toStability();
      await observation(story, 'restart-1', true, 'restart');
      await attestAll(story, 'stability-24h');
      story.deps.controls.clock.advance(30 * hour);
      await sweep(story.deps);
      await story.machine.settle();
      return story;
    },
    command: ({ deps, run }) =>
      labelObservation(
        deps,
        { request: anew(), run, observation: 'restart-1', label: 'explained', explanation: 'A planned restart.' },
        personIn(deps, 'operations-lead'),
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
    command: ({ deps, run }) => decideIncident(deps, { run, decision: 'end', reason: 'Not today.' }, personIn(deps, 'operations-lead')),
    event: 'incident.decided',
    follows: at('end incident'),
  },
];

const eventsOf = async ({ deps, run }: Story) => deps.trail.read(`run/${run}`, { prefix: '' });
const happened = async (story: Story, event: string): Promise<boolean> => {
  const [type, count = '1'] = event.split(' ');
  return (await eventsOf(story)).filter((stored) => stored.event.type === type).length >= Number(count);
};

/** The ask that the dead command may have made is lost, too. */
const onlyThePulse = async ({ deps, machine }: Story): Promise<void> => {
  deps.controls.reconciler.requests.splice(0);
  for (let minute = 0; minute < 4; minute += 1) {
    deps.controls.clock.advance(90_000);
    await sweep(deps);
    await machine.settle();
  }
};

describe('a command that breaks off at any write, tried again by nobody', () => {
  test.each(cases)(
    '$name',
    async ({ given, command, event, follows }) => {
      const clean = await given();
      let total = 0;
      clean.deps.controls.onCall((call) => {
        if (writes.test(call)) total += 1;
      });
      await command(clean);
      clean.deps.controls.onCall(undefined);
      await onlyThePulse(clean);
      expect(await follows(clean), 'an ask that got lost').toBe(true);
      for (const when of ['before', 'after'] as const) {
        for (let place = 1; place <= total; place += 1) {
          const story = await given();
          let seen = 0;
          story.deps.controls.onCall((call) => {
            if (!writes.test(call)) return;
            seen += 1;
            if (seen === place) story.deps.controls.failNext(call, when);
          });
          await Promise.resolve(command(story)).catch(() => undefined);
          story.deps.controls.onCall(undefined);
          const told = `write ${place} of ${total} failing ${when} it persisted`;
          const recorded = await happened(story, event);
          await onlyThePulse(story);
          expect(await follows(story), told).toBe(recorded);
          expect(verifyScope(await eventsOf(story)), told).toBeUndefined();
          const gates = foldGates((await eventsOf(story)).filter((stored) => stored.event.lane.startsWith('gate/')));
          expect(gates.entries.flatMap((entry) => entry.settlements.filter((one) => one.delivered)).length, told).toBe(
            story.deps.controls.workflow.answers.length,
          );
        }
      }
    },
    60_000,
  );
});
