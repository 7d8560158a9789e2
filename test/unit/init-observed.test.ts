import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { proofsOf } from '../../lib/checklist/proofs.ts';
import { lackedBy, lacking } from '../../lib/profile/needs.ts';
import type { Repository } from '../../lib/profile/repository.ts';
import { isShown, signs, toolsLookedFor } from '../../lib/profile/signs.ts';
import { startingProfile } from '../../lib/profile/starting.ts';
import { type EvidenceType, evidenceList } from '../../lib/registry/evidence-list.ts';
import { kindOf } from '../../lib/registry/rules.ts';
import { inRepository } from './given-files.ts';

const repositoryOf = (more: Partial<Repository> = {}): Repository => ({
  service: 'shop',
  files: [],
  dependencies: [],
  openapi: undefined,
  ports: [],
  records: [],
  tools: [],
  ...more,
});
const observedIn = (more: Partial<Repository> = {}): ReadonlyMap<string, string> => lacking(baseChecklist, repositoryOf(more));

describe('what a new profile observes follows from the evidence that the checks need', () => {
  test('of an empty repository that is every check whose own evidence somebody sends, save what may not be passed over', () => {
    const sent = baseChecklist.items.filter((item) => {
      const [own] = proofsOf(item);
      return item.gate !== null && item.waivable && own?.asks === 'own' && signs[own.rule.evidence] !== 'notSent';
    });
    expect(sent.length).toBeGreaterThan(50);
    // Of what others are computed from one stays.
    const named = baseChecklist.items.flatMap(({ rule }) => (rule === null ? [] : kindOf(rule).refersTo(rule)));
    const observed = observedIn();
    for (const { id } of sent) if (!named.includes(id)) expect([id, observed.has(id)]).toEqual([id, true]);
    for (const id of observed.keys()) expect(sent.map((one) => one.id)).toContain(id);
    for (const item of sent) expect(lackedBy(item, repositoryOf()), item.id).toBeDefined();
  });

  test('each type of evidence says how a repository shows it, or that nobody sends it', () => {
    for (const type of Object.keys(evidenceList) as readonly EvidenceType[]) {
      const sign = signs[type];
      if (sign === 'notSent') continue;
      expect(sign.send, type).toMatch(/^.{4,150}$/);
      expect(isShown(sign, repositoryOf()), type).toBe(false);
    }
  });

  test.each<readonly [string, string, Partial<Repository>, Partial<Repository>]>([
    ['a bill of materials', 'release-artifact-built', { tools: ['syft'] }, { files: ['src/a.ts', 'notes.txt'] }],
    ['a bill of materials that is committed', 'release-artifact-built', { files: ['dist/bom.json'] }, { files: ['bomb.json'] }],
    ['a sample of the log', 'logs-structured', { files: ['test/sample.jsonl'] }, { files: ['log.txt'] }],
    ['a series', 'soak-24h', { tools: ['holdpoint probe'] }, { tools: ['holdpoint reviews'] }],
    ['an answer of Prometheus, which is a series', 'performance-verified-stable', { tools: ['query_range'] }, {}],
    ['a load test of k6', 'load-testing', { files: ['load/k6-peak.js'] }, { files: ['k65.js'] }],
    ['a load test of Artillery', 'load-tests-peak', { dependencies: ['artillery'] }, {}],
    ['source files, which `holdpoint scan` reads', 'no-todo-comments', { files: ['src/a.ts'] }, { files: ['README.md'] }],
    ['reviews by a command', 'final-code-review', { tools: ['holdpoint reviews'] }, {}],
    ['a record that a script writes', 'backup-strategy', { records: ['backup'] }, { records: ['drill'] }],
    ['coverage', 'coverage-per-feature', { files: ['test/a.test.ts'] }, { files: ['src/a.ts'] }],
    ['coverage of another format', 'coverage-per-feature', { tools: ['jacoco'] }, {}],
    ['tests of a name', 'cors-configured', { files: ['test/cors.test.ts'] }, { files: ['test/other.test.ts'] }],
  ])('%s: %s', (_, check, shown, others) => {
    expect(observedIn(shown).has(check)).toBe(false);
    expect(observedIn(others).has(check)).toBe(true);
  });

  test('features of which one has no test of its own', () => {
    const files = ['src/cart/a.ts', 'src/orders/b.ts', 'test/features/cart.test.ts', 'test/acceptance.test.ts'];
    expect(observedIn({ files }).get('features-working')).toBe('tests of the features orders, or their `suites`');
    expect(observedIn({ files: [...files, 'src/orders/b.test.ts', 'test/features.test.ts'] }).has('features-working')).toBe(false);
  });

  test('neither what people attest nor where Holdpoint looks itself', () => {
    for (const check of ['monitoring-configured', 'team-assembled', 'probes-answered', 'alarms-ready', 'figures-agree-24h', 'no-secrets'])
      expect(observedIn().has(check), check).toBe(false);
  });

  test('behind each check stands what to send', () => {
    const text = startingProfile(baseChecklist, repositoryOf(), '2026-05-31');
    expect(text).toMatch(/^ {2}logs-structured: 2026-05-31 # a sample of the log, one JSON object a line/m);
    expect(text).toMatch(/^ {2}soak-24h: 2026-05-31 # a series: `holdpoint probe` writes it/m);
    expect(text).toMatch(/^ {2}backup-strategy: 2026-05-31 # a record `backup` about `strategy`/m);
    expect(text).toMatch(/^ {2}user-guide: 2026-05-31 # a document, by `holdpoint document FILE --as user-guide`$/m);
    expect(text).toMatch(/^ {2}release-artifact-built: 2026-05-31 # a bill of materials/m);
  });

  test('the command asks git for the tools that the build names', async () => {
    const { out } = await inRepository(['init', '--json'], { 'ci.yml': '' }, ' syft\n-K6 \nholdpoint  probe');
    const { observed } = JSON.parse(out) as { observed: Record<string, string> };
    for (const check of ['release-artifact-built', 'load-testing', 'soak-24h']) expect(Object.keys(observed)).not.toContain(check);
    expect(new Set(toolsLookedFor).size).toBe(toolsLookedFor.length);
  });
});
