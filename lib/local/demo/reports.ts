import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './records-team.ts';
import type { ShopSource } from './shop-source.ts';
import { runTool, type Workspace } from './workspace.ts';

/** A report file as its tool wrote it, with what CI tells the API about it. */
export type Report = {
  readonly type: string;
  readonly source: string;
  readonly file: string;
  readonly madeAt: string;
  readonly contentType: string;
  /** The process that wrote it, as the pipeline of the service would say it. */
  readonly job?: Job;
};

const minute = 60_000;

type Script = {
  readonly name: string;
  /** The report that the script writes, from the folder of the service. */
  readonly report: string;
  readonly env?: Readonly<Record<string, string>>;
};
type Ran = { readonly file: string; readonly madeAt: string; readonly code: number | null; readonly output: string };

/** Runs a script of the service, as its CI does. Some tools exit with an error when they find something, so only a missing report is an error. */
const runScript = async (workspace: Workspace, { folder }: ShopSource, { name, report, env = {} }: Script): Promise<Ran> => {
  const log = join(workspace.folder, `${name.replace(':', '-')}.log`);
  const { code, output } = await runTool(workspace, 'npm', ['run', '--silent', name], { cwd: folder, log, limitMs: minute, env });
  const file = join(folder, 'reports', report);
  return { file, madeAt: requireReport(file, name, output), code, output };
};

/** Returns the report's time. */
const requireReport = (file: string, tool: string, output: string): string => {
  try {
    readFileSync(file);
    return new Date().toISOString();
  } catch (cause) {
    throw new Error(`${tool} wrote no report: ${output.slice(-400)}`, { cause });
  }
};

const junit = async (
  workspace: Workspace,
  shop: ShopSource,
  { source, ...script }: Script & { readonly source: string },
): Promise<Report> => {
  const { file, madeAt, code, output } = await runScript(workspace, shop, script);
  // An unhandled rejection fails vitest but is missing from its report, and then the report must not count.
  if (code !== 0 && !/<(failure|error)\b/.test(readFileSync(file, 'utf8')))
    throw new Error(`vitest exited with code ${code}, but its report shows no failure: ${output.slice(-400)}`);
  // The next run of the same script writes another report into the same place.
  const kept = join(workspace.folder, `${source}.junit.xml`);
  copyFileSync(file, kept);
  return { type: 'junit', source, file: kept, madeAt, contentType: 'application/xml', job: { name: script.name, code } };
};

/** Runs the unit tests of the service: JUnit results and line coverage. */
export const unitTests = async (workspace: Workspace, shop: ShopSource): Promise<Report[]> => {
  const tests = await junit(workspace, shop, { name: 'test', report: 'unit.junit.xml', source: 'unit' });
  const lcov = join(shop.folder, 'reports', 'coverage', 'lcov.info');
  requireReport(lcov, 'vitest coverage', '');
  return [tests, { type: 'lcov', source: 'unit', file: lcov, madeAt: tests.madeAt, contentType: 'text/plain' }];
};

/** Runs the integration tests of the service, over a table of their own in the local AWS. */
export const integrationTests = (workspace: Workspace, shop: ShopSource, source = 'integration'): Promise<Report> =>
  junit(workspace, shop, {
    name: 'test:integration',
    report: 'integration.junit.xml',
    source,
    env: { SHOP_TEST_ENDPOINT: workspace.endpoint },
  });

/** Where the smoke tests look. `source`: the name of the report. */
type Place = { readonly url: string; readonly token: string; readonly source: string };

/** Runs the smoke tests of the service against an address of it. */
export const smokeTests = (workspace: Workspace, shop: ShopSource, { url, token, source }: Place): Promise<Report> =>
  junit(workspace, shop, { name: 'test:smoke', report: 'smoke.junit.xml', source, env: { SHOP_URL: url, SHOP_TOKEN: token } });

/** Scans the sources for secrets. */
export const secretScan = (workspace: Workspace, shop: ShopSource): Promise<Report> =>
  sarif(workspace, shop, { name: 'scan', report: 'secretlint.sarif', source: 'secretlint' });

/** Checks format and style of the sources. */
export const lint = (workspace: Workspace, shop: ShopSource): Promise<Report> =>
  sarif(workspace, shop, { name: 'lint', report: 'biome.sarif', source: 'biome' });

const sarif = async (
  workspace: Workspace,
  shop: ShopSource,
  { source, ...script }: Script & { readonly source: string },
): Promise<Report> => {
  const { file, madeAt, code } = await runScript(workspace, shop, script);
  return { type: 'sarif', source, file, madeAt, contentType: 'application/sarif+json', job: { name: script.name, code } };
};

/** The service's OpenAPI document; its unit tests compare it with the handler. */
export const openapi = ({ folder }: ShopSource): Report => ({
  type: 'openapi',
  source: 'shop',
  file: join(folder, 'openapi.json'),
  madeAt: new Date().toISOString(),
  contentType: 'application/json',
});

/** The bill of materials, from npm. */
export const billOfMaterials = async (workspace: Workspace, { folder }: ShopSource): Promise<Report> => {
  const [file, errors] = [join(workspace.folder, 'sbom.cdx.json'), join(workspace.folder, 'sbom.log')];
  const command = 'npm sbom --sbom-format cyclonedx --omit dev --package-lock-only 2>"$1" >"$0"';
  const { code, output } = await runTool(workspace, 'sh', ['-c', command, file, errors], {
    cwd: folder,
    log: join(workspace.folder, 'sbom.out.log'),
    limitMs: minute,
  });
  if (code !== 0) throw new Error(`npm sbom failed: ${readFileSync(errors, 'utf8').slice(-400)}${output}`);
  const madeAt = requireReport(file, 'npm sbom', output);
  const job = { name: 'npm sbom', code };
  return { type: 'cyclonedx', source: 'npm', file, madeAt, contentType: 'application/vnd.cyclonedx+json', job };
};
