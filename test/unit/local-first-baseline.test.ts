import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { recordFirstBaseline } from '../../lib/local/demo/first-baseline.ts';
import type { Report } from '../../lib/local/demo/reports.ts';
import type { Giving } from '../../lib/local/demo/standing.ts';
import { readStanding } from '../../lib/query/standing-view.ts';
import { decideEvidence } from '../../lib/run/commands/decide-evidence.ts';
import { giveEvidence } from '../../lib/run/commands/give-evidence.ts';
import { dependenciesOf, personIn } from '../given.ts';
import { series } from '../report-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'first-baseline-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The demo's people over the real commands, and a version that is live in the environment. */
const world = (level: string | null) => {
  const deps = dependenciesOf(baseChecklist);
  const people = (['operations-lead', 'technical-lead', 'auditor'] as const).map((role) => personIn(deps, role));
  const person = async (id: string) => {
    const caller = people.find((one) => one.id === id) ?? expect.fail(`no person ${id}`);
    return {
      readEnvironment: async () => ({ ok: { target: level === null ? null : { level } } }),
      giveEvidence: ({ params, query, body, contentType }: Record<string, object>) =>
        giveEvidence(deps, { ...params, ...query, bytes: body, contentType } as never, caller),
      decideEvidence: ({ params, body }: Record<string, object>) => decideEvidence(deps, { ...params, ...body } as never, caller),
    };
  };
  const said: string[] = [];
  const stage = { service: 'shop', environment: 'production', people, workspace: { folder }, person };
  return { deps, said, giving: { stage, output: { line: (text: string) => said.push(text) } } as unknown as Giving };
};

const usual = async (deps: ReturnType<typeof world>['deps']): Promise<Report> => {
  const file = join(folder, 'usual.json');
  writeFileSync(file, series('baseline', deps.clock.now().getTime() - 10_000, 10, 21));
  return { type: 'series', source: 'baseline', file, madeAt: deps.clock.now().toISOString(), contentType: 'application/json' };
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  return () => vi.useRealTimers();
});

test.each([null, 'adopted', 'deployment-success'])('people record the usual figures where what is live is %s', async (level) => {
  const { deps, said, giving } = world(level);
  vi.setSystemTime(deps.clock.now());
  await recordFirstBaseline(giving, usual(deps));
  const { evidence } = await readStanding(deps, 'shop');
  expect(evidence).toMatchObject([
    {
      type: 'record',
      environment: 'production',
      state: 'counts',
      decidedBy: personIn(deps, 'technical-lead').id,
      checks: [
        { check: 'performance-as-expected', verdict: 'pass', reason: 'each run is compared with p95 5 ms, error rate 0 %' },
        { check: 'performance-stable' },
      ],
    },
  ]);
  expect(said).toEqual([expect.stringContaining('the baseline of the first release, confirmed by a second person')]);
});

test('nobody records any where a release is production-stable', async () => {
  const { deps, said, giving } = world('production-stable');
  await recordFirstBaseline(giving, usual(deps));
  expect([(await readStanding(deps, 'shop')).evidence, said]).toEqual([[], []]);
});
