import { isType } from '../../lib/audit/event.ts';
import { type Checklist, checksOf, type Deviation } from '../../lib/checklist/definition.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { checklistFor } from '../../lib/checklist/stage-checklist.ts';
import { renderMail } from '../../lib/console/mails.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import type { Answer, StartRun } from '../../lib/run/commands/inputs.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import type { CiCaller, PersonCaller } from '../../lib/run/state/caller.ts';
import { givenDrill, givenTarget } from '../environment.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, bytesOf, ci, commit, contextOf, dependenciesOf, givenRun, junitReport } from '../given.ts';
import { peopleIssuer, stageOf } from '../handlers/requests.ts';
import { type Machine, machineOf } from '../machine.ts';
import { playedOnce } from '../played-once.ts';
import { proofsOf, reached } from '../report-fixtures.ts';
import { recordMadeAt } from '../samples.ts';
import { alarmIsOk } from '../story-alarms.ts';
import { ofFirstRelease } from '../story-checklist.ts';

/** Runs in the states that people meet on the pages, made with the real commands over dependencies in memory. */
export type Story = { readonly stage: Stage; readonly deps: FakeDependencies; readonly run: string; readonly machine: Machine };

/** What a hostile pipeline, alarm or colleague would write into every free text. */
export const hostile = '"><img src=https://evil.example/x onerror=alert(1)><script>alert(2)</script>\'{{7*7}}';

const person = (id: string, name: string, roles: PersonCaller['roles'], starters: Stage['roster'][number]['starters'] = []) => ({
  id,
  name,
  address: `${id}@example.com`,
  roles: [...roles],
  subjects: [{ issuer: peopleIssuer, subject: `sub-${id}` }],
  starters: [...starters],
  commitsAs: [id],
});

export const technical = 'p-technical1';
export const operations = 'p-operations1';
export const product = 'p-product1';
export const starter = 'p-starter001';

export const pagesStage = (changes: Partial<Stage> = {}): Stage =>
  stageOf({
    publicUrl: 'http://localhost',
    roster: [
      person(technical, 'Tove <b>Technical</b> & Søn', ['technical-lead']),
      person(operations, 'Ole "Operations" O\'Neil', ['operations-lead', 'operator']),
      person(product, 'Petra Product', ['product-owner']),
      person(starter, 'Stig Starter', ['developer']),
    ],
    ...changes,
  });

const deviations: Deviation[] = [
  {
    check: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 30,
    reason: 'The service is stateless & <em>short</em> soaks have found its leaks so far.',
    approver: 'operations-lead',
  },
  {
    check: 'soak-24h',
    parameter: 'minPoints',
    document: 1440,
    here: 30,
    reason: 'One point a second is enough for a short soak.',
    approver: 'operations-lead',
  },
];

/** Checks that are for information only here, so that an open report can show verdicts that would block it otherwise. */
const informationOnly = ['load-testing', 'load-tests-peak', 'no-secrets', 'operations-trained'];

const pagesChecklist = ((): Checklist => {
  const whole = ofFirstRelease(checklistFor(deviations));
  return { ...whole, items: whole.items.map((check) => (informationOnly.includes(check.id) ? { ...check, mode: 'observe' } : check)) };
})();
export const checklist = (): Checklist => pagesChecklist;

export const callerOf = ({ stage, deps }: Pick<Story, 'stage' | 'deps'>, id: string): PersonCaller => {
  const found = stage.roster.find((one) => one.id === id);
  if (found === undefined) throw new Error(`the roster has no ${id}`);
  return { kind: 'person', id, roles: found.roles, signedInAt: deps.clock.now() };
};

export const pipeline: CiCaller = { ...ci, person: starter };

/** `using`: another checklist than that of the pages. */
export const begin = async (
  changes: Partial<StartRun> = {},
  stage: Stage = pagesStage(),
  using: Checklist = checklist(),
): Promise<Story> => {
  const { publicUrl, local, waitScale, services } = stage;
  const freezes = Object.fromEntries(services.map((service) => [service.name, service.freezes ?? []]));
  const deps = dependenciesOf(using, {
    people: stage.roster,
    stage: { publicUrl, local, waitScale, freezes },
    renderNotification: renderMail,
  });
  const run = await givenRun(deps, { version: '1.4.0', changes: ['PR 812', 'SHOP-4411'], ...changes }, pipeline);
  // What people sign names the version to which a rollback would lead.
  await givenTarget(deps);
  await givenDrill(deps);
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return { stage, deps, run, machine };
};

const load = (total: number, errors: number): Uint8Array =>
  bytesOf({ connections: 160, duration: 5, errors, timeouts: 0, non2xx: 0, requests: { total }, latency: { average: 88, p99: 240 } });

type Sent = { readonly source?: string; readonly component?: boolean; readonly attempt?: number };
export const send = async ({ deps, run }: Story, type: string, bytes: Uint8Array, changes: Sent = {}): Promise<void> => {
  const { source = 'ci', component = false, attempt = 1 } = changes;
  const context = await contextOf(deps, run);
  const { commit, artifacts } = context.started.event.data;
  const built = artifacts[0]?.digest ?? '';
  const about = {
    run,
    type,
    // A bill of materials names what it is of; the samples are of the usual artifact.
    bytes: new TextEncoder().encode(
      new TextDecoder().decode(bytes).replaceAll(artifact, built).replaceAll(artifact.slice(7), built.slice(7)),
    ),
    contentType: 'application/octet-stream',
    source,
    commit,
    madeAt: deps.clock.now().toISOString(),
    producerRun: 'job',
    producerAttempt: attempt,
  };
  const sent = await recordEvidence(deps, { ...about, ...(component ? { component: 'web', artifact: built } : {}) }, pipeline);
  if (sent.refused) throw new Error(JSON.stringify(sent.refused));
};

/** Sends the samples that the checks of a gate need. `but`: evidence types that the story sends by itself. */
const sendSamples = async (story: Story, gate: string, but: readonly string[] = []): Promise<void> => {
  for (const { type, bytes, source, component } of proofsOf(checksOf(checklist(), gate), story.deps.clock.now(), but))
    await send(story, type, bytes, { source, component });
};

const attestAll = async (story: Story, gate: string, but: readonly string[] = []): Promise<void> => {
  for (const check of checksOf(checklist(), gate)) {
    if (check.rule?.kind !== 'attested/1' || check.optional || but.includes(check.id)) continue;
    const { role } = check.rule;
    const holder = story.stage.roster.find((one) => one.roles.includes(role));
    const said = await attest(
      story.deps,
      { request: anew(), run: story.run, check: check.id, statement: 'I have looked at it today.' },
      callerOf(story, holder?.id ?? ''),
    );
    if (said.refused) throw new Error(said.refused.detail);
  }
  await story.machine.settle();
};

/** A failing test with a long name, at the first gate. */
export const blockedAtFirst = async (test: string): Promise<Story> => {
  const story = await begin();
  await sendSamples(story, 'phase-1', ['junit', 'openapi', 'sarif', 'load']);
  await send(
    story,
    'junit',
    new TextEncoder().encode(
      `<testsuites><testsuite name="all"><testcase classname="cart" name="${test.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`)}"><failure message="expected 1, got 2"/></testcase></testsuite></testsuites>`,
    ),
  );
  await send(story, 'junit', junitReport(30), { source: 'unit' });
  await story.machine.settle();
  return reached(story, 'phase-1');
};

export const inSecond = async (changes?: Partial<StartRun>, stage?: Stage): Promise<Story> =>
  changes === undefined && stage === undefined ? usualInSecond() : toSecond(await begin(changes, stage));
const usualInSecond = playedOnce(async () => toSecond(await begin()));

/** `loads`: whether the load tests, which are for information only, went well. */
export const toSecond = async (story: Story, loads: 'failing' | 'good' = 'failing'): Promise<Story> => {
  await send(story, 'junit', junitReport(312, 1));
  await send(story, 'junit', junitReport(312), { attempt: 2 });
  await sendSamples(story, 'phase-1', loads === 'good' ? ['junit'] : ['junit', 'load']);
  if (loads === 'failing') await send(story, 'load', load(9000, 2100));
  await send(story, 'load', load(3, 0), { source: 'nightly' });
  await story.machine.settle();
  return reached(story, 'phase-2');
};

/** Open at the go / no-go. Its report has checks of every kind: passed again, failing, inconclusive, missing, waived, not applicable. */
export const atGoNoGo = async (changes?: Partial<StartRun>): Promise<Story> =>
  changes === undefined ? usualGoNoGo() : toGoNoGo(await inSecond(changes));
const usualGoNoGo = playedOnce(async () => toGoNoGo(await inSecond()));

export const toGoNoGo = async (story: Story): Promise<Story> => {
  await sendSamples(story, 'phase-2');
  const owners = { 'technical-lead': technical, 'operations-lead': operations, 'product-owner': product } as const;
  for (const { id, owner } of checksOf(checklist(), 'phase-2').filter(({ optional }) => optional))
    await declareNotApplicable(
      story.deps,
      { request: anew(), run: story.run, check: id, reason: 'This release changes no stored data.' },
      callerOf(story, owners[owner as keyof typeof owners]),
    );
  const until = new Date(story.deps.clock.now().getTime() + 48 * 3_600_000).toISOString();
  await waive(
    story.deps,
    { request: anew(), run: story.run, check: 'monitoring-configured', reason: 'The dashboard comes next week.', until },
    callerOf(story, operations),
  );
  await attestAll(story, 'phase-2', ['monitoring-configured']);
  // The tests of the first gate serve here as well; samples would hide the failing load test.
  await sendSamples(story, 'phase-3', ['junit', 'load']);
  // The test in staging fails, too.
  await send(story, 'load', load(9000, 2100));
  await attestAll(story, 'phase-3', ['operations-trained']);
  await listCommits(story);
  return reached(story, 'go-no-go');
};

/** People are asked once it is known who wrote the release. The sample ends with the usual commit, and begins behind what is live. */
const listCommits = async (story: Story): Promise<void> => {
  const { started, own } = await contextOf(story.deps, story.run);
  const { commit: head } = started.event.data;
  const base = own.findLast(isType('live.read'))?.event.data.live?.commit;
  const sample = new TextDecoder().decode(recordMadeAt('reviews', story.deps.clock.now(), {})).replaceAll(commit, head);
  const bytes = new TextEncoder().encode(JSON.stringify({ ...JSON.parse(sample), ...(base == null ? {} : { base }) }));
  await send(story, 'record', bytes, { source: 'final-code-review' });
  await story.machine.settle();
};

/** Changes a figure of a report that people were asked about: the requests are invalidated. */
export const changeReport = async (story: Story): Promise<void> => {
  await send(story, 'load', load(9001, 1), { attempt: 2 });
  await story.machine.settle();
};

/** The link that was mailed to a person last. */
export const linkOf = ({ deps }: Story, id: string): string => {
  const mail = deps.controls.mailer.mails.findLast((one) => one.to.address === `${id}@example.com` && one.text.includes('/approvals/'));
  const link = /\/approvals\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
  if (link === undefined) throw new Error(`nothing was mailed to ${id}`);
  return link;
};

export const answerAs = async (story: Story, id: string, answer: Answer['answer'], note = 'Seen.'): Promise<void> => {
  const link = linkOf(story, id);
  const caller = callerOf(story, id);
  const page = await showApproval(story.deps, { link }, caller);
  if (page.refused) throw new Error(page.refused.detail);
  const { code, report } = page.ok;
  const done = await answerApproval(story.deps, { link, answer, confirmation: code, report, note }, caller);
  if (done.refused) throw new Error(JSON.stringify(done.refused));
};

/** Deployed, with observations from the feeds. */
export const deployed = (summary?: string): Promise<Story> => (summary === undefined ? usualDeployed() : toDeployed(summary));
const usualDeployed = playedOnce(() => toDeployed('CPU above 90 % for ten minutes'));

const toDeployed = async (summary: string): Promise<Story> => {
  const story = await atGoNoGo();
  for (const id of [technical, operations, product]) await answerAs(story, id, 'approved');
  await story.machine.settle();
  await alarmIsOk(story, 't-minus-2h');
  await sendSamples(story, 't-minus-2h');
  await attestAll(story, 't-minus-2h');
  await reached(story, 'deployment-window');
  for (const state of ['started', 'finished'] as const)
    await reportDeployment(story.deps, { run: story.run, state, environment: 'production', component: 'web', digest: artifact }, pipeline);
  // Longer than any series of this gate, so that each one begins after the deployment.
  story.deps.controls.clock.advance(120_000);
  await sendSamples(story, 'deployment-window');
  for (const [observation, bad] of [
    ['alarm-1', true],
    ['heartbeat-1', false],
  ] as const)
    await feedObservation(story.deps, {
      service: 'shop',
      environment: 'production',
      via: 'alarm',
      observation,
      kind: 'alarm',
      bad,
      subject: 'shop-cpu',
      summary,
      observedAt: story.deps.clock.now().toISOString(),
    });
  await story.machine.settle();
  return reached(story, 'monitoring-4h');
};
