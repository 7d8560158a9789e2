import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** A room is a folder of lib, of lambdas, or a file that stands at the top of lib. */
const roomOf = (file: string): string => {
  const [top = '', second = '', third] = file.split('/');
  if (top === 'lib') return third === undefined ? second.replace('.ts', '') : second;
  if (top === 'lambdas') return third === undefined ? 'lambdas' : `lambdas/${second}`;
  return top;
};

type Import = { readonly file: string; readonly from: string; readonly to: string; readonly bare: string | undefined };

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => {
    const bare = specifier.startsWith('.') ? undefined : specifier;
    return {
      file,
      from: roomOf(file),
      bare,
      to: bare === undefined ? roomOf(relative(root, resolve(root, dirname(file), specifier))) : '',
    };
  });

const all = [...filesIn('lib'), ...filesIn('lambdas'), ...filesIn('bin')].flatMap(importsOf);

/** Which rooms a room may look into. Everybody may use these two. */
const everywhere = ['canonical', 'outcome'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  canonical: [],
  outcome: [],
  functions: [],
  feeds: ['checklist', 'audit', 'run'],
  checklist: [],
  evidence: ['checklist'],
  evaluation: ['checklist', 'evidence', 'audit'],
  audit: ['checklist', 'evaluation', 'ports'],
  letter: ['checklist'],
  ports: ['checklist', 'audit', 'letter'],
  run: ['checklist', 'evidence', 'evaluation', 'audit', 'ports'],
  query: ['checklist', 'evaluation', 'audit', 'run', 'ports'],
  api: ['checklist', 'evaluation', 'evidence', 'audit', 'run', 'query', 'ports'],
  console: ['api', 'checklist', 'evaluation', 'run', 'query', 'ports'],
  cli: ['api', 'query', 'checklist', 'evidence', 'evaluation', 'audit'],
  stack: ['checklist', 'api', 'functions', 'feeds'],
  local: ['stack', 'api', 'checklist', 'cli', 'query', 'lambdas/shell', 'lambdas/api', 'lambdas/adapters'],
  'lambdas/adapters': ['checklist', 'audit', 'ports'],
  'lambdas/shell': [
    'lambdas/adapters',
    'lambdas/api',
    'functions',
    'checklist',
    'audit',
    'evaluation',
    'run',
    'query',
    'api',
    'console',
    'ports',
  ],
  'lambdas/api': ['lambdas/shell', 'checklist', 'evaluation', 'audit', 'run', 'query', 'api', 'console', 'ports', 'evidence'],
  lambdas: ['feeds', 'lambdas/shell', 'lambdas/api', 'lambdas/adapters', 'checklist', 'run', 'query', 'api', 'console', 'ports'],
  bin: ['stack', 'cli', 'checklist', 'local'],
};

describe('which room looks into which', () => {
  test.each(Object.entries(mayImport))('%s', (room, allowed) => {
    const astray = all.filter(
      ({ from, to, bare }) => from === room && bare === undefined && to !== room && !allowed.includes(to) && !everywhere.includes(to),
    );
    expect(astray.map(({ file, to }) => `${file} imports from ${to}`)).toEqual([]);
  });

  test('every room has its line in the table', () => {
    expect([...new Set(all.map(({ from }) => from))].filter((room) => !(room in mayImport))).toEqual([]);
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
    expect(bare(/^@(aws-sdk|smithy)\//, ['lambdas/adapters', 'lambdas/shell', 'local'])).toEqual([]);
  });

  test('the CDK is used by the stack only', () => {
    expect(bare(/^(aws-cdk-lib|constructs|cdk-nag)/, ['stack', 'bin'])).toEqual([]);
  });

  test('pure rooms take parsing and hashing from outside and nothing else', () => {
    const pure = ['checklist', 'evidence', 'evaluation', 'audit', 'feeds', 'run', 'query', 'ports', 'outcome', 'canonical'];
    const taken = all.filter((one) => pure.includes(one.from) && one.bare !== undefined).map(({ bare: name }) => name);
    expect([...new Set(taken)].sort()).toEqual(['node:crypto', 'saxes', 'zod']);
  });

  test('what is for tests only is never bundled', () => {
    expect(bare(/iam-simulate|aws-sdk-client-mock|fast-check|vitest|playwright/, [])).toEqual([]);
  });
});

describe('pure rooms', () => {
  const pure = ['checklist', 'evidence', 'evaluation', 'audit', 'feeds', 'run', 'query'].flatMap((room) => filesIn(`lib/${room}`));

  test.each([
    ['read no clock', /\bDate\.now\(|new Date\(\)/],
    ['draw no lots', /Math\.random\(|randomUUID|randomBytes/],
    ['know no environment', /process\.(env|argv|cwd)/],
  ])('%s', (_what, forbidden) => {
    expect(pure.filter((file) => forbidden.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
