import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../lib/canonical-json.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type Checklist, checklistDigest, checklistSchema, checksOf, gatesOf, itemKinds } from '../../lib/checklist/definition.ts';
import { gateGraphOf } from '../../lib/checklist/gate-graph.ts';
import { listing } from '../../lib/checklist/listing.ts';
import { triggerKinds } from '../../lib/registry/rule-list.ts';
import { isEvidenceRule } from '../../lib/registry/rules.ts';
import { coverageAtLeast } from '../../lib/rules/coverage-at-least.ts';
import { junitPasses } from '../../lib/rules/junit-passes.ts';

const document = readFileSync(new URL('../samples/production-deployment-checklist.md', import.meta.url), 'utf8').split('\n');

const slug = (heading: string): string =>
  heading
    .replace(/^#+\s*/, '')
    .replace(/\([^)]*\)/g, '')
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .toLowerCase()
    .replace(/\s+/g, '-');

test('a definition that asks for somebody who is no author takes the record that names the authors', () => {
  const without = baseChecklist.items.filter(({ id }) => id !== 'final-code-review');
  expect(checklistSchema.safeParse(baseChecklist).success).toBe(true);
  expect(checklistSchema.safeParse({ ...baseChecklist, items: without }).error?.issues[0]?.message).toContain(
    'no check takes the record reviews',
  );
});

/** Every check of the document with the slug of the nearest heading, in order. A sign-off is its heading. */
const documentLines = (): { words: string; group: string }[] => {
  let group = '';
  return document.flatMap((text) => {
    if (text.startsWith('#')) {
      group = slug(text);
      return /Sign-Off$/.test(text) && text.startsWith('###') ? [{ words: text.replace(/^#+\s*/, ''), group }] : [];
    }
    const [, words] = /^(?:- \[ \]|✅|\d+\.|- \*\*)\s*(.+)$/u.exec(text) ?? [];
    return words === undefined ? [] : [{ words: words.replaceAll('**', ''), group }];
  });
};

const headings = document.filter((text) => text.startsWith('#'));
const headingOf = (group: string): string => headings.find((text) => slug(text) === group) ?? expect.fail(`no heading ${group}`);
/** The phase of a heading: that of the nearest one above that names a phase. */
const phaseOf = (group: string): number | null => {
  const above = headings.slice(0, headings.indexOf(headingOf(group)) + 1).findLast((text) => text.startsWith('## '));
  return Number(/\(Phase (\d)\)/.exec(above ?? '')?.[1]) || null;
};
const checkGroups = (): string[] =>
  headings
    .filter((text) => text.startsWith('### '))
    .map(slug)
    .filter((group) => phaseOf(group) !== null);

/** A service behind a managed platform has no ports of its own, and none that it could open. */
const conditionalByUse = ['ports-allocated', 'firewall-configured', 'registry-access'];

const numbered = (prefix: string, last: number, missing: readonly number[] = []): string[] =>
  Array.from({ length: last }, (_, n) => n + 1)
    .filter((n) => !missing.includes(n))
    .map((n) => `${prefix}${n}`);

/**
 * Trust Services Criteria (AICPA 2017, points of focus of 2022), Annex A of ISO/IEC 27001:2022, practices of NIST SP 800-218 version 1.1, which
 * has no PW.3.
 */
const clauses = new Set([
  ...[5, 3, 4, 2, 3, 8, 5, 1, 2].flatMap((last, n) => numbered(`SOC 2 CC${n + 1}.`, last)),
  ...numbered('SOC 2 A1.', 3),
  ...numbered('SOC 2 C1.', 2),
  ...numbered('SOC 2 PI1.', 5),
  ...[37, 8, 14, 34].flatMap((last, n) => numbered(`ISO/IEC 27001:2022 A.${n + 5}.`, last)),
  ...numbered('NIST SSDF PO.', 5),
  ...numbered('NIST SSDF PS.', 3),
  ...numbered('NIST SSDF PW.', 9, [3]),
  ...numbered('NIST SSDF RV.', 3),
]);

describe('the checklist', () => {
  const ours = baseChecklist.items.filter(({ source }) => source === 'document');
  const linesOf = (items: readonly { words: string; group: string }[]): string[] => items.map(({ words, group }) => `${group}: ${words}`);

  test('every line of the document is in the definition with its words, under its heading and in its place; none is missing, none was added', () => {
    expect(documentLines()).toHaveLength(125);
    // The run walks the lists in another order than the page: order is compared within each kind.
    for (const kind of itemKinds) {
      const own = ours.filter((item) => item.kind === kind);
      const groups = new Set(own.map(({ group }) => group));
      expect(linesOf(own), kind).toEqual(linesOf(documentLines().filter(({ group }) => groups.has(group))));
    }
    expect(linesOf(ours).sort()).toEqual(linesOf(documentLines()).sort());
  });

  test('the lines are of the eight kinds, in 16 groups of checks and five phases', () => {
    const counts = Object.fromEntries(itemKinds.map((kind) => [kind, ours.filter((item) => item.kind === kind).length]));
    expect(counts).toEqual({ check: 91, trigger: 5, step: 6, target: 4, success: 6, stability: 5, 'sign-off': 3, review: 5 });
    const checks = ours.filter(({ kind }) => kind === 'check');
    expect([...new Set(checks.map(({ group }) => group))]).toEqual(checkGroups());
    expect(checkGroups()).toHaveLength(16);
    for (const { id, group, phase } of checks) expect(phase, id).toBe(phaseOf(group));
  });

  test('a line is conditional exactly where the document says "if": in its words, or in the heading above', () => {
    const conditional = documentLines().filter(
      ({ words, group }) => phaseOf(group) !== null && [words, headingOf(group)].some((text) => /\(if /i.test(text)),
    );
    const optional = ours.filter((item) => item.optional && !conditionalByUse.includes(item.id));
    expect(linesOf(optional)).toEqual(linesOf(conditional));
  });

  test('every control is a clause of its framework', () => {
    for (const { id, controls } of baseChecklist.items) {
      expect(new Set(controls).size, id).toBe(controls.length);
      for (const control of controls) expect(clauses.has(control), `${id}: ${control}`).toBe(true);
    }
  });

  test('ids are unique, every gate has a check and every phase three checks of the document', () => {
    expect(new Set(baseChecklist.items.map(({ id }) => id)).size).toBe(baseChecklist.items.length);
    for (const gate of baseChecklist.gates) expect(checksOf(baseChecklist, gate.id).length, gate.id).toBeGreaterThan(0);
    for (const phase of [1, 2, 3, 4, 5]) {
      expect(
        baseChecklist.items.filter((check) => check.kind === 'check' && check.source === 'document' && check.phase === phase).length,
        `phase ${phase}`,
      ).toBeGreaterThanOrEqual(3);
    }
  });

  test('every check serves a control, has an owner who signs, and belongs to a gate unless it is a trigger', () => {
    for (const check of baseChecklist.items) {
      expect(check.controls.length, check.id).toBeGreaterThan(0);
      expect(['technical-lead', 'operations-lead', 'product-owner'], check.id).toContain(check.owner);
      expect(check.gate === null, check.id).toBe(check.kind === 'trigger');
      expect(
        triggerKinds.some(({ kind }) => kind === check.rule?.kind),
        check.id,
      ).toBe(check.kind === 'trigger');
      if (check.rule?.kind === 'attested/1' || check.rule?.kind === 'signed/1') expect(check.rule.role, check.id).toBe(check.owner);
    }
    expect(baseChecklist.items.filter(({ kind }) => kind === 'trigger').map(({ words }) => words)).toEqual(
      documentLines().flatMap(({ words, group }) => (group === 'trigger-conditions' ? [words] : [])),
    );
  });

  test('what is said about the running release is said after it was deployed', () => {
    const gates = baseChecklist.gates.map(({ id }) => id);
    for (const check of baseChecklist.items) {
      const computed = check.rule === null || !isEvidenceRule(check.rule);
      const later = check.gate !== null && gates.indexOf(check.gate) >= gates.indexOf('deployment-window');
      const isTest = check.group === 'staging-environment-testing' && check.tells === undefined;
      expect(check.after, check.id).toBe(later && !computed ? 'deployment.finished' : isTest ? 'staging.deployed' : null);
    }
  });

  test.each(['deployment-window', 'monitoring-4h', 'stability-24h', 'review-48h'])('%s has all lines of the document', (gate) => {
    const own = checksOf(baseChecklist, gate).filter(({ source }) => source === 'document');
    expect(own.map(({ words }) => words)).toEqual(documentLines().flatMap((line) => (line.group === own[0]?.group ? [line.words] : [])));
    expect(own.length).toBeGreaterThanOrEqual(5);
  });

  test('what is proved of an artifact is proved of every component', () => {
    expect(baseChecklist.items.flatMap(({ id, scope }) => (scope === 'artifact' ? [id] : []))).toEqual([
      'release-artifact-built',
      'registry-access',
      'deployed-to-staging',
      'soak-24h',
    ]);
  });

  test('checks that a rule refers to exist, and so do the roles that are asked', () => {
    for (const check of baseChecklist.items) {
      if (check.rule?.kind === 'checks-satisfied/1')
        for (const id of check.rule.checks)
          expect(
            baseChecklist.items.some((one) => one.id === id),
            id,
          ).toBe(true);
    }
    for (const gate of gatesOf(baseChecklist)) {
      const signed = checksOf(baseChecklist, gate.id).flatMap((check) => (check.rule?.kind === 'signed/1' ? [check.rule.role] : []));
      expect(signed, `${gate.id} asks exactly those whose signature is a check`).toEqual(gate.asks);
    }
  });

  test('all hard stops together, with every resume and one decision to continue per gate, stay under 330 days', () => {
    const graph = gateGraphOf(baseChecklist);
    const longest = Math.max(...graph.gates.map((gate) => gate.hardStopSeconds));
    const once = graph.gates.reduce((sum, gate) => sum + gate.hardStopSeconds, 0);
    const resumes = baseChecklist.incident.maxResumes * (graph.incident.hardStopSeconds + longest);
    const decision = graph.gates.find(({ continues }) => continues.length > 0) ?? expect.fail('no decision');
    const continues = graph.gates
      .filter(({ id }) => decision.continues.includes(id))
      .reduce((sum, gate) => sum + gate.hardStopSeconds + decision.hardStopSeconds, 0);
    expect((once + graph.incident.hardStopSeconds + resumes + continues) / 86_400).toBeLessThan(330);
  });

  test('the graph leads through every gate in order, and every edge leads somewhere', () => {
    const graph = gateGraphOf(baseChecklist);
    const wayBack = baseChecklist.rollback.gates.map(({ id }) => id);
    expect(graph.gates.map(({ id }) => id)).toEqual([...baseChecklist.gates.map(({ id }) => id), ...wayBack]);
    const ends = new Set(graph.ends.map(({ id }) => id));
    for (const [place, gate] of graph.gates.entries()) {
      const next = graph.gates[place + 1];
      const end = { 'review-48h': 'production-stable', 'rollback-verification': 'rolled-back' }[gate.id];
      expect(gate.passed).toEqual(end === undefined ? { gate: next?.id } : { end });
      for (const edge of [gate.rejected, gate.cancelled, gate.expired])
        expect('end' in edge ? ends.has(edge.end) : ['incident', 'rollback-decision'].includes(edge.gate)).toBe(true);
      const isAfterT0 = place > graph.gates.findIndex(({ id }) => id === 't-minus-2h') && !wayBack.some((id) => id === gate.id);
      expect(gate.triggered).toEqual(isAfterT0 ? { gate: 'rollback-decision' } : null);
    }
    expect(graph.ends.filter(({ succeeds }) => succeeds).map(({ id }) => id)).toEqual(['production-stable']);
  });
});

describe('the digest', () => {
  type Place = readonly (string | number)[];
  const places = (value: unknown, at: Place = []): Place[] =>
    typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, member]) => places(member, [...at, name])) : [at];
  const changedAt = (value: unknown, [name, ...rest]: Place): unknown => {
    if (name === undefined)
      return typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}.` : value === null ? '' : value !== true;
    const copy: unknown = Array.isArray(value) ? [...value] : { ...(value as object) };
    (copy as Record<string | number, unknown>)[name] = changedAt((copy as Record<string | number, unknown>)[name], rest);
    return copy;
  };

  test('names the same value for ever, whatever the order of its members', () => {
    const backwards = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(backwards);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, backwards(member)]),
      );
    };
    expect(checklistDigest(backwards(baseChecklist) as Checklist)).toBe(checklistDigest(baseChecklist));
    expect(checklistDigest(checklistSchema.parse(JSON.parse(JSON.stringify(baseChecklist))))).toBe(checklistDigest(baseChecklist));
    expect(digestOf({ kind: 'junit-passes/1', minTests: 1 })).toBe('f89323a35d49aa0bd5db6b9bd1844280fc04fb8686fa2efdda4282fe50f5f707');
  });

  test('any change of any member is another digest', () => {
    // Every tenth item: each digest is over the whole, and items have the same members.
    const some = { ...baseChecklist, items: baseChecklist.items.filter((_, n) => n % 10 === 0) };
    const all = places(some);
    expect(all.length).toBeGreaterThan(300);
    const digests = all.map((place) => checklistDigest(changedAt(some, place) as Checklist));
    expect(new Set([...digests, checklistDigest(some)]).size).toBe(all.length + 1);
    const swapped = { ...baseChecklist, items: [...baseChecklist.items].reverse() };
    expect(checklistDigest(swapped)).not.toBe(checklistDigest(baseChecklist));
  });
});

describe('the listing', () => {
  test("has exactly the promised members, verbatim words and the document's order", () => {
    const { version, digest, items: checks } = listing(baseChecklist);
    expect(version).toBe(baseChecklist.version);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    for (const check of checks) {
      const has = (member: string): boolean =>
        !['sources', 'maxWaiverSeconds', 'unless', 'shows', 'tells'].includes(member) || Object.hasOwn(check, member);
      expect(Object.keys(check)).toEqual(
        'id kind phase group gate words title owner proof controls maxAgeSeconds source mode rule sources scope after waivable maxWaiverSeconds optional unless shows tells evidence'
          .split(' ')
          .filter(has),
      );
    }
    expect(checks.find(({ id }) => id === 'coverage-per-feature')).toMatchObject({
      kind: 'check',
      phase: 1,
      group: 'code-quality-verification',
      gate: 'phase-1',
      words: '70%+ test coverage per feature',
      evidence: ['lcov'],
      source: 'document',
      mode: 'required',
    });
  });
});

test('a misspelt value or a parameter of another kind does not compile', () => {
  // @ts-expect-error: coverage is measured on lines, functions or branches
  expect(coverageAtLeast.of({ metric: 'statements', floorPct: 70, per: 'feature' }).kind).toBe('coverage-at-least/1');
  // @ts-expect-error: a floor is no parameter of a JUnit rule
  expect(junitPasses.of({ minTests: 1, floorPct: 70 }).kind).toBe('junit-passes/1');
});
