import { canonical, sha256 } from '../lib/canonical-json.ts';
import type { Checklist, Item } from '../lib/checklist/definition.ts';
import { gateGraphOf, graphDigest } from '../lib/checklist/gate-graph.ts';
import { type GateDefinition, type GateId, gateDefinitionSchema } from '../lib/checklist/gates.ts';
import { rollbackItems, rollbackPath } from '../lib/checklist/phases/rollback.ts';
import type { Rule } from '../lib/registry/rules.ts';
import { junitPasses } from '../lib/rules/junit-passes.ts';
import type { StartRun } from '../lib/run/commands/inputs.ts';
import { startRun } from '../lib/run/commands/start-run.ts';
import { openGate } from '../lib/run/gates/open-gate.ts';
import type { CiCaller, PersonCaller } from '../lib/run/state/caller.ts';
import { type RunContext, readContext } from '../lib/run/state/run-context.ts';
import { onceFor } from './fakes/once-for.ts';
import { type FakeDependencies, type FakeOptions, fakeDependencies, signingFor } from './fakes.ts';

/** Builders for stories: small checklists, callers, a started run, an open gate, reports. */
const day = 86_400;

/** A gate of evidence, or of another role where `changes` names it with the fields of that role. */
export const gate = (id: GateId, changes: Partial<GateDefinition> = {}): GateDefinition =>
  gateDefinitionSchema.parse({
    role: 'evidence',
    id,
    title: `Gate ${id}`,
    deadlineSeconds: 7 * day,
    ...(changes.role === undefined || changes.role === 'evidence' ? { onDeadline: 'expired' } : {}),
    ...(changes.role === 'approval' ? { onDeadline: 'expired', onRejected: 'rejected', reports: [], rejudges: false } : {}),
    ...(changes.role === 't0' ? { leadSeconds: 7200 } : {}),
    ...changes,
  });

const junit: Rule = junitPasses.of({ minTests: 1 });

export const check = (id: string, at: GateId, changes: Partial<Item> = {}): Item => ({
  id,
  kind: 'check',
  phase: 1,
  group: 'code-quality',
  gate: at,
  words: `Words of ${id}`,
  title: `Title of ${id}`,
  owner: 'technical-lead',
  proof: 'A JUnit report.',
  controls: ['SOC 2 CC8.1'],
  maxAgeSeconds: null,
  source: 'document',
  mode: 'required',
  rule: junit,
  scope: 'run',
  after: null,
  waivable: true,
  optional: false,
  ...changes,
});

export const checklistOf = (gates: readonly GateDefinition[], checks: readonly Item[]): Checklist => ({
  name: 'test',
  version: '1',
  gates: [...gates],
  items: [...checks, ...rollbackItems],
  rollback: rollbackPath,
  deviations: [],
  incident: { role: 'incident', id: 'incident', title: 'Incident', deadlineSeconds: 14 * day, maxResumes: 2 },
});

/** Two gates of one JUnit check each. */
export const twoGates = checklistOf(
  [gate('phase-1'), gate('phase-2')],
  [
    check('unit-tests', 'phase-1'),
    check('integration', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
  ],
);

const graphOf = onceFor((checklist: Checklist) => graphDigest(gateGraphOf(checklist)));

export const dependenciesOf = (checklist: Checklist, options: Partial<FakeOptions> = {}): FakeDependencies =>
  fakeDependencies({ checklist, graph: graphOf(checklist), ...options });

export const ci: CiCaller = { kind: 'ci', id: 'ci-main', services: ['shop'], person: 'p-starter0', token: sha256('token-1') };

export const personIn = (deps: FakeDependencies, role: PersonCaller['roles'][number]): PersonCaller => {
  const person = deps.roster.holders(role).find((one) => one.id !== ci.person);
  if (person === undefined) throw new Error(`the fake roster has nobody who is ${role}`);
  return { kind: 'person', id: person.id, roles: person.roles, signedInAt: deps.clock.now() };
};

let requests = 0;
/** The name of another request. */
export const anew = (): string => `request-${++requests}`;

export const commit = 'a'.repeat(40);
export const artifact = `sha256:${'b'.repeat(64)}`;

export const startInput: StartRun = {
  service: 'shop',
  environment: 'production',
  version: '1.2.3',
  artifacts: [{ component: 'web', digest: artifact }],
  commit,
  changes: ['PR 7'],
  reason: 'a release for the tests',
  risk: 'low',
  impact: 'low',
  plannedT0: 'when-released',
};

export const givenRun = async (deps: FakeDependencies, changes: Partial<StartRun> = {}, caller: CiCaller = ci): Promise<string> => {
  const started = await startRun(signingFor([], deps), { ...startInput, ...changes }, caller);
  if (started.refused) throw new Error(started.refused.detail);
  return started.ok.run;
};

/** Opens a gate as the state machine does on entering its state. */
export const givenOpen = async (deps: FakeDependencies, run: string, at: string): Promise<string> => {
  const entry = deps.clock.now().toISOString();
  const token = deps.controls.workflow.issue(`token-${run}-${at}-${entry}`);
  await openGate(signingFor([], deps), {
    schemaVersion: 1,
    run,
    gate: at,
    entry,
    token,
    execution: `execution/${run}`,
    graph: deps.definitions.current().graph,
  });
  return entry;
};

/** A JUnit report with so many tests, some of them failing. */
export const junitReport = (tests: number, failures = 0, suite = 'all'): Uint8Array =>
  new TextEncoder().encode(
    `<testsuites><testsuite name="${suite}">${Array.from({ length: tests }, (_, n) => `<testcase classname="suite" name="case ${n + 1}" time="0.01">${n < failures ? '<failure message="expected 1, got 2"/>' : ''}</testcase>`).join('')}</testsuite></testsuites>`,
  );

export const reportOfRun = (
  run: string,
  deps: FakeDependencies,
  bytes: Uint8Array,
  changes: { source?: string; attempt?: number; component?: string } = {},
) => ({
  run,
  type: 'junit',
  bytes,
  contentType: 'application/xml',
  source: changes.source ?? 'unit',
  commit,
  madeAt: deps.clock.now().toISOString(),
  producerRun: 'job-1',
  producerAttempt: changes.attempt ?? 1,
  ...(changes.component === undefined ? {} : { component: changes.component, artifact }),
});

export const eventsOf = async (deps: FakeDependencies, run: string): Promise<string[]> =>
  (await deps.trail.read(`run/${run}`, { prefix: '' })).map(({ event }) => `${event.lane} ${event.type}`);

export const bytesOf = (value: object): Uint8Array => new TextEncoder().encode(canonical(value));

/** The run as a command reads it. */
export const contextOf = async (deps: Pick<FakeDependencies, 'trail' | 'definitions'>, run: string): Promise<RunContext> => {
  const found = await readContext(deps, run);
  if (found.refused) throw new Error(found.refused.detail);
  return found.ok;
};
