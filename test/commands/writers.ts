import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import type { commands } from '../../lib/run/commands/index.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { takeUpload } from '../../lib/run/commands/take-upload.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { attestAll, hour, observation, proveStability, type Story, toDeployment, toGoNoGo, toStability } from '../story.ts';
import { collectCase } from './collecting.ts';
import { at, environmentWriters } from './environment-writers.ts';
import { exceptionWriters } from './exception-writers.ts';
import { measuredSeries } from './measured-series.ts';
import { noticeCameBack, noticed } from './noticed.ts';
import { profileWriters } from './profile-writers.ts';
import { rollbackWriters } from './rollback-writers.ts';
import { standingWriters } from './standing-writers.ts';
import { overriddenCase, rescheduledCase } from './t0-writers.ts';
import { uploaded, uploadId } from './uploading.ts';

/**
 * Everything that writes to an open run: the commands, the feed, the actuator, the collector, and who declares with AWS credentials. A start has no
 * run to recheck yet: CI repeats it with its token. A request for an upload writes nothing to its run; who takes the upload does.
 */
export type Writer =
  | Exclude<keyof typeof commands, 'startRun' | 'requestUpload'>
  | 'takeUpload'
  | 'feedObservation'
  | 'recordUndelivered'
  | 'carryOut'
  | 'collect'
  | 'recordUnaccounted'
  | 'declareWithAws'
  | 'actWithAws';

export type Case = {
  readonly name: string;
  readonly given: () => Promise<Story>;
  readonly command: (story: Story) => Promise<unknown>;
  /** The event without which nothing has happened; with a count where others of its type stand before it. */
  readonly event: string;
  /** The scope of the event, where it is not the run's. */
  readonly scope?: string;
  /** Whether all that follows from the event has come about. */
  readonly follows: (story: Story) => Promise<boolean>;
};

/** One check by a report, one by an attestation: small enough to see every write. */
const small = async (): Promise<Story> => {
  const deps = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [
        check('unit-tests', 'phase-1', { optional: true }),
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

/** A writer without a case does not compile. */
export const writers: Readonly<Record<Writer, readonly Case[]>> = {
  takeUpload: [
    {
      name: 'an uploaded report that lets the gate pass',
      given: async () => {
        const story = await small();
        await uploaded(story.deps, story.run, junitReport(3));
        return story;
      },
      command: ({ deps, run }) => takeUpload(deps, { run, upload: uploadId }),
      event: 'evidence.recorded',
      follows: at('phase-2'),
    },
  ],
  recordEvidence: [
    {
      name: 'a report that lets the gate pass',
      given: small,
      command: (story) => report(story, 0, 1),
      event: 'evidence.recorded',
      follows: at('phase-2'),
    },
    {
      name: 'a failing report after its gate has passed',
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
    measuredSeries,
  ],
  ...standingWriters,
  ...exceptionWriters(small, regressed),
  attest: [
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
  ],
  answerApproval: [
    {
      name: 'the last approval',
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
  ],
  cancelRun: [
    {
      name: 'a cancellation',
      given: small,
      command: ({ deps, run }) => cancelRun(deps, { run, reason: 'The customer asked to wait.' }, personIn(deps, 'operations-lead')),
      event: 'run.cancelled',
      follows: at('end cancelled'),
    },
  ],
  recallApproval: [
    {
      name: 'a recall of what people are asked',
      given: toGoNoGo,
      command: ({ deps, run }) =>
        recallApproval(
          deps,
          { run, gate: 'go-no-go', action: 'recall', reason: 'The wrong ticket was named.' },
          personIn(deps, 'operations-lead'),
        ),
      event: 'approval.recalled',
      follows: async ({ deps, run }) =>
        (await readRun(deps, run)).ok?.gates.some(({ id, state }) => id === 'go-no-go' && state === 'blocked') ?? false,
    },
  ],
  rescheduleRun: [rescheduledCase],
  overrideFreeze: [overriddenCase],
  triggerRollback: [
    {
      name: 'a trigger',
      given: toDeployment,
      command: ({ deps, run }) =>
        triggerRollback(
          deps,
          { request: anew(), run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: 'Rows are missing.' },
          personIn(deps, 'operations-lead'),
        ),
      event: 'rollback.triggered',
      follows: at('rollback-decision'),
    },
  ],
  ...rollbackWriters,
  reportDeployment: [
    {
      name: 'the end of a deployment',
      given: toDeployment,
      command: ({ deps, run }) =>
        reportDeployment(deps, { run, state: 'finished', environment: 'production', component: 'web', digest: artifact }, ci),
      event: 'deployment.finished',
      follows: async ({ deps, run }) =>
        (await deps.trail.read(`run/${run}`, { lane: 'check/deployment-window/code-deployed' })).some(
          (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'pass',
        ),
    },
  ],
  observe: [
    {
      name: 'a bad observation',
      given: toStability,
      command: (story) => observation(story, 'restart-1', true, 'restart'),
      // Behind the alarm that was tested.
      event: 'observation.recorded 4',
      follows: async ({ deps, run }) =>
        (await deps.trail.read(`run/${run}`, { lane: 'check/stability-24h/no-unplanned-restarts' })).some(
          (stored) => isType('check.judged')(stored) && stored.event.data.verdict === 'fail',
        ),
    },
  ],
  feedObservation: [
    {
      name: 'a bad observation of the feed after its review has passed',
      given: async () => {
        const story = await toStability();
        await observation(story, 'restart-0', false, 'restart');
        await attestAll(story, 'stability-24h');
        story.deps.controls.clock.advance(30 * hour);
        await proveStability(story);
        if (story.machine.at() !== 'sign-off') throw new Error(`the run is at ${story.machine.at()}`);
        return story;
      },
      command: ({ deps }) =>
        feedObservation(deps, {
          service: 'shop',
          environment: 'production',
          via: 'alarm',
          observation: 'restart-1',
          kind: 'restart',
          bad: true,
          subject: 'web',
          summary: 'The task stopped.',
          observedAt: deps.clock.now().toISOString(),
        }),
      event: 'observation.recorded 6',
      follows: async ({ deps, run }) =>
        (await deps.trail.read(`run/${run}`, { lane: 'gate/stability-24h' })).some(isType('gate.regressed')),
    },
  ],
  collect: [collectCase],
  recordUndelivered: [
    {
      name: 'a notice that came back after its gate has passed',
      given: noticed,
      command: noticeCameBack,
      event: 'mail.undelivered',
      follows: regressed,
    },
  ],
  labelObservation: [
    {
      name: 'the label of the last open observation',
      given: async () => {
        const story = await toStability();
        await observation(story, 'restart-1', true, 'restart');
        await attestAll(story, 'stability-24h');
        story.deps.controls.clock.advance(30 * hour);
        await proveStability(story);
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
  ],
  ...environmentWriters,
  ...profileWriters,
  decideIncident: [
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
  ],
};
