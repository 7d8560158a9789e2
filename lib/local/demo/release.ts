import { clients, loadTest } from './load-test.ts';
import type { Output } from './output.ts';
import { finishProbe, startProbe } from './probe.ts';
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
  /** A sentence that describes the rollback test. */
  readonly rollbackTest: string;
  /** Ends the soak test of the published version. */
  finishSoak(): Promise<Report>;
};

/** The local stage asks for at least 30 points over 15 seconds. */
const soak = { minPoints: 32, ms: 15_500 } as const;

/** Builds and publishes a release and runs the service's own tools. The soak test of the published version goes on afterwards. */
export const prepareRelease = async (stage: DemoStage, output: Output, number: ReleaseNumber): Promise<PreparedRelease> => {
  const { workspace, shop } = stage;
  const publishing = output.part('shop built and published');
  const source = checkOutShop(workspace, number);
  const published = await shop.function.publish(await buildShop(workspace, source), `shop ${source.version}`);
  publishing(`release ${source.version} is version ${published.version}, ${published.digest.slice(0, 19)}`);
  const finishSoak = startSoak(stage, output, { source, published });
  const testing = output.part('tests, lint, secret scan, bill of materials');
  const [unit, integration, scan, style, bill] = await Promise.all([
    unitTests(workspace, source),
    integrationTests(workspace, source),
    secretScan(workspace, source),
    lint(workspace, source),
    billOfMaterials(workspace, source),
  ]);
  testing();
  const loading = output.part(`load test with ${clients} clients`);
  const load = await loadTest(workspace, { shop: source, variables: shop.variables });
  loading('the handler ran in one process');
  const rollbackTest = await shop.function.testRollback(published.version);
  const verification = [...unit, scan, style, openapi(source), load];
  return { source, published, verification, billOfMaterials: bill, integration, rollbackTest, finishSoak };
};

type Published = Pick<PreparedRelease, 'source' | 'published'>;

const startSoak = (stage: DemoStage, output: Output, { source, published }: Published): (() => Promise<Report>) => {
  const probe = startProbe(stage.workspace, {
    name: 'soak',
    about: `shop ${source.version} (version ${published.version}), before its release`,
    everyMs: 400,
    request: () => stage.shop.function.isHealthy(published.version),
  });
  return async () => {
    const soaking = output.part('soak test finished');
    const report = await finishProbe(probe, soak);
    soaking(`${probe.counts().requests} points over ${(probe.covered() / 1000).toFixed(0)} s, recorded during the parts above`);
    return report;
  };
};
