import { clients, loadTest } from './load-test.ts';
import type { Output } from './output.ts';
import { finishProbe, type Probe, startProbe } from './probe.ts';
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

/** The local stage asks for at least 30 points over 15 seconds, and of the baseline for as many over 2 seconds. */
const soak = { minPoints: 32, ms: 15_500 } as const;
const baseline = { minPoints: 32, ms: 2_500 } as const;
/** How often the customers of the demo read an order, before and after the release. Milliseconds. */
export const customersEveryMs = 200;

export type Published = Pick<PreparedRelease, 'source' | 'published'>;

type Preparing = {
  readonly number: ReleaseNumber;
  /** What is begun as soon as the release is published, while its tests run. */
  readonly onPublished?: (published: Published) => void;
};

/** Builds and publishes a release and runs the service's own tools. The soak test of the published version goes on afterwards. */
export const prepareRelease = async (
  stage: DemoStage,
  output: Output,
  { number, onPublished = () => {} }: Preparing,
): Promise<PreparedRelease> => {
  const { workspace, shop } = stage;
  const source = checkOutShop(workspace, number);
  const publishing = output.part(`shop ${source.version} built and published`);
  const published = await shop.function.publish(await buildShop(workspace, source), `shop ${source.version}`);
  publishing(`it is version ${published.version}, ${published.digest.slice(0, 19)}`);
  onPublished({ source, published });
  const finishSoak = startSoak(stage, output, { source, published });
  const testing = output.part(`tests, lint, secret scan, bill of materials of ${source.version}, baseline of the live version`);
  const [usual, unit, integration, scan, style, bill] = await Promise.all([
    finishProbe(startCustomers(stage, 'baseline'), baseline),
    unitTests(workspace, source),
    integrationTests(workspace, source),
    secretScan(workspace, source),
    lint(workspace, source),
    billOfMaterials(workspace, source),
  ]);
  testing();
  const loading = output.part(`load test of ${source.version} with ${clients} clients`);
  const load = await loadTest(workspace, { shop: source, variables: shop.variables });
  loading('the handler ran in one process');
  const verification = [...unit, scan, style, openapi(source), load, usual];
  return { source, published, verification, billOfMaterials: bill, integration, finishSoak };
};

/** The customers of the shop: they read orders that they placed before, which is its critical feature. */
export const startCustomers = ({ workspace, shop: { client } }: DemoStage, name: string): Probe =>
  startProbe(workspace, {
    name,
    about: `${client.url}/orders/{id}`,
    everyMs: customersEveryMs,
    request: client.readsOrder,
    answered: client.answered,
  });

const startSoak = (stage: DemoStage, output: Output, { source, published }: Published): (() => Promise<Report>) => {
  const probe = startProbe(stage.workspace, {
    name: 'soak',
    about: `shop ${source.version} (version ${published.version}), before its release`,
    everyMs: 400,
    request: () => stage.shop.function.isHealthy(published.version),
  });
  return async () => {
    const soaking = output.part(`soak test of ${source.version} finished`);
    const report = await finishProbe(probe, soak);
    soaking(`${probe.counts().requests} points over ${(probe.covered() / 1000).toFixed(0)} s, recorded during the parts above`);
    return report;
  };
};
