import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHere } from './child.ts';
import type { Workshop } from './workspace.ts';

/** A report as its tool wrote it, with what CI says about it. */
export type Report = {
  readonly type: string;
  readonly source: string;
  readonly file: string;
  readonly madeAt: string;
  readonly contentType: string;
};

const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const minute = 60_000;

const file = (shop: Workshop, name: string): string => join(shop.folder, name);

/** A tool may say by its exit code that it found something; that it wrote its report is what counts here. */
const written = (path: string, tool: string, output: string): string => {
  try {
    readFileSync(path);
    return new Date().toISOString();
  } catch (cause) {
    throw new Error(`${tool} wrote no report: ${output.slice(-400)}`, { cause });
  }
};

/** An unhandled rejection fails the runner and stands in no report: a run must not pass over it. */
const failureIsReported = (junit: string, { code, output }: { readonly code: number | null; readonly output: string }): void => {
  if (code === 0 || /<(failure|error)\b/.test(readFileSync(junit, 'utf8'))) return;
  throw new Error(`vitest ended with code ${code}, and its report shows no failure: ${output.slice(-400)}`);
};

/** The project's own unit tests, with JUnit results and line coverage. */
export const unitTests = async (shop: Workshop): Promise<Report[]> => {
  const junit = file(shop, 'unit.junit.xml');
  const coverage = file(shop, 'coverage');
  const args = [
    vitest,
    'run',
    '--project',
    'unit',
    // A third faster than processes, and no unit test needs one.
    '--pool=threads',
    '--reporter=junit',
    `--outputFile=${junit}`,
    '--coverage.enabled',
    '--coverage.reporter=lcovonly',
    `--coverage.reportsDirectory=${coverage}`,
    // Without these an uncovered or failing test would leave no tracefile, and the evidence would be missing instead of failing.
    '--coverage.reportOnFailure',
    '--coverage.thresholds.lines=0',
    ...playedTests,
    // The exhaustive search of interleavings takes longer than all others together; `npm test` runs it.
    '--exclude=test/commands/interleavings.test.ts',
  ];
  const { code, output } = await runHere(shop, process.execPath, args, { log: file(shop, 'unit.log'), limitMs: 3 * minute });
  const madeAt = written(junit, 'vitest', output);
  failureIsReported(junit, { code, output });
  const lcov = join(coverage, 'lcov.info');
  written(lcov, 'vitest coverage', output);
  return [
    { type: 'junit', source: 'unit', file: junit, madeAt, contentType: 'application/xml' },
    { type: 'lcov', source: 'unit', file: lcov, madeAt, contentType: 'text/plain' },
  ];
};

/** The unit tests of the rooms that are deployed; the tests of the stack and of the house itself judge no release. */
export const playedTests = ['test/unit', 'test/commands', 'test/handlers', 'test/adapters', 'test/contract/fakes.test.ts'];

/** The contract tests against the running emulator: the same suites that the doubles pass, over real tables. */
export const integrationTests = async (shop: Workshop): Promise<Report> => {
  const junit = file(shop, 'integration.junit.xml');
  const args = [vitest, 'run', '--project', 'emulator', '--reporter=junit', `--outputFile=${junit}`, 'test/contract/emulator.test.ts'];
  const { code, output } = await runHere(shop, process.execPath, args, {
    log: file(shop, 'integration.log'),
    limitMs: 2 * minute,
    env: { HOLDPOINT_TEST_ENDPOINT: shop.endpoint },
  });
  const madeAt = written(junit, 'vitest', output);
  failureIsReported(junit, { code, output });
  return { type: 'junit', source: 'integration', file: junit, madeAt, contentType: 'application/xml' };
};

export const secrets = async (shop: Workshop): Promise<Report> => {
  const sarif = file(shop, 'secretlint.sarif');
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
  const { output } = await runHere(shop, process.execPath, args, { log: file(shop, 'secretlint.log'), limitMs: minute });
  return {
    type: 'sarif',
    source: 'secretlint',
    file: sarif,
    madeAt: written(sarif, 'secretlint', output),
    contentType: 'application/sarif+json',
  };
};

/** What the release is made of, by the package manager that installed it. */
export const billOfMaterials = async (shop: Workshop): Promise<Report> => {
  const path = file(shop, 'sbom.cdx.json');
  const { code, output } = await runHere(
    shop,
    'sh',
    ['-c', 'npm sbom --sbom-format cyclonedx --omit dev 2>"$1" >"$0"', path, file(shop, 'sbom.log')],
    { log: file(shop, 'sbom.out.log'), limitMs: minute },
  );
  if (code !== 0) throw new Error(`npm sbom failed: ${readFileSync(file(shop, 'sbom.log'), 'utf8').slice(-400)}${output}`);
  return {
    type: 'cyclonedx',
    source: 'npm',
    file: path,
    madeAt: written(path, 'npm sbom', output),
    contentType: 'application/vnd.cyclonedx+json',
  };
};

/** The commit that is released, and whether the work tree has changes that no commit has. */
export const commitOf = (root: string): { readonly commit: string; readonly dirty: boolean } => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  return { commit: git('rev-parse', 'HEAD'), dirty: git('status', '--porcelain') !== '' };
};
