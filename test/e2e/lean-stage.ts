import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import type { Deviation } from '../../lib/checklist/definition.ts';
import { type Stage, stageSchema } from '../../lib/checklist/stage.ts';
import type { Io } from '../../lib/cli/io.ts';
import { emptyTrees } from '../../lib/evidence/empty-trees.ts';
import { childEnv } from '../../lib/local/child-env.ts';
import { localStatus } from '../../lib/local/commands.ts';
import { createStage } from '../../lib/local/demo/create-stage.ts';
import { adoptTarget } from '../../lib/local/demo/preparation.ts';
import type { PublishedVersion } from '../../lib/local/demo/shop-function.ts';
import { buildShop, checkOutShop } from '../../lib/local/demo/shop-source.ts';
import type { DemoStage } from '../../lib/local/demo/stage.ts';
import { attestForService } from '../../lib/local/demo/standing.ts';
import { attestGate, component, type Followed, holder, must, read, until } from '../../lib/local/demo/steps.ts';
import { waitFor } from '../../lib/local/demo/waiting.ts';
import { pathsIn, readJson } from '../../lib/local/paths.ts';
import type { LocalStatus } from '../../lib/local/printed.ts';
import { isOpen } from '../../lib/query/gate-state.ts';
import type { RunView } from '../../lib/query/view.ts';
import { copyOfCheckout, node } from './checkout.ts';
import { keptOutput } from './kept-output.ts';
import { leanProfile } from './lean-profile.ts';

/**
 * A stage on the local AWS whose runs have few checks, so that they are where a test needs them after seconds: a stage of the test's own,
 * in a copy of this checkout.
 */
const minute = 60_000;

/** A run that a test takes through its gates. */
export type Release = Followed & { readonly ci: Client; readonly environment: string };

type StageFrom = { readonly file: string; readonly change: (stage: Stage) => Stage };
type Wanted = {
  /** Checks that its runs have besides those that every lean run has. */
  readonly more?: readonly string[];
  /** What the people say who attest something. */
  readonly said: string;
  /** Where the shop is released. Default: production alone. */
  readonly environments?: readonly string[];
  /** What its runs deviate in besides the checks that they drop. */
  readonly deviations?: readonly Deviation[];
  /** What makes another stage of the local one, and the file of the checkout that exports it. */
  readonly stageFrom?: StageFrom;
};

/** The checks that are attested once for the service. */
const standing = ['monitoring-configured', 'operations-trained'] as const;
/** Every gate needs a check, so these are the others. */
const lines = [
  'team-assembled',
  'smoke-tests-run',
  'logging-complete-accessible',
  'documentation-adequate',
  'team-confident',
  'ready-to-declare',
] as const;

const commit = 'd'.repeat(40);
const noSecrets = JSON.stringify({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'secretlint', rules: [] } }, invocations: [{ executionSuccessful: true }], results: [] }],
});

/** One commit that nobody has reviewed: who wrote the release must be known before people are asked. */
const listedCommits = (): string =>
  JSON.stringify({
    schema: 'holdpoint.reviews/1',
    at: new Date().toISOString(),
    tool: 'a test',
    // Everything from the first commit on, whatever is live.
    base: emptyTrees[0],
    head: commit,
    commits: [{ commit, author: 'shop', reviews: [] }],
  });

const changedBy = ({ file, change }: StageFrom): string => `import { ${change.name} } from '../../${file}';
import { localStage as plain } from './plain-stage.ts';
export * from './plain-stage.ts';
export const localStage = (addresses) => ${change.name}(plain(addresses));
`;

/** Sets the stage up before the tests of this suite, and stops it after them. */
export const leanStage = ({ more = [], said, environments = ['production'], deviations = [], stageFrom }: Wanted) => {
  const { output, printed } = keptOutput();
  const over = new AbortController();
  let checkout: ReturnType<typeof copyOfCheckout>;
  let ownEnv: NodeJS.ProcessEnv;
  let stage: DemoStage;
  let status: LocalStatus;
  let published: PublishedVersion;
  const started: Release[] = [];
  const holdpoint = (...args: string[]) => node(checkout.folder, ['bin/holdpoint.mjs', ...args], 7 * minute);

  beforeAll(async () => {
    ownEnv = { ...process.env };
    checkout = copyOfCheckout();
    if (stageFrom !== undefined) {
      checkout.write('lib/local/plain-stage.ts', checkout.read('lib/local/stage.ts'));
      checkout.write('lib/local/stage.ts', changedBy(stageFrom));
    }
    const up = await holdpoint('local', 'up');
    if (up.code !== 0) throw new Error(`no local stage: ${up.err}${up.out}`);
    const folder = join(checkout.folder, '.local');
    status = localStatus({ folder });
    const { publicUrl, endpoint, outputs } = status;
    const deployed = readJson(pathsIn(folder).stage, stageSchema);
    if (publicUrl === null || endpoint === null || deployed === undefined) throw new Error('the local stage has no address');
    Object.assign(process.env, childEnv(process.env, folder, endpoint));
    const connecting = { since: new Date(), signal: over.signal, io: {} as Io, root: checkout.folder };
    stage = await createStage({ publicUrl, endpoint, stage: deployed, outputs }, connecting);
    await Promise.all([
      stage.shop.orders.seed(),
      stage.shop.client.placeOrders(1),
      ...environments.map((environment) => adoptTarget({ ...stage, environment }, output)),
      putProfile(),
    ]);
    const source = checkOutShop(stage.workspace, 1);
    published = await stage.shop.function.publish(await buildShop(stage.workspace, source), 'shop 1.0.0');
    const statement = `${said}: nobody was trained, and nothing was set up.`;
    await attestForService({ stage, output }, [
      ...environments.map((environment) => ({ check: standing[0], environment, statement })),
      { check: standing[1], statement },
    ]);
  }, 4 * minute);

  afterAll(async () => {
    over.abort(new Error('the tests have ended'));
    await holdpoint('local', 'down');
    process.env = ownEnv;
    checkout.remove();
  }, minute);

  const personOf = (role: string): Promise<Client> => stage.person(holder(stage, role).id);

  const putProfile = async (): Promise<void> => {
    const params = { service: stage.service };
    const body = new TextEncoder().encode(leanProfile(new Set([...standing, ...lines, ...more]), deviations));
    const proposed = must('propose the profile', await (await personOf('developer')).proposeProfile({ params, query: {}, body }));
    const { profile, definition } = proposed;
    for (const role of ['technical-lead', 'operations-lead'])
      must(
        'approve the profile',
        await (await personOf(role)).answerProfile({ params, body: { profile, definition, answer: 'approved' } }),
      );
  };

  const startRun = async (version: string, environment: string = stage.environment): Promise<Release> => {
    const ci = await stage.ci();
    const { run } = must(
      'start the run',
      await ci.startRun({
        body: {
          service: stage.service,
          environment,
          version,
          commit,
          artifacts: [{ component, digest: published.digest }],
          changes: [],
          reason: said,
          risk: 'low',
          impact: 'low',
          plannedT0: 'when-released',
        },
      }),
    );
    const release = { stage, output, run, auditor: await personOf('auditor'), printed: new Set<string>(), ci, environment };
    started.push(release);
    await send(release, 'record', listedCommits());
    return release;
  };

  const send = async ({ ci, run }: Release, type: 'sarif' | 'junit' | 'lcov' | 'record', body: string): Promise<void> => {
    const query = { source: type, commit, madeAt: new Date().toISOString(), producerRun: randomUUID(), producerAttempt: 1 };
    must(`send ${type}`, await ci.recordEvidence({ params: { run, type }, query, body: new TextEncoder().encode(body) }));
  };

  const waitUntil = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
    waitFor({ what: () => what, limitMs: 90_000, look, signal: over.signal });

  return {
    get stage() {
      return stage;
    },
    get status() {
      return status;
    },
    get published() {
      return published;
    },
    /** The command line of the checkout, without a token: that of a CI job or of a local person is taken from the stage. */
    holdpoint,
    /** Writes a file of the checkout. */
    write: (file: string, content: string): void => checkout.write(file, content),
    printed,
    /** For a test that fails: where each run waits, and why. */
    whereRunsStand: (): Promise<string[]> =>
      Promise.all(
        started.map(async (release) => {
          const view = await read(release).catch((thrown: unknown) => String(thrown));
          if (typeof view === 'string') return `${release.run}: ${view}`;
          const open = view.gates.find(isOpen);
          return `${view.version}: ${view.outcome}${open === undefined ? '' : `, ${open.title}: ${open.reasons.join('; ')}`}`;
        }),
      ),
    personOf,
    startRun,
    waitUntil,
    /** What the first phase asks of every run. */
    sendScan: (release: Release): Promise<void> => send(release, 'sarif', noSecrets),
    sendSmokeTests: (release: Release): Promise<void> =>
      send(release, 'junit', '<testsuite name="smoke"><testcase classname="smoke" name="reads an order" time="0.1"/></testsuite>'),
    sendCoverage: (release: Release): Promise<void> => send(release, 'lcov', 'SF:src/orders.ts\nDA:1,1\nend_of_record\n'),
    /** Attests what is asked in the two hours before T0. */
    attestLast: async (release: Release, checks: readonly string[]): Promise<void> => {
      await until(release, 't-minus-2h', 'open');
      await attestGate(release, 't-minus-2h', Object.fromEntries(checks.map((check) => [check, `${said}: nobody met.`])));
    },
    /** The deployment, which the gate `deployment-window` watches: it lacks only the smoke tests then. */
    deploy: async (release: Release): Promise<void> => {
      await until(release, 'deployment-window', 'open');
      const { ci, run, environment } = release;
      const report = async (state: 'started' | 'finished'): Promise<unknown> =>
        must(
          `deployment ${state}`,
          await ci.reportDeployment({ params: { run }, body: { state, environment, component, digest: published.digest } }),
        );
      await report('started');
      await stage.shop.function.shift(published.version, environment === stage.staging ? 'staging' : 'live');
      await stage.shop.client.isHealthy();
      await report('finished');
    },
    trigger: async (release: Release, role: string, kind: string): Promise<boolean> => {
      const body = { trigger: kind, reason: `${said}: nothing is broken.`, shown: 'the orders of this test' };
      return (await (await personOf(role)).triggerRollback({ params: { run: release.run }, body })).problem === undefined;
    },
    whenDecidable: (release: Release): Promise<RunView> =>
      waitUntil('the question about the rollback', async () => {
        const view = await read(release);
        return view.rollback?.waits?.for === 'decision' ? view : undefined;
      }),
    whenEnded: (release: Release): Promise<RunView> =>
      waitUntil('the end of the run', async () => {
        const view = await read(release);
        return view.outcome === 'running' ? undefined : view;
      }),
  };
};
export type LeanStage = ReturnType<typeof leanStage>;
