import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { findPython } from '../../lib/local/python.ts';
import { runProcess } from '../../lib/local/run-process.ts';

/** How the emulator's guard compares keys; test/contract compares whole queries with the tables in memory. */
const comparing = `
import importlib.util, json, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('guard', sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
evaluated = []
class dynamodb:
    def _evaluate_condition(condition, item, values, names, slot='ConditionExpression'):
        evaluated.append(condition)
        return 'by MiniStack'
guard.quicker_queries(dynamodb)
print(json.dumps([dynamodb._evaluate_condition(condition, item, values, {'#scope': 'scope', '#place': 'place'}, slot)
    for condition, item, values, slot in json.loads(sys.argv[2])]))
`;

const s = (text: string) => ({ S: text });
const item = { scope: s('run/1'), place: s('gate/2#0007') };
const key = 'KeyConditionExpression';
const within = '#scope = :scope AND #place BETWEEN :from AND :to';
const own = { ':scope': s('run/1') };

type Row = readonly [what: string, condition: string, item: object, values: object, slot: string, found: boolean | 'by MiniStack'];
const rows: readonly Row[] = [
  ['the partition', '#scope = :scope', item, own, key, true],
  ['another partition', '#scope = :scope', item, { ':scope': s('run/2') }, key, false],
  ['names that are not aliased', 'scope = :scope', item, own, key, true],
  ['the lower bound', within, item, { ...own, ':from': s('gate/2#0007'), ':to': s('gate/3') }, key, true],
  ['the upper bound', within, item, { ...own, ':from': s('gate/1'), ':to': s('gate/2#0007') }, key, true],
  ['below the span', within, item, { ...own, ':from': s('gate/2#0008'), ':to': s('gate/3') }, key, false],
  ['above the span', within, item, { ...own, ':from': s('gate/1'), ':to': s('gate/2#0006') }, key, false],
  ['a span of another partition', within, item, { ':scope': s('run/2'), ':from': s('a'), ':to': s('z') }, key, false],
  ['a beginning', '#scope = :scope AND begins_with(#place, :begins)', item, { ...own, ':begins': s('gate/2#') }, key, true],
  ['another beginning', '#scope = :scope AND begins_with(#place, :begins)', item, { ...own, ':begins': s('gate/20') }, key, false],
  ['before', 'scope = :scope AND place < :place', item, { ...own, ':place': s('gate/2#0007') }, key, false],
  ['not behind', 'scope = :scope AND place <= :place', item, { ...own, ':place': s('gate/2#0007') }, key, true],
  ['behind', 'scope = :scope AND place > :place', item, { ...own, ':place': s('gate/2#0006') }, key, true],
  ['not before', 'scope = :scope AND place >= :place', item, { ...own, ':place': s('gate/2#0008') }, key, false],
  // UTF-16 would order them the other way round.
  ['by code points', 'scope = :scope AND place < :place', { ...item, place: s('\uffee') }, { ...own, ':place': s('😀') }, key, true],
  ['keys that are numbers', '#scope = :scope', { scope: { N: '1' } }, { ':scope': { N: '1.0' } }, key, 'by MiniStack'],
  ['an item without the key', within, { scope: s('run/1') }, { ...own, ':from': s('a'), ':to': s('z') }, key, 'by MiniStack'],
  ['a value that is missing', within, item, own, key, 'by MiniStack'],
  ['another form', '#scope = :scope OR #place = :place', item, { ...own, ':place': s('x') }, key, 'by MiniStack'],
  ['a condition of a write', '#scope = :scope', item, own, 'ConditionExpression', 'by MiniStack'],
];

describe('the keys of a query are compared as DynamoDB does', () => {
  let found: unknown[];
  beforeAll(async () => {
    const env = { PATH: process.env.PATH ?? '' };
    const { program } = await findPython(env);
    const guard = join(projectFolder, 'lib', 'local', 'emulator-guard.py');
    const asked = JSON.stringify(rows.map(([, condition, one, values, slot]) => [condition, one, values, slot]));
    const { output } = await runProcess(program, ['-c', comparing, guard, asked], { cwd: projectFolder, env, limitMs: 15_000 });
    found = JSON.parse(output) as unknown[];
  });

  test.each(rows.map((row, place) => [row[0], row[5], place] as const))('%s: %s', (_what, expected, place) => {
    expect(found[place]).toBe(expected);
  });
});
