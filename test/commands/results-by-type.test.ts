import { describe, expect, test } from 'vitest';
import { foldCheck } from '../../lib/evaluation/check-finding.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { type EvidenceInput, recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';

/** One source that sends reports of every type: what clears a failure, and what the exit code of the tool says beside a clean report. */

type Type = 'junit' | 'sarif' | 'openapi' | 'load';
const rules: Readonly<Record<Type, EvidenceRule>> = {
  junit: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1 },
  sarif: { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['gitleaks'], maxLevel: 'none' },
  openapi: { kind: 'openapi-documented/1', evidence: 'openapi', require: 'described', minOperations: 1 },
  load: { kind: 'load-passes/1', evidence: 'load', minConcurrency: 10, minRequests: 100, maxErrorPct: 1, maxP99Ms: 1000 },
};
const checks = Object.entries(rules).map(([type, rule]) => check(type, 'phase-1', { rule }));

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const junit = bytes('<testsuite name="s" tests="1" failures="0"><testcase classname="c" name="a"/></testsuite>');
const sarif = bytes({ version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks', rules: [{ id: 'aws' }] } }, results: [] }] });
const openapi = (title: string, summary?: string) =>
  bytes({
    openapi: '3.1.0',
    info: { title, version: '1' },
    paths: { '/a': { get: { summary, responses: { 200: { description: 'ok' } } } } },
  });
const trend = { avg: 95, min: 1, med: 90, max: 400, 'p(95)': 200, 'p(99)': 300 };
const k6 = bytes({
  metrics: {
    http_reqs: { count: 1000, rate: 100 },
    http_req_failed: { passes: 0, fails: 1000, value: 0 },
    http_req_duration: trend,
    iterations: { count: 1000, rate: 100 },
    iteration_duration: trend,
    vus: { value: 10, min: 10, max: 10 },
    vus_max: { value: 10, min: 10, max: 10 },
  },
});
const autocannon = (non2xx: number) =>
  bytes({
    connections: 10,
    duration: 10,
    errors: 0,
    timeouts: 0,
    non2xx,
    '2xx': 1000 - non2xx,
    requests: { total: 1000 },
    latency: { average: 95, p99: 300, max: 400 },
  });

const begin = async () => {
  const deps = dependenciesOf(checklistOf([gate('phase-1')], checks));
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  const start = deps.clock.now().getTime() - 3_600_000;
  const send = async (type: Type, report: Uint8Array, minute: number, more: Partial<EvidenceInput> = {}) => {
    const madeAt = new Date(start + minute * 60_000).toISOString();
    const sent = { run, type, bytes: report, contentType: 'application/octet-stream', source: 'ci', commit, madeAt };
    const answer = await recordEvidence(deps, { ...sent, producerRun: `job-${minute}`, producerAttempt: 1, ...more }, ci);
    if (answer.refused !== undefined) throw new Error(answer.refused.detail);
    const of = checks.find(({ id }) => id === type) ?? expect.fail(`no check for ${type}`);
    const events = await deps.trail.read(`run/${run}`, { lane: `check/phase-1/${type}` });
    return foldCheck({ check: of, events, now: deps.clock.now(), components: ['web'], local: false, shortened: false });
  };
  return send;
};

describe('a clean report of a tool that ended badly does not pass', () => {
  test.each<[string, Type, Uint8Array, number]>([
    ['Vitest with an error that no test caught, Jest with a file that does not load', 'junit', junit, 1],
    ['pytest.exit', 'junit', junit, 3],
    ['a runner that was killed', 'junit', junit, 137],
    ['a scanner that found something and lost it', 'sarif', sarif, 1],
    ['a test script of k6 that aborted', 'load', k6, 108],
    ['k6 with a breached threshold that the summary does not show', 'load', k6, 99],
  ])('%s', async (_why, type, report, exitCode) => {
    const send = await begin();
    expect(await send(type, report, 0, { exitCode })).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining(`exit code ${exitCode}`) as string,
    });
    expect((await send(type, report, 1, { exitCode: 0 })).verdict).toBe('pass');
  });
});

describe('a report about something else clears no failure of its source', () => {
  test.each<[string, Type, Uint8Array, Uint8Array, Uint8Array]>([
    ['the document of another API', 'openapi', openapi('Orders'), openapi('Payments', 'Lists'), openapi('Orders', 'Lists')],
    ['the load test of another tool', 'load', autocannon(500), k6, autocannon(0)],
  ])('%s', async (_what, type, failing, other, mended) => {
    const send = await begin();
    expect((await send(type, failing, 0)).verdict).toBe('fail');
    expect((await send(type, other, 1)).verdict).toBe('fail');
    expect((await send(type, mended, 2)).verdict).toBe('pass');
  });

  test.each<[string, Type, Uint8Array, Uint8Array]>([
    ['two documents', 'openapi', openapi('Orders'), openapi('Payments', 'Lists')],
    ['two load tests', 'load', autocannon(500), autocannon(0)],
  ])('%s of one attempt are parts of one result', async (_what, type, failing, passing) => {
    for (const parts of [
      [failing, passing],
      [passing, failing],
    ]) {
      const send = await begin();
      const [first = failing, second = passing] = parts;
      await send(type, first, 0);
      expect((await send(type, second, 1, { producerRun: 'job-0' })).verdict).toBe('fail');
    }
  });
});
