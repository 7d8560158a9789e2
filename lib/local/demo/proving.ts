import { standingStatements } from './attestations.ts';
import { peakLoad } from './load-test.ts';
import type { Output } from './output.ts';
import { readEnvironment } from './preparation.ts';
import { measureSteady, startProbe } from './probe.ts';
import { stagingAlertRecord } from './records-alerts.ts';
import { stagingRecord } from './records-platform.ts';
import { begun, type PreparedRelease, type Published, putLoad } from './release.ts';
import { integrationTests, type Report, smokeTests } from './reports.ts';
import { declareAll, sendAll, waiveCheck } from './sending.ts';
import type { DemoStage } from './stage.ts';
import type { StageRecords } from './stage-records.ts';
import { attestForService, type Giving, giveAll } from './standing.ts';
import { checkOf, type Demo, gateOf, read } from './steps.ts';
import { waitFor } from './waiting.ts';

/** What proves a release before its deployment. Everything goes out as soon as it is there, whichever gate asks for it. */
export type Proving = Readonly<Record<'phase-1' | 'phase-2' | 'phase-3', Promise<unknown>>>;

/** The documents about the service, which stand, and those about the release. */
const asked = {
  service: [
    'user-guide',
    'administrator-guide',
    'troubleshooting-guide',
    'architecture',
    'deployment-guide',
    'incident-response-plan',
    'escalation-procedures',
    'communication-plan',
  ],
  release: ['data-validation-plan', 'data-recovery-plan'],
} as const;

const inapplicable = {
  'ports-allocated': 'The shop is a function behind an HTTP API and has no port of its own.',
  'firewall-configured': 'The local AWS has no firewall in front of the API.',
  'registry-access': 'The artifact is a ZIP file uploaded to Lambda; no registry is involved.',
  'manifests-valid': 'The shop does not run on Kubernetes.',
} as const;

const documentsOf = async ({ documents }: Pick<PreparedRelease, 'documents'>, about: keyof typeof asked): Promise<readonly Report[]> => {
  const all = await documents;
  return asked[about].flatMap((name) => all.get(name) ?? []);
};

/** The documents of the first release stand for the service, before any run starts. */
export const giveDocuments = (giving: Giving, release: Pick<PreparedRelease, 'documents'>): Promise<void> =>
  giveAll(giving, { what: 'its documents' }, [documentsOf(release, 'service')]);

/** What else stands: looked up and attested once, beside the first run, and carried into the second one. */
export const giveStanding = (giving: Giving, demo: Demo, { standing }: StageRecords): Promise<unknown> =>
  Promise.all([
    giveAll(giving, { what: 'about production', environment: giving.stage.environment }, standing.environment),
    giveAll(giving, { what: 'about the stage' }, standing.service),
    standingStatements(demo).then((all) => attestForService(giving, all)),
  ]);

/** What shows that the release runs in staging, and what was tested there since. */
export type Staged = {
  readonly readBack: Promise<Report>;
  readonly load: Promise<readonly Report[]>;
  readonly tests: Promise<readonly Report[]>;
  readonly alert: Promise<Report>;
  readonly soaked: Promise<Report>;
  /** What is measured there next is disturbed by nothing. */
  readonly quiet: Promise<unknown>;
};

/** The local stage asks for at least 30 points over 8 seconds, gaps up to 2.4 seconds and a 95th percentile of two seconds. */
const soak = { minPoints: 32, ms: 8_300, everyMs: 250, longestGapMs: 2_300, mostP95Ms: 1_800 } as const;

/**
 * `records`: of the stage. `load`: of the load test before staging; null: the one in staging is the only one, and proves both. `standing`: what
 * stands is given by then. People are asked for their signatures after it, because a report that changes afterwards takes the request back for
 * a quarter of an hour.
 */
type Given = {
  readonly records: StageRecords;
  readonly staged: Staged;
  readonly load: Promise<readonly Report[]> | null;
  readonly standing: Promise<unknown>;
};

export const prove = (demo: Demo, { records, staged, load, standing }: Given): Proving => {
  const { release } = demo;
  const once = 'made once for both releases, about the stage';
  // What is tested in staging counts behind it only.
  const readBackSent = begun(sendAll(demo, 'for testing, that staging runs the release', [staged.readBack]));
  const verified = [...release.verification, load ?? readBackSent.then(() => staged.load)];
  const tested = sendAll(demo, `for verification, about the release`, verified);
  const verification = [tested.then(() => waiveFirstComparison(demo)), sendAll(demo, `for verification, ${once}`, records.verification)];
  const environment = [
    sendAll(demo, `for the environment, about the release`, [release.billOfMaterials, release.pipeline, documentsOf(release, 'release')]),
    sendAll(demo, `for the environment, ${once}`, records.environment),
    declareAll(demo, 'phase-2', {
      ...inapplicable,
      'data-backed-up': release.noMigration,
      'migration-scripts-tested': release.noMigration,
    }),
  ];
  const testing = [
    readBackSent.then(() =>
      Promise.all([
        sendAll(demo, 'for testing, in staging', [
          staged.tests,
          staged.alert,
          ...(load === null ? [] : [staged.load.then((reports) => reports.slice(0, 1))]),
        ]),
        sendAll(demo, 'for testing, the soak test in staging', [standing.then(() => staged.soaked)]),
      ]),
    ),
    sendAll(demo, `for testing, ${once}`, records.testing),
  ];
  return {
    'phase-1': begun(Promise.all(verification)),
    'phase-2': begun(Promise.all(environment)),
    'phase-3': begun(Promise.all(testing)),
  };
};

/**
 * The first release of a stage has no earlier one whose tests could have passed. Waived once the tests are judged, and only when nothing else is
 * wrong: a waiver would cover a test that fails, too.
 */
const waiveFirstComparison = async (demo: Demo): Promise<void> => {
  const { target } = await readEnvironment(demo.stage);
  if (target?.level === 'production-stable') return;
  const check = 'no-regressions';
  const verdict = await waitFor({
    limitMs: 30_000,
    signal: demo.stage.workspace.signal,
    what: () => `the verdict of the check ${check}`,
    look: async () => {
      const found = checkOf(gateOf(await read(demo), 'phase-1'), check).verdict;
      return found === 'missing' ? undefined : found;
    },
  });
  if (verdict !== 'inconclusive') return;
  await waiveCheck(demo, 'phase-1', {
    check,
    reason: 'This is the first release of the stage: no earlier one has become production-stable, so there is nothing to compare with.',
  });
};

/** `ready`: staging belongs to the release from then on. `quiet`: what would be disturbed has been measured. */
type Staging = { readonly release: Promise<Published>; readonly ready: Promise<unknown>; readonly quiet: Promise<unknown> };

/**
 * Shifts `staging` to the release, reads it back, and then tests it there: what was tested before does not count. The load test, for which the
 * first gate may wait, comes before the others and not beside them; the soak test and the provoked alert go on meanwhile. `stage`: with the
 * folder of the release.
 */
export const proveInStaging = (stage: DemoStage, output: Output, { release, ready, quiet }: Staging): Staged => {
  const { workspace, shop, publicUrl } = stage;
  const shifted = begun(
    Promise.all([release, ready]).then(async ([one]) => ({ one, readBack: await stagingRecord(stage, one.published) })),
  );
  const soaked = begun(shifted.then(({ one }) => soakInStaging(stage, output, one)));
  const begins = begun(
    Promise.all([shifted, quiet]).then(([{ one }]) => ({ one, said: output.part(`shop ${one.source.version} in staging`) })),
  );
  const alert = begun(begins.then(({ one }) => stagingAlertRecord(stage, one.published.version)));
  const load = begun(begins.then(({ one }) => putLoad(stage, output, one.source, peakLoad)));
  const tests = begun(
    Promise.all([begins, load]).then(async ([{ one, said }]) => {
      const smoked = { url: `${publicUrl}/shop-staging`, token: shop.client.token, source: 'smoke-in-staging' };
      const smoke = await smokeTests(workspace, one.source, smoked);
      const integration = await integrationTests(workspace, one.source);
      said('put under peak load, smoke-tested and integration-tested');
      return [smoke, integration];
    }),
  );
  const readBack = begun(shifted.then((done) => done.readBack));
  return { readBack, load, tests, alert, soaked, quiet: begun(Promise.all([tests, soaked])) };
};

const soakInStaging = async ({ shop, workspace }: DemoStage, output: Output, { source, published }: Published): Promise<Report> => {
  const soaking = output.part(`soak test of ${source.version} in staging`);
  const about = `shop ${source.version} (version ${published.version}) behind the alias staging`;
  const request = (): Promise<boolean> => shop.function.isHealthy('staging');
  const { report, probe } = await measureSteady(() => startProbe(workspace, { name: 'soak', about, everyMs: soak.everyMs, request }), soak);
  soaking(`${probe.counts().requests} points over ${(probe.covered() / 1000).toFixed(0)} s`);
  return report;
};
