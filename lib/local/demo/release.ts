import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentReport, listChanges, readDocuments, scanSource } from './holdpoint-tools.ts';
import { loadTest, type Test, usualLoad } from './load-test.ts';
import type { Output } from './output.ts';
import { measureSteady, type Probe, startProbe } from './probe.ts';
import { changedFiles, noteReview, pipelineRecord, reviewsRecord } from './records-team.ts';
import { billOfMaterials, lint, openapi, type Report, secretScan, unitTests } from './reports.ts';
import type { Made } from './sending.ts';
import type { PublishedVersion } from './shop-function.ts';
import { buildShop, checkOutShop, type ReleaseNumber, type ShopSource } from './shop-source.ts';
import type { DemoStage } from './stage.ts';
import { holder } from './steps.ts';

/** A release of the shop while it is proved: each report is there as soon as its tool has written it. */
export type PreparedRelease = Published & {
  /** For the first gate, in the order in which they are usually there. The load test comes to it. */
  readonly verification: readonly Made[];
  /** Its own tools keep the machine busy until then. */
  readonly toolsEnded: Promise<unknown>;
  /** How the live version answered its usual customers before the release. */
  readonly usual: Promise<Report>;
  /** Its guides and plans, by name. */
  readonly documents: Promise<ReadonlyMap<string, DocumentReport>>;
  readonly billOfMaterials: Promise<Report>;
  /** How each of its tools ended. */
  readonly pipeline: Promise<Report>;
  readonly reviews: Report;
  /** Why nothing is migrated, with what was looked at. */
  readonly noMigration: string;
};

/** The local stage asks of the baseline for at least 30 points over 2 seconds, and for gaps up to one second. */
const baseline = { minPoints: 32, ms: 2_500, longestGapMs: 900 } as const;
/** How often the customers of the demo read an order, before and after the release. Milliseconds. */
const customersEveryMs = 125;
/** So many of them wait for an answer at once at most: each is a process of the local Lambda. */
const mostWaiting = 4;

export type Published = { readonly source: ShopSource; readonly published: PublishedVersion };

/** What is awaited later must not end the process when it fails before. */
export const begun = <T>(work: Promise<T>): Promise<T> => {
  work.catch(() => undefined);
  return work;
};

/** Two releases are prepared at the same time, and reports of the same name are made before and after the deployment. */
export const withOwnFolder = (stage: DemoStage, name: string): DemoStage => {
  const folder = join(stage.workspace.folder, name);
  mkdirSync(folder, { recursive: true });
  return { ...stage, workspace: { ...stage.workspace, folder } };
};

/** How the live version answers its usual customers. It is what the release is compared with. */
export const measureBaseline = async (stage: DemoStage): Promise<Report> =>
  (await measureSteady(() => startCustomers(stage, 'baseline'), baseline)).report;

type Preparing = { readonly number: ReleaseNumber; readonly usual: Promise<Report> };

/** Builds and publishes a release and starts the service's own tools, which prove it before it is in staging. `stage`: with a folder of its own. */
export const prepareRelease = async (stage: DemoStage, output: Output, { number, usual }: Preparing): Promise<PreparedRelease> => {
  const { workspace, shop } = stage;
  const source = checkOutShop(workspace, number);
  const publishing = output.part(`shop ${source.version} built and published`);
  const published = await shop.function.publish(await buildShop(workspace, source), `shop ${source.version}`);
  publishing(`it is version ${published.version}, ${published.digest.slice(0, 19)}`);
  const testing = output.part(`tests, lint, secret scan, bill of materials of ${source.version}`);
  const tools = {
    scan: begun(secretScan(workspace, source)),
    style: begun(lint(workspace, source)),
    unit: begun(unitTests(workspace, source)),
    bill: begun(billOfMaterials(workspace, source)),
    own: begun(scanSource(stage.io, source)),
    changes: begun(listChanges(stage.io, source)),
  };
  const documents = begun(readDocuments(stage.io, source));
  const toolsEnded = begun(Promise.all(Object.values(tools)).then(() => testing()));
  return {
    source,
    published,
    usual,
    verification: [tools.scan, tools.style, tools.own, tools.unit, Promise.resolve(openapi(source)), tools.changes, usual],
    toolsEnded,
    documents,
    billOfMaterials: tools.bill,
    pipeline: begun(recordPipeline(stage, [...Object.values(tools), documents.then((all) => [...all.values()])])),
    reviews: review(stage, source),
    noMigration: noMigration(source),
  };
};

/** A load test before the release is in staging, for which the first gate would wait too long. `quiet`: it would disturb what is measured until then. */
export const loadBeforeStaging = async (
  stage: DemoStage,
  output: Output,
  { source, toolsEnded }: PreparedRelease,
  quiet: Promise<unknown>,
): Promise<readonly Report[]> => {
  await Promise.all([quiet, toolsEnded]);
  return putLoad(stage, output, source, usualLoad);
};

/** The build has ended well, or there would be no release. */
const recordPipeline = async ({ workspace }: DemoStage, tools: readonly Made[]): Promise<Report> => {
  const jobs = (await Promise.all(tools)).flat().flatMap(({ job }) => job ?? []);
  return pipelineRecord(workspace, [{ name: 'build', code: 0 }, ...jobs]);
};

/** The technical lead approves the commit of the release, as a person of the roster can: nobody is behind it. */
const review = (stage: DemoStage, { folder, base, commit }: ShopSource): Report => {
  noteReview(folder, commit, holder(stage, 'technical-lead').id);
  return reviewsRecord(stage.workspace, { folder, base, head: commit });
};

/** Throws when the release does bring a migration: then nobody may declare that it brings nothing. */
const noMigration = ({ folder, base, commit, version }: ShopSource): string => {
  const files = changedFiles({ folder, base, head: commit });
  const migrations = files.filter((path) => /(^|[/._-])migrations?([/._-]|$)/i.test(path));
  if (migrations.length > 0) throw new Error(`release ${version} brings migrations: ${migrations.join(', ')}`);
  return `The release has no migration: none of the ${files.length} files that ${version} changes is one.`;
};

/** The report of a load test, and the log of the service under it. */
export const putLoad = async (
  { workspace, shop: { variables } }: DemoStage,
  output: Output,
  shop: ShopSource,
  test: Test,
): Promise<readonly [result: Report, log: Report]> => {
  const loading = output.part(`load test of ${shop.version} with ${test.clients} clients`);
  const { result, log } = await loadTest(workspace, test, { shop, variables });
  loading('the handler ran in one process');
  return [result, log];
};

/**
 * Customers of the shop: they read orders that they placed before, which is its critical feature. One of them is the probe, and each of its
 * points says how many were answered. While it waits longer than usual for an answer, others come all the same, as they do in life.
 */
export const startCustomers = ({ workspace, shop: { client } }: DemoStage, name: string): Probe => {
  // A demo that ended in between would never stop them: its end was said before.
  workspace.signal.throwIfAborted();
  let answered = 0;
  let come = 0;
  const began = performance.now();
  const readOrder = async (): Promise<boolean> => {
    come += 1;
    const ok = await client.readsOrder();
    answered += 1;
    return ok;
  };
  const others = setInterval(() => {
    const isLate = come + 1 < (performance.now() - began) / customersEveryMs;
    // The probe says what is wrong; its requests fail as these do.
    if (isLate && come - answered < mostWaiting) readOrder().catch(() => undefined);
  }, customersEveryMs);
  const leave = (): void => clearInterval(others);
  workspace.signal.addEventListener('abort', leave, { once: true });
  const probe = startProbe(workspace, {
    name,
    about: `${client.url}/orders/{id}`,
    everyMs: customersEveryMs,
    request: readOrder,
    answered: () => answered,
  });
  return {
    ...probe,
    stop: () => {
      leave();
      return probe.stop();
    },
  };
};
