import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type Checklist, checklistDigest, checklistSchema, gateOf, itemOf, modeAt } from '../../lib/checklist/definition.ts';
import { gateGraphOf, graphDigest } from '../../lib/checklist/gate-graph.ts';
import { profiled } from '../../lib/profile/apply.ts';
import { type Profile, profileDigest, profileSchema } from '../../lib/profile/schema.ts';
import { ruleKinds } from '../../lib/registry/rules.ts';
import { stricterIs } from '../../lib/rules/kind.ts';

const feature = (id: string, more: object = {}) => ({ id, title: id, paths: [`src/${id}/**`], ...more });
const profileOf = (more: object = {}): Profile =>
  profileSchema.parse({ service: 'shop', features: [feature('cart'), feature('orders')], ...more });
const applied = (more: object = {}): Checklist => {
  const result = profiled(baseChecklist, profileOf(more));
  if ('wrong' in result) throw new Error(result.wrong.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return result.ok;
};
const wrongIn = (more: object): readonly string[] => {
  const result = profiled(baseChecklist, profileOf(more));
  return 'wrong' in result ? result.wrong.map(({ path, message }) => `${path.join('.')}: ${message}`) : [];
};
const ruleOf = (checklist: Checklist, id: string) => itemOf(checklist, id)?.rule as Readonly<Record<string, unknown>>;
const drop = (check: string, more: object = {}) => ({
  check,
  parameter: 'mode',
  document: 'required',
  here: 'observe',
  reason: 'this service does not run on Kubernetes',
  approver: 'technical-lead',
  ...more,
});

describe('a profile', () => {
  test('makes another definition with the same gates, and the same one each time', () => {
    const one = applied();
    expect(checklistDigest(one)).toBe(checklistDigest(applied()));
    expect(checklistDigest(one)).not.toBe(checklistDigest(baseChecklist));
    expect(checklistDigest(one)).not.toBe(checklistDigest(applied({ features: [feature('cart')] })));
    expect(graphDigest(gateGraphOf(one))).toBe(graphDigest(gateGraphOf(baseChecklist)));
    expect(one.gates).toEqual(baseChecklist.gates);
    expect(checklistSchema.parse(one)).toEqual(one);
    expect(one.profile).toMatchObject({
      service: 'shop',
      digest: profileDigest(profileOf()),
      features: [{ id: 'cart' }, { id: 'orders' }],
    });
  });

  test('is the same with another $schema, and another with another word', () => {
    expect(profileDigest(profileOf({ $schema: 'https://holdpoint.dev/schemas/profile/1' }))).toBe(profileDigest(profileOf()));
    expect(profileDigest(profileOf({ features: [feature('cart', { title: 'Basket' }), feature('orders')] }))).not.toBe(
      profileDigest(profileOf()),
    );
  });

  test('is applied once', () => {
    expect(profiled(applied(), profileOf())).toMatchObject({ wrong: [{ message: expect.stringMatching(/profile already/) }] });
  });

  test('keeps the words of each line, and changes only what it says', () => {
    const one = applied();
    expect(one.items.map(({ id, words }) => [id, words])).toEqual(baseChecklist.items.map(({ id, words }) => [id, words]));
    expect(one.items.filter((item, at) => JSON.stringify(item) !== JSON.stringify(baseChecklist.items[at])).map(({ id }) => id)).toEqual([
      'production-code-only',
      'coverage-per-feature',
      'no-todo-comments',
      'features-working',
      'features-operational',
    ]);
  });
});

describe('titles are those of the service', () => {
  test.each([
    [{}, 'production-code-only', 'All 2 features have production code only (zero mocks/stubs)'],
    [{}, 'features-operational', 'All 2 features operational in production'],
    [{}, 'coverage-per-feature', '70%+ test coverage in each of 2 features'],
    [{ tighten: { 'coverage-per-feature': { floorPct: 85 } } }, 'coverage-per-feature', '85%+ test coverage in each of 2 features'],
    [{ features: [feature('all')] }, 'features-working', 'All features working as designed'],
    [{ ports: { from: 8000, to: 8010 } }, 'ports-allocated', 'Service ports allocated (8000 to 8010)'],
    [{ services: ['api', 'worker'] }, 'services-communicate', 'Communication between services tested (api, worker)'],
    [{ guides: { 'user-guide': 'docs/user.md' } }, 'user-guide', 'User guide (docs/user.md)'],
  ])('%j: %s is "%s"', (more, id, title) => {
    expect(itemOf(applied(more), id)?.title).toBe(title);
  });
});

describe('parameters stand in the rules', () => {
  test('features in coverage, and in the tests of features where they have suites', () => {
    expect(ruleOf(applied(), 'coverage-per-feature')).toMatchObject({
      features: [{ id: 'cart', paths: ['src/cart/**'] }, { id: 'orders' }],
    });
    expect(ruleOf(applied(), 'features-working').suites).toEqual(['*feature*', '*acceptance*']);
    const tested = applied({ features: [feature('cart', { suites: ['*cart*'] }), feature('orders', { suites: ['*orders*'] })] });
    expect(ruleOf(tested, 'features-working')).toMatchObject({
      minTests: 1,
      features: [{ id: 'cart', suites: ['*cart*'] }, { id: 'orders' }],
    });
    expect(ruleOf(tested, 'features-working').suites).toBeUndefined();
  });

  test('suites, guides, ports, endpoints and services', () => {
    const one = applied({
      suites: { 'smoke-tests-staging': ['*smoke-live*'] },
      guides: { 'deployment-guide': 'docs/deploy.md' },
      ports: { from: 8000, to: 8999 },
      services: ['a', 'b', 'c'],
      endpoints: ['GET /a', 'POST /a'],
    });
    expect(ruleOf(one, 'smoke-tests-staging').suites).toEqual(['*smoke-live*']);
    expect(ruleOf(one, 'deployment-guide')).toMatchObject({ about: 'deployment-guide', path: 'docs/deploy.md' });
    expect(ruleOf(one, 'ports-allocated')).toMatchObject({ services: ['a', 'b', 'c'], minPort: 8000, maxPort: 8999 });
    expect(ruleOf(one, 'firewall-configured')).toMatchObject({ minProbed: 100, minAllowedPort: 8000, maxAllowedPort: 8999 });
    expect(ruleOf(one, 'firewall-configured').minPort).toBeUndefined();
    expect(ruleOf(one, 'firewall-configured').services).toBeUndefined();
    expect(ruleOf(one, 'api-documentation').endpoints).toEqual(['GET /a', 'POST /a']);
    expect(ruleOf(one, 'endpoints-responding').endpoints).toEqual(['GET /a', 'POST /a']);
    expect(ruleOf(one, 'services-communicate').services).toEqual(['a', 'b', 'c']);
    expect(ruleOf(one, 'input-validated').endpoints).toEqual(['GET /a', 'POST /a']);
    expect(ruleOf(one, 'data-consistent').services).toEqual(['a', 'b', 'c']);
    expect(ruleOf(one, 'data-intact').services).toBeUndefined();
    expect(ruleOf(applied({}), 'input-validated').endpoints).toBeUndefined();
    expect(ruleOf(applied({}), 'data-consistent').services).toBeUndefined();
  });

  test('states the peak of the service, and lowers it by a deviation only', () => {
    const higher = applied({ expectedPeak: 400 });
    expect(ruleOf(higher, 'load-tests-peak')).toMatchObject({ expectedPeak: 400, minShareOfPeakPct: 150 });
    expect(itemOf(higher, 'load-tests-peak')?.title).toBe('Load tests at expected peak + 50% (peak of 400 clients)');
    expect(ruleOf(higher, 'load-testing').minConcurrency).toBe(100);
    const why = { document: 100, here: 8, reason: 'eight people of one office use it', approver: 'operations-lead' };
    const lower = applied({ deviations: [{ check: 'load-tests-peak', parameter: 'expectedPeak', ...why }] });
    expect(ruleOf(lower, 'load-tests-peak').expectedPeak).toBe(8);
    expect(lower.deviations).toMatchObject([{ check: 'load-tests-peak', parameter: 'expectedPeak', here: 8 }]);
  });

  test.each([
    [{ features: [feature('a'), feature('a')] }, /^features.1.id: two features/],

    [{ features: [feature('a', { floorPct: 60 })] }, /^features.0.floorPct: 60 is below the floor of 70/],
    [{ suites: { nothing: ['*aa*'] } }, /^suites.nothing: the document has no check/],
    [{ suites: { constructor: ['*aa*'] } }, /^suites.constructor: the document has no check/],
    [{ suites: { 'soak-24h': ['*aa*'] } }, /not proved by test results/],
    [{ suites: { 'no-regressions': ['*aa*'] } }, /every test of a report counts/],
    [{ guides: { 'soak-24h': 'docs/a.md' } }, /no check that a document proves/],
    [{ ports: { from: 9000, to: 8000 } }, /^ports.to: the last port/],
    [{ endpoints: ['GET /a', 'GET /a'] }, /^endpoints.1: .*twice/],
    [{ endpoints: ['GET /a/{id}', 'GET /a/:key/'] }, /^endpoints.1: .*twice/],
    [{ expectedPeak: 99 }, /^expectedPeak: 99 is below the peak of 100 clients that load-tests-peak expects; write a deviation/],
    [{ services: ['a', 'a'] }, /^services.1: .*twice/],
  ])('%j does not fit', (more, message) => {
    expect(wrongIn(more)).toEqual([expect.stringMatching(message)]);
  });
});

describe('stricter figures', () => {
  test('are set, in the direction that is stricter, also where no limit was set', () => {
    const one = applied({ tighten: { 'no-regressions': { minTests: 300, maxSkippedPct: 0 }, 'backup-of-production': { minRestored: 1 } } });
    expect(ruleOf(one, 'no-regressions')).toMatchObject({ minTests: 300, maxSkippedPct: 0 });
    expect(ruleOf(one, 'backup-of-production')).toMatchObject({ minRestored: 1 });
    expect(one.deviations).toEqual([]);
  });

  test.each([
    ['coverage-per-feature', 'floorPct', 69, /not stricter than 70: a larger/],
    ['coverage-per-feature', 'floorPct', 70, /not stricter/],
    ['coverage-per-feature', 'floorPct', 101, /<=100|100/],
    ['no-regressions', 'maxSkippedPct', 21, /a smaller figure/],
    ['no-regressions', 'minTests', 1.5, /got 1\.5, expected a whole number/],
    ['performance-normal', 'floorMs', 200, /a smaller figure/],
    ['no-regressions', 'suites', 3, /has no figure suites/],
    ['no-regressions', 'constructor', 3, /has no figure/],
    ['multiple-cascading-errors', 'minAlarms', 5, /no gate judges/],
    ['nothing', 'minTests', 5, /no gate judges/],
  ])('%s.%s = %s is refused', (check, parameter, figure, message) => {
    expect(wrongIn({ tighten: { [check]: Object.fromEntries([[parameter, figure]]) } })).toEqual([expect.stringMatching(message)]);
  });

  test('of every figure of every rule that a gate judges the direction is known, and its name does not contradict it', () => {
    for (const { kind, bounds } of ruleKinds)
      for (const [parameter, bound] of Object.entries(bounds)) {
        const direction = stricterIs(parameter, bound);
        if (!kind.startsWith('trigger-')) expect(direction, `${kind} ${parameter}`).toBeDefined();
        if (direction !== undefined && /^(min|max)[A-Z]/.test(parameter))
          expect(direction, `${kind} ${parameter}`).toBe(parameter.startsWith('min') ? 'larger' : 'smaller');
      }
  });
});

describe('what is looser than in the document', () => {
  const soak = {
    check: 'soak-24h',
    parameter: 'minDurationSeconds',
    document: 86_400,
    here: 3600,
    reason: 'the service lives for an hour only',
    approver: 'operations-lead',
  };

  test('is a deviation with its reason', () => {
    const one = applied({ deviations: [soak, drop('manifests-valid')] });
    expect(ruleOf(one, 'soak-24h').minDurationSeconds).toBe(3600);
    expect(one.deviations).toHaveLength(2);
  });

  test('a team of two signs with two people', () => {
    const two = { ...soak, check: 'go-no-go', parameter: 'distinctPeople', document: 3, here: 2 };
    const one = applied({ deviations: [two] });
    expect(one.deviations).toEqual([two]);
    expect(gateOf(one, 'go-no-go')?.distinctPeople).toBe(2);
    expect(wrongIn({ deviations: [{ ...two, here: 1 }] })).toEqual([expect.stringMatching(/^deviations.0: .*nobody releases alone/)]);
  });

  test('a service may have another cap of its 48-hour review', () => {
    const longer = { ...soak, check: 'review-48h', parameter: 'capSeconds', document: 604_800, here: 864_000 };
    const one = applied({ deviations: [longer] });
    expect(gateOf(one, 'review-48h')?.capSeconds).toBe(864_000);
    expect(wrongIn({ deviations: [{ ...longer, here: 60 }] })).toEqual([expect.stringMatching(/^deviations.0: .*is expected/)]);
  });

  test('a dropped line stays, is observed without a date, and its deviation is shown', () => {
    const one = applied({ deviations: [drop('manifests-valid')] });
    expect(itemOf(one, 'manifests-valid')).toMatchObject({ mode: 'observe', words: 'Kubernetes manifests prepared (if using K8s)' });
    expect(itemOf(one, 'manifests-valid')?.observeUntil).toBeUndefined();
    expect(one.deviations).toEqual([drop('manifests-valid')]);
    expect(one.items).toHaveLength(baseChecklist.items.length);
  });

  test.each([
    [{ deviations: [{ ...soak, document: 1 }] }, /^deviations.0: .*the checklist has 86400/],
    [{ deviations: [{ ...soak, here: 0 }] }, /^deviations.0: .*a number from 1/],
    [{ deviations: [soak, soak] }, /^deviations.1: two deviations/],
    [{ deviations: [soak], tighten: { 'soak-24h': { minDurationSeconds: 90_000 } } }, /^deviations.0: .*is tightened, too/],
    [{ deviations: [drop('no-secrets')] }, /^deviations.0.check: no-secrets may not be waived/],
    [{ deviations: [drop('nothing')] }, /^deviations.0.check: no gate judges/],
    [{ deviations: [drop('data-corruption-detected')] }, /^deviations.0.check: no gate judges/],
    [{ deviations: [drop('soak-24h', { here: 'never' })] }, /^deviations.0.here/],
    [{ deviations: [drop('soak-24h', { document: 'observe' })] }, /^deviations.0.document: the mode of soak-24h is required/],
    [{ deviations: [drop('soak-24h'), drop('soak-24h')] }, /dropped twice/],
  ])('%j does not fit', (more, message) => {
    expect(wrongIn(more)).toEqual([expect.stringMatching(message)]);
  });
});

describe('observe', () => {
  test('until a date, and required from then on', () => {
    const item = itemOf(applied({ observe: { 'soak-24h': '2027-01-31' } }), 'soak-24h');
    if (item === undefined) throw new Error('no such line');
    expect(item).toMatchObject({ mode: 'observe', observeUntil: '2027-01-31T00:00:00.000Z' });
    expect(modeAt(item, new Date('2027-01-30T23:59:59.999Z'))).toBe('observe');
    expect(modeAt(item, new Date('2027-01-31T00:00:00.000Z'))).toBe('required');
    expect(modeAt({ mode: 'observe' }, new Date('2999-01-01'))).toBe('observe');
  });

  test('an instant may have any offset', () => {
    expect(itemOf(applied({ observe: { 'soak-24h': '2027-01-31T01:00:00+02:00' } }), 'soak-24h')?.observeUntil).toBe(
      '2027-01-30T23:00:00.000Z',
    );
  });

  const lines = (gate: string) =>
    baseChecklist.items.filter((item) => item.gate === gate && item.waivable && item.source === 'document').map(({ id }) => id);
  const until = (ids: readonly string[]) => ({ observe: Object.fromEntries(ids.map((id) => [id, '2027-01-31'])) });
  test.each([
    ['a line that may not be waived', until(['no-secrets']), /^observe.no-secrets: .*may not be waived/],
    ['a signature', until(['go-product-owner']), /may not be waived/],
    ['no line', until(['nothing']), /no gate judges/],
    ['every line of a gate', until(lines('phase-2')), /no check of the document would be required at the gate Environment Preparation/],
    [
      'everything that a line is computed from',
      until(['alerts-verified', 'alerts-triggering', 'dashboards-correct', 'logs-aggregating']),
      /monitoring-working is computed from/,
    ],
  ])('%s is refused', (_what, more, message) => {
    expect(wrongIn(more)).toEqual([expect.stringMatching(message)]);
  });
});

describe('own checks', () => {
  const own = {
    id: 'licences-checked',
    gate: 'phase-1',
    title: 'Licences of dependencies checked',
    owner: 'technical-lead',
    proof: 'SARIF log of the licence scanner.',
    rule: { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['licensee'], maxLevel: 'none', maxSuppressed: 0 },
  };

  test('are judged by their gate, behind its other checks', () => {
    const { items } = applied({ checks: [own, { ...own, id: 'second', gate: 'review-48h' }] });
    const at = items.findIndex(({ id }) => id === 'licences-checked');
    expect(items[at]).toMatchObject({ source: 'profile', mode: 'required', words: own.title, phase: 1, gate: 'phase-1', rule: own.rule });
    expect([items[at - 1]?.gate, items[at + 1]?.gate]).toEqual(['phase-1', 'phase-2']);
    expect(items.at(-1)?.id).toBe('second');
  });

  test.each([
    [{ id: 'soak-24h' }, /^checks.0.id: the document has a check/],
    [{ gate: 'go-no-go' }, /^checks.0.gate: .*takes no checks/],
    [{ gate: 'rollback-verification' }, /^checks.0.gate: .*takes no checks/],
    [{ after: 'deployment.finished' }, /^checks.0.after: the gate phase-1 is passed before/],
    [{ rule: { kind: 'no-alarm-red/1' } }, /^checks.0.rule.kind: .*judges no evidence/],
    [{ rule: { kind: 'signed/1', role: 'technical-lead' } }, /judges no evidence/],
    [{ rule: { kind: 'attested/1', evidence: 'attestation', role: 'developer' } }, /^checks.0.rule.role: the owner technical-lead/],
    [{ rule: { ...own.rule, maxSuppressed: 1000 } }, /^checks.0.rule.maxSuppressed: .*at most 100/],
    [{ rule: { kind: 'junit-passes/1', evidence: 'junit', minTests: 1, maxSkippedPct: 99 } }, /maxSkippedPct: .*at most 50/],
  ])('%j does not fit', (more, message) => {
    expect(wrongIn({ checks: [{ ...own, ...more }] })).toEqual([expect.stringMatching(message)]);
  });

  test('have ids of their own, and are not observed', () => {
    expect(wrongIn({ checks: [own, own] })).toEqual([expect.stringMatching(/^checks.1.id: two checks/)]);
    expect(wrongIn({ checks: [own], observe: { [own.id]: '2027-01-01' } })).toEqual([
      expect.stringMatching(/leave it out until it counts/),
    ]);
  });
});
