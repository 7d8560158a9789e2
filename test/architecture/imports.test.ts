import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ruleKinds } from '../../lib/registry/rules.ts';

const root = resolve(import.meta.dirname, '../..');

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** A room is a folder of lib, a wing of lib/run, the example service in lib/local, a folder of lambdas, or a file at the top of lib. */
const roomOf = (file: string): string => {
  const [top = '', second = '', third, fourth] = file.split('/');
  if (file.startsWith('lib/local/shop/')) return 'local/shop';
  if (top === 'lib' && second === 'run' && fourth !== undefined) return `run/${third}`;
  if (top === 'lib') return third === undefined ? second.replace('.ts', '') : second;
  if (top === 'lambdas') return third === undefined ? 'lambdas' : `lambdas/${second}`;
  return top;
};

type Import = { readonly file: string; readonly from: string; readonly to: string; readonly bare: string | undefined };

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?<!')\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map(([, specifier = '']) => {
    const bare = specifier.startsWith('.') ? undefined : specifier;
    return {
      file,
      from: roomOf(file),
      bare,
      to: bare === undefined ? roomOf(relative(root, resolve(root, dirname(file), specifier))) : '',
    };
  });

const all = [...filesIn('lib'), ...filesIn('lambdas'), ...filesIn('bin')].flatMap(importsOf);

/** Files that every room may use. They import each other only. */
const ground = ['canonical-json', 'json-flaw', 'on-demand', 'outcome', 'roles', 'schema-words', 'verdict', 'wording', 'fields'];

/** The map that lib/DESIGN.md draws: each row names a room, what it is, and the rooms that it may import. */
const map = /<!-- map -->([\s\S]*?)<!-- end of map -->/.exec(readFileSync(join(root, 'lib/DESIGN.md'), 'utf8'))?.[1] ?? '';
const drawn = new Map(
  map.split('\n').flatMap((row) => {
    const [, name = '', , allowed = ''] = row.split('|').map((cell) => cell.trim());
    return name.startsWith('`')
      ? [[name.replaceAll('`', ''), [...allowed.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one)] as const]
      : [];
  }),
);
const within = all.filter(({ bare, from, to }) => bare === undefined && from !== to && !ground.includes(to));

describe('the map of lib/DESIGN.md', () => {
  test.each([...drawn])('%s imports what is drawn and nothing else', (room, allowed) => {
    const astray = within.filter(({ from, to }) => from === room && !allowed.includes(to));
    expect(astray.map(({ file, to }) => `${file} imports from ${to}`)).toEqual([]);
  });

  test('every room is drawn', () => {
    expect([...new Set(all.map(({ from }) => from))].filter((room) => !drawn.has(room) && !ground.includes(room))).toEqual([]);
  });

  test('every arrow is used', () => {
    const used = new Set(within.map(({ from, to }) => `${from} -> ${to}`));
    const arrows = [...drawn].flatMap(([room, allowed]) => allowed.map((to) => `${room} -> ${to}`));
    expect(arrows.filter((arrow) => !used.has(arrow))).toEqual([]);
  });

  test('ground files import each other only', () => {
    expect(within.filter(({ from }) => ground.includes(from))).toEqual([]);
  });

  test('handlers do not import one another', () => {
    expect(
      all.filter(({ from, to, bare }) => from === 'lambdas' && to === 'lambdas' && bare === undefined).map(({ file }) => file),
    ).toEqual([]);
  });
});

describe('what comes from outside', () => {
  const bare = (test: RegExp, rooms: readonly string[]): string[] =>
    all
      .filter((one) => one.bare !== undefined && test.test(one.bare) && !rooms.includes(one.from))
      .map(({ file, bare: name }) => `${file} imports ${name}`);

  test('the AWS SDK is used by the adapters, the live parts and the local stage only', () => {
    expect(bare(/^@(aws-sdk|smithy)\//, ['lambdas/adapters', 'lambdas/shell', 'local', 'local/shop'])).toEqual([]);
  });

  test('the CDK is used by the stack only', () => {
    expect(bare(/^(aws-cdk-lib|constructs|cdk-nag)/, ['stack', 'bin'])).toEqual([]);
  });

  test('pure rooms take parsing and hashing from outside and nothing else', () => {
    const pure = [
      'checklist',
      'evidence',
      'evaluation',
      'audit',
      'rules',
      'registry',
      'profile',
      'folds',
      'feeds',
      'query',
      'lambda-manifest',
      'ports',
      ...ground,
    ];
    const taken = all
      .filter((one) => (pure.includes(one.from) || one.from.startsWith('run/')) && one.bare !== undefined)
      .map(({ bare: name }) => name);
    expect([...new Set(taken)].sort()).toEqual(['ajv/dist/2020.js', 'node:crypto', 'saxes', 'yaml', 'zod']);
  });

  test('what is for tests only is never bundled', () => {
    // The example service has its own tests beside its source, as a repository of its own would.
    const astray = bare(/iam-simulate|aws-sdk-client-mock|fast-check|vitest|playwright/, []);
    expect(astray.filter((one) => !/^lib\/local\/shop\/(releases\/\d\/)?(test\/|vitest\.config)/.test(one))).toEqual([]);
  });
});

describe('pure rooms', () => {
  const pure = ['checklist', 'evidence', 'evaluation', 'audit', 'rules', 'registry', 'profile', 'folds', 'feeds', 'run', 'query'].flatMap(
    (room) => filesIn(`lib/${room}`),
  );

  test.each([
    ['read no clock', /\bDate\.now\(|new Date\(\)/],
    ['draw no lots', /Math\.random\(|randomUUID|randomBytes/],
    ['know no environment', /process\.(env|argv|cwd)/],
  ])('%s', (_what, forbidden) => {
    expect(pure.filter((file) => forbidden.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

test('a kind of rule is named by its module, and otherwise only in comments and documents', () => {
  const product = [...filesIn('lib'), ...filesIn('lambdas'), ...filesIn('bin')].filter((file) => !file.startsWith('lib/rules/'));
  const byName = product.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return ruleKinds.some(({ kind }) => text.includes(`'${kind}'`)) || /\brule\.kind\s*[!=]==?/.test(text);
  });
  expect(byName).toEqual([]);
});
