import { standingStatements } from './attestations.ts';
import type { Output } from './output.ts';
import { readEnvironment } from './preparation.ts';
import { stagingRecord } from './records-platform.ts';
import { begun, type PreparedRelease } from './release.ts';
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

/** What shows that the release runs in staging, and what was tested there. */
export type Staged = { readonly readBack: Report; readonly tests: readonly Report[] };

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
    sendAll(demo, `for testing, about the release`, [standing.then(() => release.finishSoak())]),
    staged.then(async ({ readBack, tests }) => {
      await sendAll(demo, 'for testing, that staging runs the release', [Promise.resolve(readBack)]);
      await sendAll(demo, 'for testing, in staging', [Promise.resolve(tests)]);
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
 * Shifts `staging` to the release, reads it back, and runs the smoke tests there and the integration tests: what was tested before does not count.
 * The reading is sent first. `stage`: with the folder of the release.
 */
export const proveInStaging = async (stage: DemoStage, output: Output, { source, published }: PreparedRelease): Promise<Staged> => {
  const { workspace, shop, publicUrl } = stage;
  const staging = output.part(`shop ${source.version} in staging`);
  const readBack = await stagingRecord(stage, published);
  const smoke = await smokeTests(workspace, source, {
    url: `${publicUrl}/shop-staging`,
    token: shop.client.token,
    source: 'smoke-in-staging',
  });
  const integration = await integrationTests(workspace, source);
  staging('read back, smoke-tested and integration-tested');
  return { readBack, tests: [smoke, integration] };
};
