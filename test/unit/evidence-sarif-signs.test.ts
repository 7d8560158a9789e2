import { describe, expect, test } from 'vitest';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import type { EvidenceRule } from '../../lib/registry/rules.ts';
import { appliesTo, judgeEvidence } from '../../lib/registry/rules.ts';
import { factsOf, json, refusalOf } from './parsed.ts';

const log = (runs: readonly object[], more: object = {}): Uint8Array => json({ version: '2.1.0', runs, ...more });
const run = (more: object = {}, driver: object = {}) => ({
  tool: { driver: { name: 'gitleaks', ...driver } },
  results: [],
  artifacts: [{ location: { uri: 'src/a.ts' } }],
  ...more,
});
const noSecrets = baseChecklist.items.find(({ id }) => id === 'no-secrets')?.rule as EvidenceRule;
const warningsAllowed: EvidenceRule = { kind: 'sarif-clean/1', evidence: 'sarif', tools: ['gitleaks'], maxLevel: 'warning' };
const judged = (input: Uint8Array, rule = noSecrets) => judgeEvidence(rule, factsOf('sarif', input));

describe('a run that says that it did not end well proves nothing', () => {
  const notified = (kind: string, notification: object, more: object = {}) => ({
    invocations: [{ executionSuccessful: true, [`tool${kind}Notifications`]: [notification], ...more }],
  });
  const kinds = { notifications: [{ id: 'N1', defaultConfiguration: { level: 'error' } }, { id: 'N2' }] };

  test.each<[string, object, object, string]>([
    ['not successful', { invocations: [{ executionSuccessful: false }] }, {}, 'its execution was not successful'],
    ['killed', { invocations: [{ exitCode: 137, exitSignalName: 'SIGKILL' }] }, {}, 'exit code 137, signal SIGKILL'],
    ['killed, by number', { invocations: [{ executionSuccessful: true, exitSignalNumber: 9 }] }, {}, 'signal 9'],
    [
      'not started',
      { invocations: [{ executionSuccessful: true, processStartFailureMessage: 'no such file' }] },
      {},
      'its process did not start',
    ],
    ['an exit code', { invocations: [{ executionSuccessful: true, exitCode: 2 }] }, {}, 'exit code 2'],
    ['exit code 1 and no result', { invocations: [{ executionSuccessful: true, exitCode: 1 }] }, {}, 'exit code 1'],
    ['no word about success', { invocations: [{ commandLine: 'scan' }] }, {}, 'it does not say whether its execution was successful'],
    [
      'the conversion failed',
      { conversion: { tool: {}, invocation: { executionSuccessful: false } } },
      {},
      'its execution was not successful',
    ],
    ['an execution error', notified('Execution', { level: 'error' }), {}, 'it met an error'],
    ['a configuration error', notified('Configuration', { level: 'error' }), {}, 'it met an error in its configuration'],
    ['a level that nobody knows', notified('Execution', { level: 'fatal' }), {}, 'it met an error'],
    ['the level of its descriptor, by id', notified('Execution', { descriptor: { id: 'N1' } }), kinds, 'it met an error'],
    [
      'the level of its descriptor, by index',
      notified('Configuration', { descriptor: { index: 0 } }),
      kinds,
      'it met an error in its configuration',
    ],
    [
      'the level of an override',
      notified(
        'Execution',
        { descriptor: { id: 'N2' } },
        { notificationConfigurationOverrides: [{ descriptor: { index: 1 }, configuration: { level: 'error' } }] },
      ),
      kinds,
      'it met an error',
    ],
    ['all rules disabled', {}, { rules: [{ id: 'a', defaultConfiguration: { enabled: false } }] }, 'all of its rules are disabled'],
    [
      'all rules disabled by the invocation',
      {
        invocations: [
          { executionSuccessful: true, ruleConfigurationOverrides: [{ descriptor: { id: 'a' }, configuration: { enabled: false } }] },
        ],
      },
      { rules: [{ id: 'a' }] },
      'all of its rules are disabled',
    ],
  ])('%s', (_what, more, driver, signs) => {
    expect(judged(log([run(more, driver)]))).toEqual({
      verdict: 'inconclusive',
      reason: `gitleaks: 0 errors, 0 warnings, 0 notes, 0 suppressed; the tool says that it did not end well: ${signs}`,
    });
  });

  test.each<[string, object, object]>([
    ['nothing is said', {}, {}],
    [
      'null for what is optional',
      { invocations: null, conversion: null, externalPropertyFileReferences: null },
      { rules: null, notifications: null },
    ],
    [
      'null in an invocation',
      {
        invocations: [
          {
            executionSuccessful: true,
            exitCode: null,
            exitSignalName: null,
            processStartFailureMessage: null,
            toolExecutionNotifications: null,
            ruleConfigurationOverrides: null,
          },
        ],
      },
      {},
    ],
    ['exit code 0 alone', { invocations: [{ exitCode: 0 }] }, {}],
    ['a warning', notified('Configuration', { level: 'warning' }), {}],
    ['a notification without a level', notified('Execution', { descriptor: { id: 'N2' } }), kinds],
    [
      'a notification set to a note',
      notified(
        'Execution',
        { descriptor: { id: 'N1' } },
        { notificationConfigurationOverrides: [{ descriptor: { id: 'N1' }, configuration: { level: 'note' } }] },
      ),
      kinds,
    ],
    ['one rule of two disabled', {}, { rules: [{ id: 'a', defaultConfiguration: { enabled: false } }, { id: 'b' }] }],
    [
      'a rule enabled by the invocation',
      {
        invocations: [
          { executionSuccessful: true, ruleConfigurationOverrides: [{ descriptor: { index: 0 }, configuration: { enabled: true } }] },
        ],
      },
      { rules: [{ id: 'a', defaultConfiguration: { enabled: false } }] },
    ],
    ['a result that is gone', { results: [{ ruleId: 'a', level: 'error', baselineState: 'absent' }] }, {}],
  ])('passes: %s', (_what, more, driver) => {
    expect(judged(log([run(more, driver)])).verdict).toBe('pass');
  });

  test('exit code 1 of a tool that found something is no failure of the tool', () => {
    const found = { results: [{ level: 'warning' }], invocations: [{ executionSuccessful: true, exitCode: 1 }] };
    expect(judged(log([run(found)]), warningsAllowed).verdict).toBe('pass');
    expect(judged(log([run({ ...found, invocations: [{ exitCode: 1 }] })]), warningsAllowed).verdict).toBe('inconclusive');
  });
});

describe('the level of a result', () => {
  const rules = [
    { id: 'R1', guid: 'g1', defaultConfiguration: { level: 'note' } },
    { id: 'R2', guid: 'g2', defaultConfiguration: { level: 'error' } },
    { id: 'js/sqli', defaultConfiguration: { level: 'error' } },
    { id: 'js', defaultConfiguration: { level: 'note' } },
    { id: 'S1', properties: { 'security-severity': '9.8' } },
  ];
  const override = (id: string, level: string, more: object = {}) => ({
    executionSuccessful: true,
    ruleConfigurationOverrides: [{ descriptor: { id }, configuration: { level } }],
    ...more,
  });
  const extensions = [
    {
      name: 'x',
      guid: 'x1',
      rules: [
        { id: 'R2', defaultConfiguration: { level: 'note' } },
        { id: 'X', defaultConfiguration: { level: 'error' } },
      ],
    },
  ];

  test.each<[string, object, string, object?]>([
    ['by id', { ruleId: 'R2' }, 'error'],
    ['by index', { ruleIndex: 0 }, 'note'],
    ['by guid', { rule: { guid: 'g2' } }, 'error'],
    ['index and id that agree', { ruleId: 'R1/a', ruleIndex: 0 }, 'note'],
    ['index and id that contradict: the worse', { ruleId: 'R2', ruleIndex: 0 }, 'error'],
    ['two indexes that contradict: the worse', { ruleIndex: 0, rule: { index: 1 } }, 'error'],
    ['two ids that contradict: the worse', { ruleId: 'R1', rule: { id: 'R2' } }, 'error'],
    ['an index outside of the rules: unknown', { ruleId: 'R1', ruleIndex: 99 }, 'error'],
    ['an index of -1 is no index', { ruleId: 'R1', ruleIndex: -1 }, 'note'],
    ['a component that the log does not have: unknown', { ruleId: 'R1', rule: { id: 'R1', toolComponent: { index: 7 } } }, 'error'],
    ['below a rule whose id has a slash', { ruleId: 'js/sqli/1' }, 'error'],
    ['further below', { ruleId: 'js/sqli/1/2' }, 'error'],
    ['below a shorter id', { ruleId: 'js/xss' }, 'note'],
    ['an unknown rule: warning', { ruleId: 'R' }, 'warning'],
    ['its own level counts first', { ruleId: 'R2', level: 'note' }, 'note'],
    ['null is no level', { ruleId: 'R2', level: null, kind: null }, 'error'],
    ["GitHub's severity of the rule", { ruleId: 'S1', level: 'warning' }, 'error'],
    ["GitHub's severity of the result", { level: 'note', properties: { 'security-severity': 5 } }, 'warning'],
    ['an override', { ruleId: 'R1' }, 'error', { invocations: [override('R1', 'error')] }],
    ['an override to a lower level', { ruleId: 'R2' }, 'note', { invocations: [override('R2', 'note')] }],
    [
      'an override of one of two invocations',
      { ruleId: 'R2' },
      'error',
      { invocations: [override('R2', 'note'), { executionSuccessful: true }] },
    ],
    [
      'the override of its own invocation',
      { ruleId: 'R2', provenance: { invocationIndex: 1 } },
      'note',
      { invocations: [override('R2', 'error'), override('R2', 'note')] },
    ],
    ['an override of a rule that is not listed', { ruleId: 'R9' }, 'error', { invocations: [override('R9', 'error')] }],
    ['the driver before an extension', { ruleId: 'R2' }, 'error', { tool: { driver: { name: 'gitleaks', rules }, extensions } }],
    [
      'an extension, by index',
      { ruleId: 'R2', rule: { id: 'R2', index: 0, toolComponent: { index: 0 } } },
      'note',
      { tool: { driver: { name: 'gitleaks', rules }, extensions } },
    ],
    [
      'an extension, by name',
      { rule: { id: 'R2', toolComponent: { name: 'x' } } },
      'note',
      { tool: { driver: { name: 'gitleaks', rules }, extensions } },
    ],
    ['a rule that only an extension has', { ruleId: 'X' }, 'error', { tool: { driver: { name: 'gitleaks', rules }, extensions } }],
  ])('%s', (_what, result, level, more = {}) => {
    const [tool] = factsOf('sarif', log([{ ...run({}, { rules }), results: [result], ...more }])).tools;
    expect(tool).toMatchObject({ error: 0, warning: 0, note: 0, [level]: 1 });
  });
});

describe('properties outside of the runs', () => {
  const leak = { results: [{ ruleId: 'aws', level: 'error' }] };

  test('of a log with one run belong to it', () => {
    expect(judged(log([run()], { inlineExternalProperties: [leak] })).verdict).toBe('fail');
    const failed = { inlineExternalProperties: [{ invocations: [{ executionSuccessful: false }] }] };
    expect(judged(log([run()], failed)).verdict).toBe('inconclusive');
    const levels = { inlineExternalProperties: [{ driver: { rules: [{ id: 'a', defaultConfiguration: { level: 'error' } }] } }] };
    expect(judged(log([run({ results: [{ ruleId: 'a' }] })], levels), warningsAllowed).verdict).toBe('fail');
  });

  test('belong to the run that they name, or that names them', () => {
    const [first, second] = [run({ automationDetails: { guid: 'A' } }), { ...run(), tool: { driver: { name: 'other' } } }];
    expect(judged(log([first, second], { inlineExternalProperties: [{ ...leak, runGuid: 'a' }] })).verdict).toBe('fail');
    const naming = { ...second, externalPropertyFileReferences: { results: [{ guid: 'p' }] } };
    expect(judged(log([first, naming], { inlineExternalProperties: [{ ...leak, guid: 'p' }] })).verdict).toBe('pass');
    expect(
      factsOf('sarif', log([{ ...naming, results: null }], { inlineExternalProperties: [{ ...leak, guid: 'p' }] })).tools[0],
    ).toMatchObject({ error: 1 });
  });

  test('that belong to nobody knows which run are refused, and so are parts in another file', () => {
    expect(refusalOf('sarif', log([run(), run()], { inlineExternalProperties: [leak] })).detail).toMatch(/do not say of which run/);
    for (const part of [
      { results: [{ location: { uri: 'a' } }] },
      { invocations: [{ location: { uri: 'a' } }] },
      { driver: { location: { uri: 'a' } } },
    ])
      expect(refusalOf('sarif', log([run({ externalPropertyFileReferences: part })])).detail).toMatch(/another file/);
  });
});

describe('names and places', () => {
  test.each([
    ['Gitleaks', true],
    [' GITLEAKS ', true],
    ['gitleaks-action', true],
    ['gitleaks v8.24.0', true],
    ['Secretlint', true],
    ['Gitleaks (reported by Codacy)', true],
    ['gitleaks-fake', false],
    ['not gitleaks', false],
    ['Semgrep OSS', false],
  ])('the tool %s is trusted by the definition: %s', (name, trusted) => {
    const facts = factsOf('sarif', log([run({}, { name })]));
    expect(appliesTo(noSecrets, facts)).toBe(trusted);
    expect(judgeEvidence(noSecrets, facts).verdict).toBe(trusted ? 'pass' : 'inconclusive');
  });

  test('runs of one tool under two names add up, and a definition may use any name', () => {
    const two = log([run(), run({ results: [{ level: 'error' }] }, { name: 'Gitleaks' })]);
    expect(factsOf('sarif', two).tools).toMatchObject([{ name: 'gitleaks', error: 1 }]);
    expect(judged(log([run({}, { name: 'Semgrep OSS' })]), { ...warningsAllowed, tools: ['Semgrep'] }).verdict).toBe('pass');
  });

  test.each([
    ['lib/key.ts'],
    ['./lib/key.ts'],
    ['lib\\key.ts'],
    ['lib/x/../key.ts'],
    ['lib/%6bey.ts'],
    ['file:///build/shop/lib/key.ts'],
    ['/build/shop/lib/key.ts'],
    ['file:///C:/shop/lib/key.ts'],
    ['c:\\shop\\lib\\key.ts'],
  ])('%s is the file lib/key.ts', (uri) => {
    const results = [{ level: 'error', locations: [{ physicalLocation: { artifactLocation: { uri } } }] }];
    const originalUriBaseIds = { ROOT: { uri: 'file:///build/shop/' }, WINDOWS: { uri: 'file:///c:/shop' }, UNKNOWN: {} };
    expect(factsOf('sarif', log([run({ results, originalUriBaseIds })])).tools[0]?.first[0]?.place).toBe('lib/key.ts');
  });
});
