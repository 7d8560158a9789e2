import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, type Workspace } from './workspace.ts';

/** A report file as its tool wrote it, with what CI tells the API about it. */
export type Report = {
  readonly type: string;
  readonly source: string;
  readonly file: string;
  readonly madeAt: string;
  readonly contentType: string;
};

/** Every order of some writers, every crash of every writer, the largest reports, every page in a browser. */
const exhaustive = [
  'commands/interleavings',
  'commands/races',
  'commands/crash-recovery',
  'commands/cost',
  'unit/evidence-large',
  'unit/cli-process',
  'pages/browser',
] as const;
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const minute = 60_000;

const file = (workspace: Workspace, name: string): string => join(workspace.folder, name);

/** Some tools exit with an error code when they find something, so only a missing report is an error. Returns the report's time. */
const requireReport = (path: string, tool: string, output: string): string => {
  try {
    readFileSync(path);
    return new Date().toISOString();
  } catch (cause) {
    throw new Error(`${tool} wrote no report: ${output.slice(-400)}`, { cause });
  }
};

/** An unhandled rejection fails vitest but is missing from its report, and then the report must not count. */
const requireReportedFailure = (junit: string, { code, output }: { readonly code: number | null; readonly output: string }): void => {
  if (code === 0 || /<(failure|error)\b/.test(readFileSync(junit, 'utf8'))) return;
  throw new Error(`vitest exited with code ${code}, but its report shows no failure: ${output.slice(-400)}`);
};

/** Runs the project's unit tests: JUnit results and line coverage. */
export const unitTests = async (workspace: Workspace): Promise<Report[]> => {
  const junit = file(workspace, 'unit.junit.xml');
  const coverage = file(workspace, 'coverage');
  const args = [
    vitest,
    'run',
    '--project',
    'unit',
    // A third faster than processes.
    '--pool=threads',
    '--reporter=junit',
    `--outputFile=${junit}`,
    '--coverage.enabled',
    '--coverage.reporter=lcovonly',
    `--coverage.reportsDirectory=${coverage}`,
    // Without these, vitest writes no coverage when a test fails, and the evidence would be missing instead of failing.
    '--coverage.reportOnFailure',
    '--coverage.thresholds.lines=0',
    ...releaseTests,
    // These take longer than all others together; `npm test` runs them.
    ...exhaustive.map((name) => `--exclude=test/${name}.test.ts`),
  ];
  const { code, output } = await runTool(workspace, process.execPath, args, { log: file(workspace, 'unit.log'), limitMs: 5 * minute });
  const madeAt = requireReport(junit, 'vitest', output);
  requireReportedFailure(junit, { code, output });
  const lcov = join(coverage, 'lcov.info');
  requireReport(lcov, 'vitest coverage', output);
  return [
    { type: 'junit', source: 'unit', file: junit, madeAt, contentType: 'application/xml' },
    { type: 'lcov', source: 'unit', file: lcov, madeAt, contentType: 'text/plain' },
  ];
};

/** The unit tests of deployed code; tests of the stack and of the architecture are left out. */
export const releaseTests = ['test/unit', 'test/commands', 'test/handlers', 'test/adapters', 'test/contract/fakes.test.ts'];

/** Runs the contract tests against the emulator: the suites that the fakes pass too, over real tables. */
export const integrationTests = async (workspace: Workspace): Promise<Report> => {
  const junit = file(workspace, 'integration.junit.xml');
  const args = [vitest, 'run', '--project', 'emulator', '--reporter=junit', `--outputFile=${junit}`, 'test/contract/emulator.test.ts'];
  const { code, output } = await runTool(workspace, process.execPath, args, {
    log: file(workspace, 'integration.log'),
    limitMs: 2 * minute,
    env: { HOLDPOINT_TEST_ENDPOINT: workspace.endpoint },
  });
  const madeAt = requireReport(junit, 'vitest', output);
  requireReportedFailure(junit, { code, output });
  return { type: 'junit', source: 'integration', file: junit, madeAt, contentType: 'application/xml' };
};

/** Scans the sources for secrets. */
export const secretScan = async (workspace: Workspace): Promise<Report> => {
  const sarif = file(workspace, 'secretlint.sarif');
  const args = [
    join('node_modules', 'secretlint', 'bin', 'secretlint.js'),
    '--format',
    '@secretlint/secretlint-formatter-sarif',
    '--output',
    sarif,
    'lib/**/*',
    'lambdas/**/*',
    'bin/**/*',
    'package.json',
    'cdk.json',
  ];
  const { output } = await runTool(workspace, process.execPath, args, { log: file(workspace, 'secretlint.log'), limitMs: minute });
  return {
    type: 'sarif',
    source: 'secretlint',
    file: sarif,
    madeAt: requireReport(sarif, 'secretlint', output),
    contentType: 'application/sarif+json',
  };
};

/** The bill of materials, from npm. */
export const billOfMaterials = async (workspace: Workspace): Promise<Report> => {
  const path = file(workspace, 'sbom.cdx.json');
  const { code, output } = await runTool(
    workspace,
    'sh',
    ['-c', 'npm sbom --sbom-format cyclonedx --omit dev 2>"$1" >"$0"', path, file(workspace, 'sbom.log')],
    { log: file(workspace, 'sbom.out.log'), limitMs: minute },
  );
  if (code !== 0) throw new Error(`npm sbom failed: ${readFileSync(file(workspace, 'sbom.log'), 'utf8').slice(-400)}${output}`);
  return {
    type: 'cyclonedx',
    source: 'npm',
    file: path,
    madeAt: requireReport(path, 'npm sbom', output),
    contentType: 'application/vnd.cyclonedx+json',
  };
};

/** The commit that is released, and whether the work tree has uncommitted changes. */
export const commitOf = (root: string): { readonly commit: string; readonly dirty: boolean } => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
};
