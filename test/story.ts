import { expect } from 'vitest';
import { baseChecklist, checklistFor } from '../lib/checklist/checklist.ts';
import type { Deviation } from '../lib/checklist/definition.ts';
import { answerApproval, showApproval } from '../lib/run/commands/answer-approval.ts';
import { attest } from '../lib/run/commands/attest.ts';
import { observe } from '../lib/run/commands/observe.ts';
import { recordEvidence } from '../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../lib/run/commands/report-deployment.ts';
import { declareNotApplicable, waive } from '../lib/run/commands/waive.ts';
import { sweep } from '../lib/run/gates/sweep.ts';
import { type FakeDependencies, signingFor } from './fakes.ts';
import { anew, artifact, bytesOf, ci, commit, dependenciesOf, junitReport, personIn } from './given.ts';
import { atFirstGate, type Machine } from './machine.ts';

/** The way of a run of the real checklist to its gates, as CI and people walk it. */
const deviations: Deviation[] = [
  {
    check: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 30,
    reason: 'a story in a test has no day',
    approver: 'operations-lead',
  },
  {
    check: 'soak-24h',
    parameter: 'minPoints',
    document: 1440,
    here: 30,
    reason: 'a story in a test has no day',
    approver: 'operations-lead',
  },
];

export const hour = 3_600_000;

export const series = (name: string, from: number, seconds: number, points: number): Uint8Array =>
  bytesOf({
    schema: 'holdpoint.series/1',
    name,
    about: 'test',
    points: Array.from({ length: points }, (_, n) => ({
      at: new Date(from + (n * seconds * 1000) / (points - 1)).toISOString(),
      ok: true,
      latencyMs: 5,
    })),
  });

export const reports: Readonly<Record<string, Uint8Array>> = {
  junit: junitReport(3),
  lcov: new TextEncoder().encode('SF:a.ts\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nend_of_record\n'),
  openapi: bytesOf({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths: { '/x': { get: { summary: 'Reads x', responses: { 200: { description: 'x' } } } } },
  }),
  sarif: bytesOf({ version: '2.1.0', runs: [{ tool: { driver: { name: 'secretlint' } }, results: [] }] }),
  load: bytesOf({ connections: 160, duration: 5, errors: 0, timeouts: 0, non2xx: 0, requests: { total: 9000 }, latency: { p99: 80 } }),
  cyclonedx: bytesOf({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    components: [{ name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' }],
  }),
};

/** A run of the real checklist over a world in memory, with the machine that walks it. */
export type Story = { readonly deps: FakeDependencies; readonly run: string; readonly machine: Machine };

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
      producerRun: 'job',
      producerAttempt: changes.attempt ?? 1,
      ...(changes.component ? { component: 'web', artifact } : {}),
    },
    ci,
  );
  if (sent.refused) throw new Error(JSON.stringify(sent.refused));
  return sent.ok;
};

export const attestAll = async (story: Story, gate: string): Promise<void> => {
  for (const check of baseChecklist.items.filter(
    (one) => one.gate === gate && one.rule?.kind === 'attested/1' && !one.optional && one.id !== 'final-code-review',
  )) {
    if (check.rule?.kind !== 'attested/1') continue;
    const said = await attest(
      signingFor(['people'], story.deps),
      { request: anew(), run: story.run, check: check.id, statement: 'I have looked at it today.' },
      personIn(story.deps, check.rule.role),
    );
    expect(said.refused).toBeUndefined();
  }
  await story.machine.settle();
};

export const sign = async ({ deps, machine }: Story, answer: 'approved' | 'rejected' | 'changes-requested' = 'approved'): Promise<void> => {
  const mails = deps.controls.mailer.mails.splice(0).filter((mail) => mail.subject === 'approval-requested');
  expect(mails).toHaveLength(3);
  for (const mail of mails) {
    const notification = JSON.parse(mail.text) as { url: string; role: 'technical-lead' };
    const link = notification.url.split('/').at(-1) ?? '';
    const caller = personIn(deps, notification.role);
    const page = await showApproval(deps, { link }, caller);
    if (page.refused) throw new Error(page.refused.detail);
    const answered = await answerApproval(
      signingFor(['people'], deps),
      { link, answer, confirmation: page.ok.code, report: page.ok.report, note: '' },
      caller,
    );
    if (answered.refused) throw new Error(JSON.stringify(answered.refused));
    if (answer !== 'approved') break;
  }
  await machine.settle();
};

export const begin = async (): Promise<Story> => {
  const deps = dependenciesOf(checklistFor(deviations), { stage: { local: true } });
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

export const toGoNoGo = async (): Promise<Story> => {
  const story = await begin();
  for (const type of ['junit', 'lcov', 'openapi', 'sarif', 'load']) await send(story, type, reports[type] ?? new Uint8Array());
  await story.machine.settle();
  expect(story.machine.at()).toBe('phase-2');
  await send(story, 'cyclonedx', reports.cyclonedx ?? new Uint8Array(), { component: true });
  await declareNotApplicable(
    signingFor(['people'], story.deps),
    { request: anew(), run: story.run, check: 'migration-scripts-tested', reason: 'This release changes no stored data.' },
    personIn(story.deps, 'technical-lead'),
  );
  await attestAll(story, 'phase-2');
  expect(story.machine.at()).toBe('phase-3');
  await send(story, 'series', series('soak', Date.parse('2026-03-01T00:00:00Z'), 60, 301), { component: true });
  await attestAll(story, 'phase-3');
  expect(story.machine.at()).toBe('go-no-go');
  return story;
};

export const toWindow = async (): Promise<Story> => {
  const story = await toGoNoGo();
  await sign(story);
  expect(story.machine.at()).toBe('t-minus-2h');
  await waive(
    signingFor(['people'], story.deps),
    {
      request: anew(),
      run: story.run,
      check: 'final-code-review',
      reason: 'There is no second reviewer.',
      until: new Date(story.deps.clock.now().getTime() + 48 * hour).toISOString(),
    },
    personIn(story.deps, 'technical-lead'),
  );
  await attestAll(story, 't-minus-2h');
  expect(story.machine.at()).toBe('deployment-window');
  return story;
};

export const toStability = async (): Promise<Story> => {
  const story = await toWindow();
  const { deps, run, machine } = story;
  for (const state of ['started', 'finished'] as const)
    expect(
      (await reportDeployment(signingFor([], deps), { run, state, environment: 'production', component: 'web', digest: artifact }, ci))
        .refused,
    ).toBeUndefined();
  const finish = deps.clock.now().getTime();
  deps.controls.clock.advance(60_000);
  await send(story, 'series', series('health', finish + 1000, 60, 41), { source: 'health' });
  await send(story, 'junit', junitReport(5), { source: 'smoke' });
  await machine.settle();
  expect(machine.at()).toBe('monitoring-4h');
  deps.controls.clock.advance(4 * hour);
  await send(story, 'series', series('monitoring', finish + 1000, 4 * 3600 + 1, 481), { source: 'monitoring' });
  await attestAll(story, 'monitoring-4h');
  await attestAll(story, 'phase-5');
  await attestAll(story, 'deployment-success');
  expect(machine.at()).toBe('stability-24h');
  return story;
};

export const observation = (story: Story, id: string, bad: boolean, kind: 'restart' | 'alarm' | 'other' = 'other') =>
  observe(
    story.deps,
    { run: story.run, observation: id, kind, bad, subject: 'web', summary: 'seen', observedAt: story.deps.clock.now().toISOString() },
    { ...personIn(story.deps, 'operations-lead') },
  );

/** With a waiver of 48 hours for the review that still stands. */
export const toSignOff = async (wait = 30 * hour): Promise<Story> => {
  const story = await toStability();
  await observation(story, 'fine-1', false);
  await attestAll(story, 'stability-24h');
  story.deps.controls.clock.advance(wait);
  await sweep(story.deps);
  await story.machine.settle();
  return story;
};
