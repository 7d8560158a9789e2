import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { webhooks } from '../../lib/api/webhooks.ts';
import { callbackFlaws, callbacksSchema } from '../../lib/checklist/callbacks.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { freezesSchema } from '../../lib/checklist/freezes.ts';
import { protectionRuleFlaws, protectionRulesSchema } from '../../lib/checklist/protection-rules.ts';
import { targetsByEnvironmentSchema } from '../../lib/checklist/targets.ts';
import type { Io } from '../../lib/cli/io.ts';
import { run } from '../../lib/cli/main.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { targetMisfits } from '../../lib/profile/permitted-targets.ts';
import { readProfile } from '../../lib/profile/read.ts';
import { readStageFile } from '../../lib/stack/stage-file.ts';
import { sampleOf } from '../samples.ts';
import { commitNode, githubAnswer } from '../unit/github-answer.ts';
import { seriesSchemaText, withTables } from './table.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(`${root}/README.md`, 'utf8');
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { scripts: Record<string, string> };

/** What the files that commands of the README read hold; every other one is a report of a test. */
const contents: Readonly<Record<string, string>> = {
  'holdpoint.yaml': 'service: shop\nfeatures: [{ id: all, title: All, paths: ["**"] }]',
  'github.json': JSON.stringify(githubAnswer(commitNode('c'.repeat(40)))),
  'stability.series.json': new TextDecoder().decode(sampleOf('series')),
};

/** Every command that a code block of the README shows. */
const shown = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter(Boolean);

const gateIds = baseChecklist.gates.map(({ id }) => id);
const jsonBlocks = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = '']) => block);

describe('the README', () => {
  test('has up-to-date tables', () => {
    expect(withTables(readme) === readme, 'the tables of README.md are out of date: run npm run docs').toBe(true);
  });

  test('links the schema of the series as it is read', () => {
    const file = 'lib/evidence/schemas/holdpoint-series-1.json';
    expect(readme).toContain(`](${file})`);
    expect(JSON.parse(readFileSync(`${root}/${file}`, 'utf8')), 'run npm run docs').toEqual(JSON.parse(seriesSchemaText()));
  });

  test('shows a service with freezes that a stage may have', () => {
    const example = jsonBlocks.find((block) => block.includes('"freezes"')) ?? '{}';
    const freezes = freezesSchema.parse((JSON.parse(example) as { freezes: unknown }).freezes);
    expect(freezes.map((freeze) => ['once', 'weekly', 'yearly'].find((kind) => kind in freeze)).sort()).toEqual([
      'once',
      'weekly',
      'yearly',
    ]);
  });

  test('shows callbacks that a stage may have, one of each kind', () => {
    const example = jsonBlocks.find((block) => block.includes('"callbacks"')) ?? '';
    const { services } = JSON.parse(`{${example}}`) as { services: [{ name: string; environments: string[]; callbacks: unknown }] };
    const [{ callbacks, ...service }] = services;
    const parsed = callbacksSchema.parse(callbacks);
    expect(parsed.map(({ kind }) => kind)).toEqual(['github', 'gitlab', 'https']);
    expect(callbackFlaws([{ ...service, callbacks: parsed }], gateIds)).toEqual([]);
    expect(callbackFlaws([{ ...service, environments: ['test'], callbacks: parsed }], ['phase-1'])).toEqual([
      'services: the callback deploy of shop names the environment production, which it does not have',
      'services: the callback deploy of shop names the gate t-minus-2h; expected phase-1',
      'services: the callback pipeline of shop names the gate t-minus-2h; expected phase-1',
    ]);
  });

  test('shows a protection rule that a stage may have, for an environment that the job of the start does not need', () => {
    const example = jsonBlocks.find((block) => block.includes('"protectionRules"')) ?? '';
    const { services } = JSON.parse(`{${example}}`) as { services: [{ name: string; environments: string[]; protectionRules: unknown }] };
    const [{ protectionRules, ...service }] = services;
    const parsed = protectionRulesSchema.parse(protectionRules);
    expect(protectionRuleFlaws([{ ...service, protectionRules: parsed }], gateIds)).toEqual([]);
    expect(parsed.map(({ environment, protects }) => [environment, protects])).toEqual([['production', 'production-deploy']]);
    expect(readme).toContain(`https://holdpoint.example.com${webhooks.github.path}`);
  });

  test('shows targets as a stage file may have them', () => {
    const [, example = ''] = /```jsonc\n([\s\S]*?)```/.exec(readme) ?? [];
    const { targets } = JSON.parse(example) as { targets: unknown };
    const staged = targetsByEnvironmentSchema.parse(targets);
    expect(Object.keys(staged)).toEqual(['production']);
    // And what a profile may name within them.
    const [, named = ''] = /```yaml\n(targets:\n[\s\S]*?)```/.exec(readme) ?? [];
    const read = readProfile(new TextEncoder().encode(`service: shop\nfeatures: [{ id: all, title: All, paths: ["**"] }]\n${named}`));
    const { profile } = 'ok' in read ? read.ok : expect.fail(JSON.stringify(read.wrong));
    expect(profile.targets).toHaveProperty('production.probes');
    expect(targetMisfits(profile, { environments: ['production'], targets: staged })).toEqual([]);
    expect(profiled(baseChecklist, profile)).toHaveProperty('ok');
  });

  test('shows a stage that could be deployed', () => {
    const example = jsonBlocks.find((block) => block.includes('"publicUrl"')) ?? '';
    const file = join(mkdtempSync(join(tmpdir(), 'holdpoint-readme-')), 'production.json');
    writeFileSync(file, example);
    const stage = readStageFile(file);
    expect(stage.name).toBe('production');
    // The command line asks for a token for the origin of the address.
    const audiences = stage.issuers.filter(({ kind }) => kind === 'ci').map(({ audience }) => audience);
    expect(audiences).toEqual([new URL(stage.publicUrl).origin]);
    rmSync(dirname(file), { recursive: true });
  });

  test('names scripts that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?([a-z0-9:]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !['ci', 'install', 'pack'].includes(name));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('shows commands that the command line understands', async () => {
    const silent: Io = {
      env: { HOLDPOINT_URL: 'http://127.0.0.1:9', HOLDPOINT_TOKEN: 'x', XDG_CONFIG_HOME: '/nowhere' },
      out: () => {},
      err: () => {},
      coloured: false,
      columns: 80,
      fetch: async () => {
        throw new TypeError('nobody is asked');
      },
      readFile: async (path) => new TextEncoder().encode(contents[path] ?? '<testsuite><testcase name="a"/></testsuite>'),
      pieces: () => {
        throw new Error('nothing here is large');
      },
      writeFile: async () => {},
      // A path without an ending is a folder with a report; every look finds a newer version of a file.
      entryOf: async (path) =>
        path === 'holdpoint.yaml'
          ? Promise.reject(new Error('ENOENT'))
          : path.includes('.')
            ? { kind: 'file', bytes: 12, modifiedAt: new Date(), version: String(Math.random()) }
            : { kind: 'folder', names: ['TEST-a.xml'] },
      interrupted: () => new AbortController().signal,
      execute: async () => 0,
      // A repository with one file, which one commit changed.
      output: async (_, [what = '', second]) => ({
        code: 0,
        text:
          {
            'ls-files': 'src/a.ts\0',
            'ls-tree': `100644 blob ${'b'.repeat(40)}\tsrc/a.ts\0`,
            log: '2026-03-01T08:00:00Z',
            'rev-list': 'c'.repeat(40),
            'rev-parse': second === '--verify' ? 'c'.repeat(40) : '',
          }[what] ?? '',
      }),
      appendFile: async () => {},
      now: () => new Date(),
      sleep: async () => {},
      local: async () => undefined,
    };
    const calls = shown.flatMap((line) => /^(?:holdpoint|node bin\/holdpoint\.mjs) (?!local)(.*)$/.exec(line)?.[1] ?? []);
    expect(calls.length).toBeGreaterThan(5);
    for (const call of calls) {
      const argv = [...call.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
        (quoted ?? plain ?? '').replace(/\$(?:OLD_)?COMMIT/, 'c'.repeat(40)).replace(/\$(?:OLD_)?DIGEST/, `sha256:${'d'.repeat(64)}`),
      );
      // 3: understood and sent, and nobody answered; 0: needs no server; 1: a probe that got no answer.
      expect(call.startsWith('probe') ? [1] : [0, 3], call).toContain(await run(argv, silent));
    }
  });

  test('says what was not seen running', () => {
    expect(readme).toContain('## Not seen running');
  });
});
