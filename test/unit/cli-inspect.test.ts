import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { run } from '../../lib/cli/main.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { recordSampleOf } from '../samples.ts';
import { bytes, types } from './parsed.ts';
import { terminal } from './terminal.ts';

type Document = {
  readonly file: string;
  readonly type?: string;
  readonly facts?: Record<string, unknown>;
  readonly problems?: readonly unknown[];
  readonly checks?: readonly { readonly id: string; readonly verdict: string; readonly reason: string }[];
  readonly notJudged?: readonly string[];
  readonly refused?: { readonly type: string; readonly title: string; readonly detail: string };
};

/** Runs the command over these files; nothing else exists, and no server is known. */
const inspect = async (files: Readonly<Record<string, Uint8Array>>, ...given: (string | Readonly<Record<string, Uint8Array>>)[]) => {
  const others = Object.assign({}, ...given.filter((one) => typeof one !== 'string')) as Readonly<Record<string, Uint8Array>>;
  const more = given.flatMap((one) => (typeof one === 'string' ? [one] : Object.keys(one)));
  const { io, said } = terminal();
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  const code = await run(['evidence', 'inspect', ...Object.keys(files), ...more], {
    ...io,
    env: {},
    readFile: async (path) => files[path] ?? others[path] ?? Promise.reject(missing(path)),
    entryOf: async (path) => {
      const found = files[path] ?? others[path];
      if (found === undefined || path.startsWith('missing')) throw missing(path);
      if (path === 'pipe') return { kind: 'other' };
      if (path === 'folder') return { kind: 'folder', names: [] };
      return { kind: 'file', bytes: path.startsWith('huge') ? 1e10 : found.byteLength, modifiedAt: new Date(0), version: '1' };
    },
  });
  const documents = said.out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Document);
  return { code, said, documents };
};

const sample = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../samples/evidence/${name}`, import.meta.url)));
const failing = bytes('<testsuite tests="9"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>');

describe('holdpoint evidence inspect --json', () => {
  test('gives one document on one line for each file, in the order given', async () => {
    const { code, documents, said } = await inspect(
      { 'b.xml': failing, 'a.info': sample('lcov.info'), 'c.tap': sample('node.tap') },
      '--json',
    );
    expect(code).toBe(0);
    expect(said.out.trimEnd().split('\n')).toHaveLength(3);
    expect(said.asked).toEqual([]);
    expect(documents.map(({ file, type }) => [file, type])).toEqual([
      ['b.xml', 'junit'],
      ['a.info', 'lcov'],
      ['c.tap', 'tap'],
    ]);
  });

  test('a report that fails is understood: figures, what it says of itself, the difference, and each check', async () => {
    const { code, documents } = await inspect({ 'b.xml': failing }, '--json');
    expect(code).toBe(0);
    expect(documents[0]).toMatchObject({
      facts: { tests: 2, passed: 1, failures: 1, errors: 0, skipped: 0, declared: { tests: 9 } },
      problems: [{ type: 'declared-tests', declared: 9, counted: 2, title: expect.any(String) }],
      notJudged: ['commit', 'artifact', 'age'],
    });
    expect(documents[0]?.checks).toContainEqual({
      id: 'no-regressions',
      verdict: 'fail',
      reason: '2 tests, 1 failed, 0 skipped; first: “b”',
    });
  });

  test.each<[string, string, string]>([
    [
      'cases beside suites, which have totals of their own',
      '<testsuites><testsuite tests="1"><testcase name="a"/></testsuite><testcase name="b"/></testsuites>',
      'b.xml',
    ],
    ['totals with a thousands separator', `<testsuite tests="1,000">${'<testcase name="a"/>'.repeat(1000)}</testsuite>`, 'b.xml'],
  ])('nothing differs: %s', async (_what, xml, file) => {
    const { documents } = await inspect({ [file]: bytes(xml) }, '--json');
    expect(documents[0]).toMatchObject({ type: 'junit', problems: [] });
  });

  test.each(['trivy.json', 'zap.json', 'npm-audit.json'])('%s: findings that the report sets aside are counted', async (file) => {
    const { documents } = await inspect({ [file]: sample(file) }, '--json');
    expect(documents[0]?.facts).toMatchObject({ suppressed: expect.any(Number) });
  });

  test.each([
    ['folder', 'a folder', 'Name the reports in it.'],
    ['pipe', 'a pipe or a device', 'Write the report to a file, and name that file.'],
  ])('a %s is refused', async (path, got, fix) => {
    const { code, documents } = await inspect({ [path]: failing }, '--json');
    expect(code).toBe(1);
    expect(documents[0]?.refused).toMatchObject({ detail: `${path} is no file.`, got, fix });
  });

  test('refused files keep none of the others back, and the exit code says so', async () => {
    const { code, documents } = await inspect(
      {
        'page.html': bytes('<html><body>Sign in</body></html>'),
        'junit.xml': bytes('<html><body>Sign in</body></html>'),
        'both.json': bytes('{"openapi":"3.1.0","bomFormat":"CycloneDX"}'),
        missing: new Uint8Array(),
        folder: new Uint8Array(),
        'huge.xml': failing,
        'good.xml': failing,
      },
      '--json',
    );
    expect(code).toBe(1);
    const types = documents.map(({ refused, type }) => refused?.type.split('/').at(-1) ?? type);
    expect(types).toEqual([
      'evidence-type-unknown',
      'evidence-unreadable',
      'evidence-type-ambiguous',
      'evidence-unreadable',
      'evidence-unreadable',
      'body-too-large',
      'junit',
    ]);
    for (const { refused } of documents.slice(0, -1))
      expect(refused).toMatchObject({ title: expect.any(String), detail: expect.any(String) });
  });

  test('--type is what every file is read as', async () => {
    const { code, documents } = await inspect({ 'a.xml': failing, 'lcov.info': sample('lcov.info') }, '--type', 'junit', '--json');
    expect(code).toBe(1);
    expect(documents.map(({ type, refused }) => type ?? refused?.type)).toEqual([
      'junit',
      'https://holdpoint.dev/problems/evidence-unreadable',
    ]);
  });

  test.each(types)('%s: the sample is understood', async (type) => {
    // By its name where that says the type: an empty list of leaks could be a list of anything.
    const name = evidenceTypes[type].fileNames.length === 0 ? 'x' : evidenceTypes[type].sample;
    const { code, documents } = await inspect({ [name]: sample(evidenceTypes[type].sample) }, '--json');
    expect(code).toBe(0);
    expect(documents[0]?.problems).toEqual([]);
  });

  test('a list of changed files proves no coverage by itself', async () => {
    const changes = bytes(JSON.stringify(recordSampleOf('changes')));
    const { documents } = await inspect({ 'x.json': changes }, '--json');
    expect(documents[0]?.checks?.find(({ id }) => id === 'coverage-per-feature')).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('without a report of lcov nothing is proved'),
    });
  });

  test.each(['tap', 'cobertura', 'jacoco', 'k6', 'autocannon'] as const)(
    '%s settles the checks of the type as which it is judged',
    async (type) => {
      const { documents } = await inspect({ x: sample(evidenceTypes[type].sample) }, '--json');
      expect(documents[0]?.checks?.length).toBeGreaterThan(0);
      // The sample of TAP has a test that is skipped, and manifests may have none. The samples of load tests took no minute.
      const others = (documents[0]?.checks ?? []).filter(({ id }) => id !== 'manifests-valid' && id !== 'load-tests-peak');
      for (const { verdict } of others) expect(verdict).toBe('pass');
    },
  );

  test('a summary of k6: inspect has no exit code, and says what follows', async () => {
    const { documents } = await inspect({ 'k6.json': sample('k6-handle-summary.json') }, '--json');
    expect(documents[0]?.checks?.find(({ id }) => id === 'load-testing')).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('nothing tells whether k6 was stopped early'),
    });
  });

  test('a load test that ended after 6 s proves nothing', async () => {
    const { documents } = await inspect({ 'k6.json': sample('k6.json') }, '--json');
    expect(documents[0]?.checks?.find(({ id }) => id === 'load-testing')).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('at least 9 s of load expected'),
    });
  });
});

describe('the suites of a report', () => {
  const ofUnits = bytes('<testsuites><testsuite name="test/unit/price.test.ts"><testcase name="a"/></testsuite></testsuites>');
  const proved = baseChecklist.items.flatMap(({ id, rule }) => (rule?.kind === 'junit-passes/1' ? [id] : []));
  const verdictsOf = (documents: readonly Document[]) => (documents[0]?.checks ?? []).map(({ id, verdict }) => [id, verdict]);

  test('without a profile none is filtered: every check that test results settle is listed, and the text says so', async () => {
    const { documents } = await inspect({ 'unit.xml': ofUnits }, '--json');
    expect(verdictsOf(documents)).toEqual(proved.map((id) => [id, 'pass']));
    expect((await inspect({ 'unit.xml': ofUnits })).said.out).toContain('no suite is filtered');
  });

  test('with a profile its patterns filter, the usual ones where it has none, and each says what it looked for and got', async () => {
    const profile = 'service: shop\nfeatures: [{ id: all, title: All, paths: ["**"] }]\nsuites: { smoke-tests-run: ["*unit*"] }\n';
    const { documents } = await inspect({ 'unit.xml': ofUnits }, '--json', '--profile', { 'holdpoint.yaml': bytes(profile) });
    expect(verdictsOf(documents)).toEqual(
      proved.map((id) => [id, ['no-regressions', 'smoke-tests-run'].includes(id) ? 'pass' : 'inconclusive']),
    );
    expect(documents[0]?.checks?.find(({ id }) => id === 'endpoints-responding')?.reason).toBe(
      'looked for test results with a suite, class or file that fits *endpoint*; got 1 test in “test/unit/price.test.ts”',
    );
    const { said } = await inspect({ 'unit.xml': ofUnits }, '--profile', { 'holdpoint.yaml': bytes(profile) });
    expect(said.out).not.toContain('no suite is filtered');
  });
});

describe('holdpoint evidence inspect', () => {
  test('shows figures, problems and checks, and says what is not judged', async () => {
    const { code, said } = await inspect({ 'b.xml': failing });
    expect(code).toBe(0);
    for (const text of [
      'b.xml: junit',
      'failures',
      'problem',
      'fail',
      'fail              2 tests, 1 failed, 0 skipped; first: “b”',
      'no-regressions, ',
      'Not judged: commit, artifact, age',
    ])
      expect(said.out).toContain(text);
  });

  test('checks that say the same are shown together, each with its name', async () => {
    const { said } = await inspect({ 'b.xml': failing });
    const { documents } = await inspect({ 'b.xml': failing }, '--json');
    const [{ reason = '' } = {}, ...others] = documents[0]?.checks ?? [];
    expect(others.every((one) => one.reason === reason)).toBe(true);
    expect(said.out.split(reason)).toHaveLength(2);
    const ids = /\((\d+) checks: ([^)]*)\)/.exec(said.out.replace(/\s+/g, ' '));
    expect(ids?.[2]?.split(', ')).toEqual(documents[0]?.checks?.map(({ id }) => id));
    expect(ids?.[1]).toBe(String(others.length + 1));
  });

  test('no file and an unknown type are wrong usage', async () => {
    expect((await inspect({})).code).toBe(2);
    expect((await inspect({ 'b.xml': failing }, '--type', 'cobol')).code).toBe(2);
  });
});
