import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { operations } from '../../lib/api/contract.ts';
import type { Operation } from '../../lib/api/operation.ts';
import { problemSchema } from '../../lib/api/problem.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { commands } from '../../lib/cli/commands.ts';
import { run } from '../../lib/cli/main.ts';
import { validatorsOf } from '../../lib/evidence/json-schema.ts';
import { argvOf, exampleWorld, gitlabExample } from './example-world.ts';
import { gate, view } from './run-views.ts';
import { sampleOf } from './sample-of.ts';
import { type Asked, json, terminal } from './terminal.ts';

/** What `--json` prints follows the schema that `holdpoint schema --output` prints, for every command. */

const all: readonly Operation[] = Object.values(operations);
const operationOf = ({ method, url }: Asked): Operation | undefined => {
  const { pathname } = new URL(url);
  return all.find((one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname));
};

/** A server that knows the contract alone, and the checklist that it ships. */
const answer = (asked: Asked): Response => {
  if (new URL(asked.url).hostname === 'gitlab.example.com') return json(gitlabExample(asked.url));
  const operation = operationOf(asked);
  if (operation === undefined || operation.answer.schema === 'page') return new Response('no such route', { status: 404 });
  if (operation.id === 'readChecklist') return json(listing(baseChecklist));
  return json(sampleOf(operation.answer.schema) as object, operation.answer.status);
};

/** `login` needs a browser (cli-login.test.ts), `download` bytes of the digest (cli-download.test.ts), and `wait` a run that has the gate (below). */
const elsewhere = ['login', 'download', 'wait'];

const loaded = await Promise.all(commands.map(async (listed) => ({ name: listed.name, ...(await listed.load()) })));

const schemaText = async (name: string): Promise<object> => {
  const { io, said } = terminal();
  expect(await run(['schema', '--output', name], io)).toBe(0);
  expect(said.asked).toEqual([]);
  return JSON.parse(said.out) as object;
};

/** Parses in the way of a reader, and shows a member that the schema does not have: a schema in zod leaves it out. */
const undescribed = (prints: z.ZodType, printed: unknown): void => expect(prints.parse(printed)).toEqual(printed);

describe.each(loaded)('$name --json', ({ name, examples, prints }) => {
  test('has a published schema that says more than that it is a value', async () => {
    const schema = await schemaText(name);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: `What holdpoint ${name} --json prints`,
    });
    expect(JSON.stringify(schema)).toMatch(/"properties":\{"\w+/);
  });

  test.runIf(!elsewhere.includes(name)).each(examples)('prints what the schema says: %s', async (example) => {
    const { io, said } = terminal(answer, { XDG_CONFIG_HOME: '/nowhere', GITLAB_TOKEN: 'gitlab-token' }, exampleWorld);
    const argv = argvOf(example);
    const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
    const plain = /--(markdown|yaml)/.test(example);
    await run([...argv.slice(0, end), ...(plain || argv.includes('--json') ? [] : ['--json']), ...argv.slice(end)], io);
    expect(said.err.replace(/^(Probing|\d+ other files).*\n/gm, '')).toBe('');
    if (plain) return;
    const valid = validatorsOf([{ $id: 'https://holdpoint.test/schema', ...(await schemaText(name)) }])();
    // One document on a line for each file, or one document.
    const documents = name === 'evidence inspect' ? said.out.trim().split('\n') : [said.out];
    for (const document of documents) {
      const printed = JSON.parse(document) as unknown;
      undescribed(prints, printed);
      expect(valid(printed)).toBeUndefined();
    }
  });
});

test('wait --json prints the run', async () => {
  const { prints } = loaded.find(({ name }) => name === 'wait') ?? expect.fail('there is no wait');
  const { io, said } = terminal(() => json(view({ gates: [gate({ state: 'passed' })] })));
  expect(await run(['wait', 'r1', '--gate', 'phase-1', '--json'], io)).toBe(0);
  undescribed(prints, JSON.parse(said.out));
});

test('a refusal has the published schema of problems', async () => {
  const problem = sampleOf(problemSchema) as object;
  const { io, said } = terminal(() => json(problem, 409, 'application/problem+json'));
  expect(await run(['cancel', 'r1', '--reason', 'x', '--json'], io)).toBe(1);
  undescribed(problemSchema, JSON.parse(said.out));
  const valid = validatorsOf([{ $id: 'https://holdpoint.test/problem', ...(await schemaText('problem')) }])();
  expect(valid(JSON.parse(said.out))).toBeUndefined();
  expect(valid({ title: 'x' })).toBeDefined();
});

test('a member that a later version adds is no violation', async () => {
  const valid = validatorsOf([{ $id: 'https://holdpoint.test/open', ...(await schemaText('cancel')) }])();
  expect(valid({ event: 'e', alreadyRecorded: false, gate: 'g', added: 'later' })).toBeUndefined();
  expect(valid({ event: 'e', alreadyRecorded: false })).toBeDefined();
});

test.each([
  [['--output', 'launch'], 'expected a command, or problem'],
  [['backup', '--output', 'status'], 'got backup and --output'],
])('holdpoint schema %j is wrong usage', async (argv, why) => {
  const { io, said } = terminal();
  expect(await run(['schema', ...argv], io)).toBe(2);
  expect(said.err).toContain(why);
});
