import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { checkOutShop, type ReleaseNumber, type ShopSource } from '../../lib/local/demo/shop-source.ts';
import type { Workspace } from '../../lib/local/demo/workspace.ts';
import { projectFolder, writablePaths } from '../../lib/local/paths.ts';
import type { createShop } from '../../lib/local/shop/src/shop.ts';

// Below the checkout, where the service finds the installed packages, as in the demo.
const folder = mkdtempSync(join(writablePaths().folder, 'shop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const workspaceIn = (name: string): Workspace => ({
  root: projectFolder,
  folder: join(folder, name),
  endpoint: 'http://127.0.0.1:1',
  signal: new AbortController().signal,
});
const checkOut = (number: ReleaseNumber): ShopSource => checkOutShop(workspaceIn(`release-${number}`), number);

/** Asks the release for an order as release 1 stored it. */
const statusOfOldOrder = async (source: ShopSource): Promise<number> => {
  const module = (await import(join(source.folder, 'src', 'shop.ts'))) as { readonly createShop: typeof createShop };
  const old = { id: 'a', customer: 'Ada', lines: [{ sku: 'tea', quantity: 1, unitPrice: 450 }], placedAt: '2026-03-01T08:00:00Z' };
  const shop = module.createShop({
    store: {
      get: async () => old as never,
      put: async () => {},
      list: async () => [],
      isStopped: async () => false,
      stop: async () => {},
      accept: async () => {},
    },
    metrics: async () => {},
    log: () => {},
    token: 't',
    origins: [],
    version: source.version,
    instance: 'of-the-tests',
    rateLimit: () => ({ allowed: true }),
  });
  return (await shop({ rawPath: '/orders/a', headers: {}, requestContext: { http: { method: 'GET' } } })).statusCode;
};

describe('the releases of the shop', () => {
  test('are commits of their own, the same on every machine of this month', () => {
    const [first, second] = [checkOut(1), checkOut(2)];
    expect([first.version, second.version]).toEqual(['1.0.0', '2.0.0']);
    expect(second.commit).not.toBe(first.commit);
    expect(checkOutShop(workspaceIn('again'), 1).commit).toBe(first.commit);
    expect(checkOutShop(workspaceIn('again'), 2).commit).not.toBe(first.commit);
    expect(checkOutShop(workspaceIn('again'), 2).version).toBe('2.0.0');
  });

  test('release 1 shows the orders that it stored, and release 2 really fails for them', async () => {
    expect(await statusOfOldOrder(checkOut(1))).toBe(200);
    expect(await statusOfOldOrder(checkOut(2))).toBe(500);
  });

  test('release 2 passes its own tests and its lint all the same', { timeout: 60_000 }, () => {
    const source = checkOut(2);
    for (const script of ['test', 'lint']) execFileSync('npm', ['run', '--silent', script], { cwd: source.folder, stdio: 'pipe' });
    expect(readFileSync(join(source.folder, 'reports', 'unit.junit.xml'), 'utf8')).toMatch(/failures="0" errors="0"/);
  });
});

const shop = join(projectFolder, 'lib', 'local', 'shop');
const manifest = JSON.parse(readFileSync(join(shop, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};

test('the service is tested with the packages that it names', () => {
  const { packages } = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Record<string, { readonly version: string }>;
  };
  const named = { ...manifest.dependencies, ...manifest.devDependencies };
  const installed = Object.fromEntries(Object.keys(named).map((name) => [name, packages[`node_modules/${name}`]?.version]));
  expect(installed).toEqual(named);
});

const stepSchema = z.object({ uses: z.string().optional(), run: z.string().optional() });
const workflowSchema = z.object({ jobs: z.record(z.string(), z.object({ steps: z.array(stepSchema).min(1) })) });

describe('the workflow of the shop', () => {
  const text = readFileSync(join(shop, '.github', 'workflows', 'release.yml'), 'utf8');
  const scripts = Object.values(workflowSchema.parse(parse(text)).jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run));

  test('runs scripts that the service has', () => {
    const named = scripts.flatMap((script) => [...script.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test('puts no value of others into a script', () => {
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  test('sends the reports that the scripts write', () => {
    const sent = [...scripts.join('\n').matchAll(/reports\/([\w.-]+\.(?:xml|sarif))/g)].map(([, name = '']) => name);
    const byHoldpoint = scripts.flatMap((script) =>
      [...script.matchAll(/holdpoint scan --output reports\/([\w.-]+)/g)].map(([, name]) => name),
    );
    const written = [...Object.values(manifest.scripts), ...byHoldpoint].join('\n');
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.filter((name) => !written.includes(name))).toEqual([]);
  });

  test('says in its first job which files changed and who approved each commit since the live version', () => {
    const [verify] = Object.values(workflowSchema.parse(parse(text)).jobs);
    const script = (verify?.steps ?? []).flatMap(({ run = [] }) => run).join('\n');
    for (const name of ['changes', 'reviews'])
      expect(script).toMatch(new RegExp(`holdpoint ${name} [^|]*--base "\\$OLD_COMMIT"[^|]*--output reports/${name}\\.record\\.json`));
    expect(script).toContain('holdpoint evidence "$RUN" reports/changes.record.json reports/reviews.record.json');
  });

  test('measures every series that the checklist asks for, or its README says who does and who sends it', () => {
    const asked = baseChecklist.items.flatMap(({ rule }) =>
      rule?.kind.startsWith('series-') && 'series' in rule ? [String(rule.series)] : [],
    );
    expect(asked).toEqual(expect.arrayContaining(['soak', 'stability', 'monitoring']));
    const all = `${scripts.join('\n')}\n${readFileSync(join(shop, 'README.md'), 'utf8')}`;
    for (const name of new Set(asked)) {
      expect(all).toMatch(new RegExp(`holdpoint probe .* --name ${name} --output \\S*${name}\\.series\\.json`));
      expect(all).toMatch(new RegExp(`holdpoint evidence "\\$RUN" .*${name}\\.series\\.json`));
    }
  });

  test('calls the command line that Holdpoint packs, by its own name', () => {
    expect(text).not.toContain('npx holdpoint');
    expect(text.match(/npm install --global \.\/tools\/holdpoint-/g)).toHaveLength(3);
  });
});
