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
export type Staged = { readonly readBack: Report; readonly tests: readonly Report[]; readonly soaked: Report };

/** The local stage asks for at least 30 points over 11 seconds, gaps up to 2.2 seconds and a 95th percentile of two seconds. */
const soak = { minPoints: 32, ms: 11_500, longestGapMs: 2_100, mostP95Ms: 1_800 } as const;

/**
 * `records`: of the stage. `standing`: what stands is given by then. People are asked for their signatures after it, because a report that changes
 * afterwards takes the request back for a quarter of an hour.
 */
type Given = { readonly records: StageRecords; readonly staged: Promise<Staged>; readonly standing: Promise<unknown> };

export const prove = (demo: Demo, { records, staged, standing }: Given): Proving => {
  const { release } = demo;
  const once = 'made once for both releases, about the stage';
  const tested = sendAll(demo, `for verification, about the release`, release.verification);
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
    staged.then(async ({ readBack, tests, soaked }) => {
      // What was tested there counts behind it only.
      await sendAll(demo, 'for testing, that staging runs the release', [Promise.resolve(readBack)]);
      await Promise.all([
        sendAll(demo, 'for testing, in staging', [Promise.resolve(tests)]),
        sendAll(demo, 'for testing, the soak test in staging', [standing.then(() => soaked)]),
      ]);
    }),
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

/**
 * Shifts `staging` to the release, reads it back, and then tests it there: what was tested before does not count. The load test comes last, because
 * it would disturb the others; the soak test and the provoked alert go on beside them. `stage`: with the folder of the release.
 */
export const proveInStaging = async (stage: DemoStage, output: Output, { source, published }: Published): Promise<Staged> => {
  const { workspace, shop, publicUrl } = stage;
  const staging = output.part(`shop ${source.version} in staging`);
  const readBack = await stagingRecord(stage, published);
  const soaked = begun(soakInStaging(stage, output, { source, published }));
  const alert = begun(stagingAlertRecord(stage, published.version));
  const smoke = await smokeTests(workspace, source, {
    url: `${publicUrl}/shop-staging`,
    token: shop.client.token,
    source: 'smoke-in-staging',
  });
  const integration = await integrationTests(workspace, source);
  const { result: load } = await putLoad(stage, output, source, peakLoad);
  staging('read back, smoke-tested, integration-tested and put under peak load; an alert arrived');
  // What is measured in staging next is disturbed by nothing.
  return { readBack, tests: [smoke, integration, load, await alert], soaked: await soaked };
};

const soakInStaging = async ({ shop, workspace }: DemoStage, output: Output, { source, published }: Published): Promise<Report> => {
  const soaking = output.part(`soak test of ${source.version} in staging`);
  const about = `shop ${source.version} (version ${published.version}) behind the alias staging`;
  const request = (): Promise<boolean> => shop.function.isHealthy('staging');
  const { report, probe } = await measureSteady(() => startProbe(workspace, { name: 'soak', about, everyMs: 300, request }), soak);
  soaking(`${probe.counts().requests} points over ${(probe.covered() / 1000).toFixed(0)} s`);
  return report;
};
