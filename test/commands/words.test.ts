import { describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import { gateOf } from '../../lib/checklist/definition.ts';
import { readRun, readRunWithWords } from '../../lib/query/run-view.ts';
import { findWords } from '../../lib/query/words.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import { reportOf } from '../../lib/run/state/gate-report.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import { anew, artifact, ci, personIn } from '../given.ts';
import { measured, request } from '../rollback-given.ts';
import { hour, type Story, sign, toGoNoGo, toSignOff, toStability, toWindow } from '../story.ts';
import { decideAs } from '../way-back.ts';

const asked = ({ deps }: Story, role: string): string =>
  deps.controls.mailer.mails
    .filter((mail) => mail.subject === 'approval-requested')
    .map((mail) => JSON.parse(mail.text) as { url: string; role: string })
    .findLast((notification) => notification.role === role)
    ?.url.split('/')
    .at(-1) ?? expect.fail(`nobody asked the ${role}`);

/** The technical lead's answer with a note. */
const answer = async (story: Story, given: 'approved' | 'rejected' | 'changes-requested', note: string): Promise<string> => {
  const link = asked(story, 'technical-lead');
  const caller = personIn(story.deps, 'technical-lead');
  const page = (await showApproval(story.deps, { link }, caller)).ok ?? expect.fail('no page');
  const done = await answerApproval(story.deps, { link, answer: given, confirmation: page.code, report: page.report, note }, caller);
  expect(done.refused).toBeUndefined();
  await story.machine.settle();
  return link;
};

const viewOf = async ({ deps, run }: Story) => (await readRunWithWords(deps, run)).ok ?? expect.fail('no run');
const trailOf = async ({ deps, run }: Story): Promise<string> => JSON.stringify(await deps.trail.read(`run/${run}`, { prefix: '' }));
const lead = ({ deps }: Story) => personIn(deps, 'operations-lead');
const started = ({ deps, run }: Story) =>
  reportDeployment(deps, { run, state: 'started', environment: 'production', component: 'web', digest: artifact }, ci);
const seen = (story: Story, subject: string, summary: string, request = anew()) =>
  observe(
    story.deps,
    { run: story.run, request, observation: 'call-1', kind: 'other', bad: true, subject, summary, observedAt: '2026-03-02T09:00:00.000Z' },
    lead(story),
  );

/** Each way in which a person writes something, with what it is about in the run's view. */
const acts: readonly (readonly [string, string, () => Promise<Story>, (story: Story, text: string) => Promise<unknown>])[] = [
  ['changes requested', 'approval-note', toGoNoGo, (story, text) => answer(story, 'changes-requested', text)],
  ['a rejection', 'approval-note', toGoNoGo, (story, text) => answer(story, 'rejected', text)],
  [
    'a cancellation',
    'cancellation-reason',
    toGoNoGo,
    (story, text) => cancelRun(story.deps, { run: story.run, reason: text }, lead(story)),
  ],
  [
    'a new T0',
    'reschedule-reason',
    toGoNoGo,
    (story, text) =>
      rescheduleRun(story.deps, { request: anew(), run: story.run, plannedT0: '2026-03-03T09:00:00.000Z', reason: text }, lead(story)),
  ],
  [
    'a freeze',
    'freeze-override-reason',
    toGoNoGo,
    (story, text) => {
      const freeze = { name: 'Quarter end', zone: 'UTC', reason: 'Books.', yearly: { from: '03-01', to: '03-31' } };
      const deps = { ...story.deps, stage: { ...story.deps.stage, freezes: { shop: [freeze] } } };
      return overrideFreeze(deps, { run: story.run, freeze: freeze.name, reason: text }, lead(story));
    },
  ],
  [
    'a rollback',
    'rollback-reason',
    toWindow,
    async (story, text) => {
      await started(story);
      const trigger = { request: anew(), run: story.run, trigger: 'data-corruption-detected', shown: 'orders 4411 to 4420', reason: text };
      return triggerRollback(story.deps, trigger, lead(story));
    },
  ],
  [
    'the decision about a rollback',
    'rollback-decision',
    toWindow,
    async (story, text) => {
      await started(story);
      await measured(story.deps, story.run);
      return decideRollback(story.deps, { run: story.run, decision: 'roll-back', reason: text }, lead(story));
    },
  ],
  [
    'a step of a rollback',
    'rollback-step',
    toWindow,
    async (story, text) => {
      await started(story);
      const attempt = { step: 'stop-requests', action: 'do', attempt: 1 } as const;
      await request(story.deps, story.run, attempt, 'person');
      return handleStep(story.deps, { run: story.run, ...attempt, answer: 'failed', detail: text }, lead(story));
    },
  ],
  [
    'the decision of an incident',
    'incident-decision',
    toGoNoGo,
    async (story, text) => {
      await story.machine.breakOff();
      await story.machine.settle();
      return decideIncident(story.deps, { run: story.run, decision: 'resume', reason: text }, lead(story));
    },
  ],
  [
    'the explanation of an alarm',
    'label-explanation',
    toStability,
    async (story, text) => {
      await seen(story, 'the till', 'is slow');
      const label = { request: anew(), run: story.run, observation: 'call-1', label: 'explained', explanation: text } as const;
      return labelObservation(story.deps, label, lead(story));
    },
  ],
  ['an observation', 'observation', toStability, (story, text) => seen(story, 'Jane Doe, +49 170 1234', text)],
];

describe('what a person wrote', () => {
  test.each(acts)('about %s can be read, is checked by its digest, is not in the trail, and can be erased', async (_, kind, given, act) => {
    const story = await given();
    const text = 'Repeat the load test, said Jane Doe.';
    await act(story, text);
    const found = (await viewOf(story)).words?.findLast((one) => one.kind === kind) ?? expect.fail(`no ${kind}`);
    expect(found.text).toContain(text);
    expect(sha256(`${found.salt}${found.text}`)).toBe(found.digest);
    expect(story.deps.roster.person(found.by ?? '')).toBeDefined();
    expect(await trailOf(story)).toContain(found.digest);
    expect(await trailOf(story)).not.toMatch(/Jane|\+49/);
    expect((await findWords(story.deps, { run: story.run, digest: found.digest, addresses: false })).ok).toMatchObject({
      kind,
      by: found.by,
      text: found.text,
    });
    story.deps.controls.people.erase(found.digest, '2026-03-09T08:00:00.000Z');
    expect((await viewOf(story)).words?.find(({ digest }) => digest === found.digest)).toMatchObject({
      text: null,
      salt: null,
      erasedAt: '2026-03-09T08:00:00.000Z',
    });
  });

  test('and what the start says is not in the trail, nor in a view without words', async () => {
    const story = await toGoNoGo();
    expect(await trailOf(story)).not.toMatch(/a release for the tests|PR 7/);
    expect((await viewOf(story)).changes).toEqual(['PR 7']);
    expect((await readRun(story.deps, story.run)).ok).toMatchObject({ words: null, changes: [] });
    expect((await findWords(story.deps, { run: story.run, digest: 'f'.repeat(64), addresses: true })).refused?.type).toBe('words-unknown');
  });

  test('about the same thing is another observation each time, and a repeated request is the same one', async () => {
    const story = await toStability();
    const [first, again, other] = [
      await seen(story, 'till', 'slow', 'r-1'),
      await seen(story, 'till', 'slow', 'r-1'),
      await seen(story, 'door', 'shut', 'r-2'),
    ];
    expect([first.ok?.observation, again.ok?.observation, again.ok?.alreadyRecorded]).toEqual(['call-1', 'call-1', true]);
    expect(other.ok?.observation).toMatch(/^call-1~\d+$/);
  });
});

const waiver = (story: Story, check: string) => {
  const until = new Date(story.deps.clock.now().getTime() + 48 * hour).toISOString();
  return waive(
    story.deps,
    { request: anew(), run: story.run, check, reason: 'No second reviewer.', until },
    personIn(story.deps, 'technical-lead'),
  );
};

const exceptionsAt = async ({ deps, run }: Story, gate: string) => {
  const context = (await readContext(deps, run)).ok ?? expect.fail('no run');
  const inputs = await readGateInputs(deps, context, await readGates(deps, context), gate);
  return reportOf(inputs, gateOf(context.checklist, gate) ?? expect.fail('no gate')).exceptions;
};

describe('a report that people sign', () => {
  test('names exceptions of gates that it does not cover: a waiver after the go, and the alarm that was labelled', async () => {
    const story = await toStability();
    await seen(story, 'the till', 'is slow');
    const label = {
      request: anew(),
      run: story.run,
      observation: 'call-1',
      label: 'false',
      explanation: 'It was a test of the till.',
    } as const;
    await labelObservation(story.deps, label, lead(story));
    const { checks, labels } = await exceptionsAt(story, 'sign-off');
    const excepted = checks.map(({ gate, finding }) => `${gate} ${finding.check} ${finding.verdict}`);
    expect(excepted).toContain('t-minus-2h final-code-review waived');
    expect(excepted).toContain('phase-2 migration-scripts-tested not-applicable');
    expect(labels.map(({ observation, label: said }) => [observation, said])).toEqual([['call-1', 'false']]);
  });

  test('names what people excepted in gates that are ahead, and is asked for again when that changes', async () => {
    const story = await toGoNoGo();
    const link = asked(story, 'technical-lead');
    await waiver(story, 'final-code-review');
    await story.machine.settle();
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    const page = (await showApproval(story.deps, { link }, personIn(story.deps, 'technical-lead'))).ok;
    expect(page?.state).toBe('invalidated');
    expect(page?.exceptions.checks.map(({ finding }) => finding.check)).toContain('final-code-review');
    expect(page?.invalidated?.changes.map(({ title, event }) => [title, event?.what, event?.by.kind])).toEqual([
      ['Final code review of all changes', 'waived', 'person'],
    ]);
  });

  test('names the rejection and the decision to continue before it', async () => {
    const story = await toSignOff();
    await answer(story, 'rejected', 'The refunds are not proved.');
    expect(story.machine.at()).toBe('rollback-decision');
    await decideAs(story, 'continue');
    const { visits } = await exceptionsAt(story, 'sign-off');
    expect(visits.map(({ reason }) => reason.replace(/ by .*/, ''))).toEqual(['rejected', 'continued at Sign-Off, decided']);
    const view = await viewOf(story);
    const gate = view.gates.find(({ id }) => id === 'sign-off');
    expect(gate?.earlier.map(({ outcome }) => outcome)).toEqual(['rejected']);
    expect(gate?.approvals.filter(({ entry }) => entry === 1).map(({ answer: said }) => said)).toContain('rejected');
  });

  test('a waiver after the go is mailed once to the three who signed', async () => {
    const story = await toGoNoGo();
    await sign(story);
    story.deps.controls.mailer.mails.splice(0);
    await waiver(story, 'final-code-review');
    await story.machine.settle();
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    const mails = story.deps.controls.mailer.mails.filter(({ subject }) => subject === 'exception-recorded');
    expect(mails.map(({ to }) => to.name).sort()).toEqual(
      (['technical-lead', 'operations-lead', 'product-owner'] as const)
        .map((role) => story.deps.roster.person(personIn(story.deps, role).id)?.name)
        .sort(),
    );
  });
});

describe('an invalidated answer', () => {
  test('stays visible, and its old link says that it was invalidated', async () => {
    const story = await toGoNoGo();
    const link = await answer(story, 'approved', 'Fine with me.');
    await waiver(story, 'final-code-review');
    story.deps.controls.reconciler.requests.push({ run: story.run });
    await story.machine.settle();
    const page = (await showApproval(story.deps, { link }, personIn(story.deps, 'technical-lead'))).ok;
    expect([page?.state, page?.answered?.answer, page?.invalidated === null]).toEqual(['invalidated', 'approved', false]);
    const approvals = (await viewOf(story)).gates.find(({ id }) => id === 'go-no-go')?.approvals ?? [];
    expect(approvals.filter(({ invalidated }) => invalidated).map(({ answer: said }) => said)).toContain('approved');
  });
});

describe('a run that has ended', () => {
  test('waits nowhere', async () => {
    const story = await toGoNoGo();
    story.deps.controls.workflow.end(`execution/${story.run}`);
    story.deps.controls.reconciler.requests.push({ run: story.run, executionEnded: true } as never);
    await story.machine.settle();
    const view = await viewOf(story);
    expect(view.outcome).toBe('incident');
    expect(view.gates.filter(({ state }) => state === 'waiting' || state === 'blocked')).toEqual([]);
    expect(view.gates.find(({ id }) => id === 'go-no-go')).toMatchObject({
      state: 'undecided',
      reasons: ['the run ended as incident before this gate was decided'],
    });
  });

  test('can be one that its starter cancelled', async () => {
    const story = await toGoNoGo();
    const starter = { kind: 'person', id: ci.person ?? '', roles: ['developer'], signedInAt: story.deps.clock.now() } as const;
    const asked = { run: story.run, reason: 'The wrong branch was built.' };
    expect((await cancelRun(story.deps, asked, starter)).refused).toBeUndefined();
    expect((await cancelRun(story.deps, asked, { ...starter, id: 'p-somebody1' })).refused?.type).toBe('role-missing');
  });
});
