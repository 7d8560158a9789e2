import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { Checklist, Item } from '../../lib/checklist/definition.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { isUnsatisfied } from '../../lib/verdict.ts';
import { type Proof, proofsOf, reached, series } from '../report-fixtures.ts';
import { attestAll, begin, declareOptional, deploy, hour, listCommits, prove, type Story, send, sign, waiveReview } from '../story.ts';
import { testAlarm } from '../story-alarms.ts';
import { wholeChecklist } from '../story-checklist.ts';

/**
 * Everything is good but one piece of evidence. The gate of its check is blocked, names this check and no other, and says why; with the good
 * piece in its place the gate passes.
 */

type Changed = (proof: Proof) => Uint8Array;
type Step = { readonly gate: string; readonly pass: (story: Story, changed?: Changed, but?: string) => Promise<void> };

const proveAndAttest =
  (gate: string): Step['pass'] =>
  async (story, changed) => {
    await prove(story, gate, changed);
    await attestAll(story, gate);
  };

/** The way of a run through the gates that judge the 91 checks. */
const steps: readonly Step[] = [
  { gate: 'phase-1', pass: (story, changed) => prove(story, 'phase-1', changed) },
  {
    gate: 'phase-2',
    pass: async (story, changed, but) => {
      await proveAndAttest('phase-2')(story, changed);
      await declareOptional(story, 'phase-2', but);
      await story.machine.settle();
    },
  },
  { gate: 'phase-3', pass: proveAndAttest('phase-3') },
  {
    gate: 'go-no-go',
    pass: async (story) => {
      await listCommits(story);
      await sign(story);
    },
  },
  {
    gate: 't-minus-2h',
    pass: async (story, changed) => {
      await waiveReview(story);
      await proveAndAttest('t-minus-2h')(story, changed);
    },
  },
  {
    gate: 'deployment-window',
    pass: async (story, changed) => {
      await deploy(story);
      story.deps.controls.clock.advance(120_000);
      await prove(story, 'deployment-window', changed);
    },
  },
  {
    gate: 'monitoring-4h',
    pass: async (story, changed) => {
      story.deps.controls.clock.advance(4 * hour + 60_000);
      await testAlarm(story);
      await proveAndAttest('monitoring-4h')(story, changed);
    },
  },
  { gate: 'phase-5', pass: proveAndAttest('phase-5') },
];

/** A run at a gate at which nothing was sent yet. */
const arriveAt = async (gate: string): Promise<Story> => {
  const story = await begin(undefined, wholeChecklist);
  for (const step of steps) {
    await reached(story, step.gate);
    if (step.gate === gate) break;
    await step.pass(story);
  }
  return story;
};

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Another text in place of one that must be there. */
const instead =
  (from: string | RegExp, to: string): Mutation['spoil'] =>
  ({ bytes: good }) => {
    const spoilt = text(good).replace(from, to);
    if (spoilt === text(good)) throw new Error(`the good piece has nothing like ${from}`);
    return bytes(spoilt);
  };

/** The same record, with all of its times so many hours earlier. */
const older =
  (hours: number): Mutation['spoil'] =>
  ({ bytes: good }) =>
    bytes(
      text(good).replace(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, at: string) => `"${new Date(Date.parse(at) - hours * hour).toISOString()}"`),
    );

type Mutation = {
  readonly group: string;
  readonly check: string;
  /** What is wrong with the piece, in words. */
  readonly wrong: string;
  readonly spoil: (proof: Proof, now: Date) => Uint8Array;
  /** What the reason says. */
  readonly says: RegExp;
};

const mutations: readonly Mutation[] = [
  {
    group: 'code-quality-verification',
    check: 'coverage-per-feature',
    wrong: 'coverage under its floor',
    spoil: instead(/^DA:(\d+),\d+$/gm, 'DA:$1,0'),
    says: /^0\.0 % of .* 70 % expected/,
  },
  {
    group: 'integration-testing',
    check: 'no-regressions',
    wrong: 'a failing test',
    spoil: instead(/(<testcase [^>]*[^/])>/, '$1><failure message="no"/>'),
    says: /tests, 1 failed, .*first: /,
  },
  {
    group: 'documentation-completeness',
    check: 'user-guide',
    wrong: 'a link that leads nowhere',
    spoil: instead('"brokenLinks":[]', '"brokenLinks":[{"line":7,"link":"docs/missing.md"}]'),
    says: /docs\/missing\.md/,
  },
  {
    group: 'security-review',
    check: 'no-secrets',
    wrong: 'one leaked secret',
    spoil: instead(
      '"results": []',
      '"results": [{ "ruleId": "aws-key", "level": "note", "message": { "text": "found" }, "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "lib/a.ts" } } }] }]',
    ),
    says: /1 note, .*“aws-key” in “lib\/a\.ts”/,
  },
  {
    group: 'production-environment-setup',
    check: 'backup-strategy',
    wrong: 'a backup of two months ago',
    spoil: older(60 * 24),
    says: /too old/,
  },
  {
    group: 'deployment-infrastructure',
    check: 'deployment-automation-ready',
    wrong: 'a failed job',
    spoil: instead('"conclusion":"success"', '"conclusion":"failure"'),
    says: /build.*failure/,
  },
  {
    group: 'data-migration',
    check: 'migration-scripts-tested',
    wrong: 'a script that cannot be taken back',
    spoil: instead('"down":{"ended":"done","seconds":1.1}', '"down":{"ended":"failed","seconds":1.1}'),
    says: /014-add-status/,
  },
  {
    group: 'staging-environment-testing',
    check: 'soak-24h',
    wrong: 'a probe that failed in the middle',
    spoil: instead('"ok":true', '"ok":false'),
    says: /1 failed/,
  },
  {
    group: 'production-simulation',
    check: 'data-volume-like-production',
    wrong: 'too little data',
    spoil: instead('"value":960', '"value":9'),
    says: /at least 80/,
  },
  {
    group: 'team-readiness',
    check: 'escalation-clear',
    wrong: 'a plan that nobody read for two years',
    spoil: ({ bytes: good }) =>
      bytes(text(good).replace(/"changedAt":"\d{4}/, (found) => found.replace(/\d{4}/, (year) => String(Number(year) - 2)))),
    says: /at most 365/,
  },
  {
    group: 'pre-deployment',
    check: 'backup-of-production',
    wrong: 'a backup of five hours ago',
    spoil: older(5),
    says: /too old/,
  },
  {
    group: 'deployment-window',
    check: 'health-checks-passing',
    wrong: 'a health check that failed',
    spoil: (_, now) => bytes(text(series('health', now.getTime() - 61_000, 61, 20)).replace('"ok":true', '"ok":false')),
    says: /1 failed/,
  },
  {
    group: 'post-deployment',
    check: 'continued-monitoring',
    wrong: 'nobody watched for the last hour',
    spoil: (_, now) => series('monitoring', now.getTime() - 3 * hour, 3 * 3600, 400),
    says: /10800 s, 0 failed.*the series must go on until/,
  },
  {
    group: 'functional-validation',
    check: 'logs-queryable',
    wrong: 'a line that is not found',
    spoil: instead('"rows":3', '"rows":2'),
    says: /2 of 3/,
  },
  {
    group: 'operational-validation',
    check: 'scaling-working',
    wrong: 'instances that do not grow',
    spoil: instead('"instances":5', '"instances":2'),
    says: /at least 1/,
  },
  {
    group: 'user-acceptance',
    check: 'no-critical-issues',
    wrong: 'an open critical issue',
    spoil: instead('"state":"closed"', '"state":"open"'),
    says: /#198 .* is open/,
  },
];

const itemOf = (id: string, { items }: Checklist = baseChecklist): Item & { gate: string } => {
  const item = items.find((one) => one.id === id);
  return item === undefined || item.gate === null ? expect.fail(`no check ${id}`) : { ...item, gate: item.gate };
};

/** The good piece of one check, also of one that the stories declare not applicable. */
const proofOf = (check: Item, now: Date): Proof =>
  proofsOf([{ ...check, optional: false }], now)[0] ?? expect.fail(`no proof of ${check.id}`);
const nameOf = ({ type, source }: Proof): string => `${type} ${source}`;

describe('one bad piece of evidence', () => {
  test('is tried in each of the 16 groups of the document', () => {
    const checks = baseChecklist.items.filter(({ kind, source }) => kind === 'check' && source === 'document');
    expect([...new Set(mutations.map(({ group }) => group))].toSorted()).toEqual([...new Set(checks.map(({ group }) => group))].toSorted());
    for (const { group, check } of mutations) expect(itemOf(check).group).toBe(group);
  });

  test.each(mutations)('$group: $wrong blocks the gate of $check', async ({ check: id, spoil, says }) => {
    const story = await arriveAt(itemOf(id).gate);
    const { checklist } = story.deps.definitions.current();
    const item = itemOf(id, checklist);
    const step = steps.find(({ gate }) => gate === item.gate) ?? expect.fail(item.gate);
    let spoilt: Proof | undefined;
    const now = (): Date => story.deps.clock.now();
    const changed: Changed = (proof) => {
      if (nameOf(proof) !== nameOf(proofOf(item, now()))) return proof.bytes;
      spoilt = proof;
      return spoil(proof, now());
    };
    await step.pass(story, changed, id);
    if (item.optional) {
      // Where one script is shown, the release migrates data, and every check about it is asked for.
      const shown = checklist.items.filter(({ id: one, gate, unless }) => one === id || (gate === item.gate && unless === 'migrations'));
      for (const one of shown) {
        const proof = proofOf(one, now());
        await send(story, proof.type, changed(proof), { source: proof.source, component: proof.component });
      }
      await story.machine.settle();
    }
    expect(spoilt, 'the piece was sent').toBeDefined();
    expect(story.machine.at()).toBe(item.gate);
    const view = (await readRun(story.deps, story.run)).ok?.gates.find((gate) => gate.id === item.gate);
    // What is too old counts as not sent: the gate waits for it.
    expect(view?.state).toBe(/too old/.test(says.source) ? 'waiting' : 'blocked');
    expect(view?.reasons.join('\n')).toContain(item.title);
    const bad = (view?.checks ?? []).filter(isUnsatisfied);
    expect(bad.find(({ check }) => check === id)?.reason).toMatch(says);
    // Other checks are named only where the same piece proves them, or where they are computed from it.
    const checks = checklist.items.filter(({ gate }) => gate === item.gate);
    for (const { check } of bad) {
      const other = checks.find((one) => one.id === check) ?? expect.fail(check);
      const [proof] = proofsOf([{ ...other, optional: false }], now());
      if (proof !== undefined) expect(nameOf(proof), check).toBe(nameOf(proofOf(item, now())));
    }
    const good = proofOf(item, now());
    await send(story, good.type, good.bytes, { source: good.source, component: good.component, attempt: 2 });
    await story.machine.settle();
    const open = (await readRun(story.deps, story.run)).ok?.gates.find((gate) => gate.id === item.gate);
    expect(open?.reasons, 'the good piece in its place').toEqual([]);
    expect(story.machine.at(), 'the good piece in its place').not.toBe(item.gate);
  });
});
