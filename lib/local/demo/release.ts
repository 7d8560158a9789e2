import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clients, loadTest } from './load-test.ts';
import type { Output } from './output.ts';
import { measureSteady, type Probe, startProbe } from './probe.ts';
import { billOfMaterials, integrationTests, lint, openapi, type Report, secretScan, unitTests } from './reports.ts';
import type { PublishedVersion } from './shop-function.ts';
import { buildShop, checkOutShop, type ReleaseNumber, type ShopSource } from './shop-source.ts';
import type { DemoStage } from './stage.ts';

/** A release of the shop with everything that is proved before a gate asks for it. */
export type PreparedRelease = {
  readonly source: ShopSource;
  readonly published: PublishedVersion;
  /** For the first gate. */
  readonly verification: readonly Report[];
  readonly billOfMaterials: Report;
  readonly integration: Report;
  /** Ends the soak test of the published version. */
  finishSoak(): Promise<Report>;
};

/** The local stage asks for at least 30 points over 15 seconds, and of the baseline for as many over 2 seconds; gaps up to 3 seconds and one second. */
const soak = { minPoints: 32, ms: 15_500, longestGapMs: 2_900 } as const;
const baseline = { minPoints: 32, ms: 2_500, longestGapMs: 900 } as const;
/** How often the customers of the demo read an order, before and after the release. Milliseconds. */
const customersEveryMs = 250;

export type Published = Pick<PreparedRelease, 'source' | 'published'>;

/** What is awaited later must not end the process when it fails before. */
export const begun = <T>(work: Promise<T>): Promise<T> => {
  work.catch(() => undefined);
  return work;
};

/** Two releases are prepared at the same time, and their reports have the same names. */
const withOwnFolder = (stage: DemoStage, number: ReleaseNumber): DemoStage => {
  const folder = join(stage.workspace.folder, `release-${number}`);
  mkdirSync(folder, { recursive: true });
  return { ...stage, workspace: { ...stage.workspace, folder } };
};

type Preparing = {
  readonly number: ReleaseNumber;
  /** What load test and baseline wait for, because they would disturb what is measured beside them. */
  readonly beforeLoad?: Promise<void>;
  /** Called when the tests begin. The load test is over by then, unless it has to wait. */
  readonly whenLoaded?: (published: Published) => void;
};

/** Builds and publishes a release and runs the service's own tools. The soak test of the published version goes on afterwards. */
export const prepareRelease = async (
  given: DemoStage,
  output: Output,
  { number, beforeLoad, whenLoaded }: Preparing,
): Promise<PreparedRelease> => {
  const stage = withOwnFolder(given, number);
  const { workspace, shop } = stage;
  const source = checkOutShop(workspace, number);
  const publishing = output.part(`shop ${source.version} built and published`);
  const published = await shop.function.publish(await buildShop(workspace, source), `shop ${source.version}`);
  publishing(`it is version ${published.version}, ${published.digest.slice(0, 19)}`);
  const finishSoak = startSoak(stage, output, { source, published });
  const putLoad = async (): Promise<Report> => {
    const loading = output.part(`load test of ${source.version} with ${clients} clients`);
    const report = await loadTest(workspace, { shop: source, variables: shop.variables });
    loading('the handler ran in one process');
    return report;
  };
  const early = beforeLoad === undefined ? await putLoad() : undefined;
  whenLoaded?.({ source, published });
  const usual = begun((beforeLoad ?? Promise.resolve()).then(() => measureSteady(() => startCustomers(stage, 'baseline'), baseline)));
  const testing = output.part(`tests, lint, secret scan, bill of materials of ${source.version}`);
  const [unit, integration, scan, style, bill] = await Promise.all([
    unitTests(workspace, source),
    integrationTests(workspace, source),
    secretScan(workspace, source),
    lint(workspace, source),
    billOfMaterials(workspace, source),
  ]);
  testing();
  const { report } = await usual;
  const load = early ?? (await putLoad());
  const verification = [...unit, scan, style, openapi(source), load, report];
  return { source, published, verification, billOfMaterials: bill, integration, finishSoak };
};

/** Customers of the shop: they read orders that they placed before, which is its critical feature. Each point says how many were answered. */
export const startCustomers = ({ workspace, shop: { client } }: DemoStage, name: string): Probe => {
  let answered = 0;
  return startProbe(workspace, {
    name,
    about: `${client.url}/orders/{id}`,
    everyMs: customersEveryMs,
    request: async () => {
      const ok = await client.readsOrder();
      answered += 1;
      return ok;
    },
    answered: () => answered,
  });
};

const startSoak = (stage: DemoStage, output: Output, { source, published }: Published): (() => Promise<Report>) => {
  const about = `shop ${source.version} (version ${published.version}), before its release`;
  const request = (): Promise<boolean> => stage.shop.function.isHealthy(published.version);
  const measuring = begun(measureSteady(() => startProbe(stage.workspace, { name: 'soak', about, everyMs: 400, request }), soak));
  return async () => {
    const soaking = output.part(`soak test of ${source.version} finished`);
    const { report, probe } = await measuring;
    soaking(`${probe.counts().requests} points over ${(probe.covered() / 1000).toFixed(0)} s, recorded during the parts above`);
    return report;
  };
};
