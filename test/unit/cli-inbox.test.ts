import { expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { gate, view } from './run-views.ts';
import { json, terminal } from './terminal.ts';

const id = '20260302-080000-abcdefghjk';
const item = {
  id: 'approval/1',
  kind: 'approval',
  title: 'Answer the approval of Go / no-go',
  detail: 'Proposed by p-technical1.\n##vso[task.complete]',
  service: 'shop',
  environment: 'production',
  run: id,
  version: '1.4.0',
  gate: 'go-no-go',
  gateTitle: null,
  check: null,
  role: 'product-owner',
  for: 'p-product01',
  since: '2026-03-02T08:00:00.000Z',
  until: '2026-03-02T12:00:00.000Z',
  page: `/runs/${id}#gate-go-no-go`,
  command: `holdpoint approvals ${id}`,
};
const people = [
  { id: 'p-technical1', name: 'Tove' },
  { id: 'p-product01', name: 'Petra' },
];

const said = async (argv: readonly string[], answer: object, env: Record<string, string> = {}) => {
  const { io, said: texts } = terminal(() => json(answer), env);
  return { code: await run(argv, io), ...texts };
};

test('inbox lists what waits with its end, its command and its page, and says what it leaves out', async () => {
  const shown = await said(['inbox'], { items: [item], itemsLeftOut: 3, runsRead: 25, runsLeftOut: 2, unreadable: 1, people });
  expect(shown.code).toBe(0);
  expect(shown.out.split('\n').slice(0, 6)).toEqual([
    'Answer the approval of Go / no-go',
    `  shop 1.4.0 → production, run ${id}, as product owner for Petra`,
    '  since 2026-03-02 08:00:00 UTC, until 2026-03-02 12:00:00 UTC',
    expect.stringMatching(/^ {2}Proposed by Tove\. # #vso\[/),
    `  holdpoint approvals ${id}`,
    `  https://holdpoint.test/runs/${id}#gate-go-no-go`,
  ]);
  expect(shown.out).toContain('Not shown here: 3 more items.');
  expect(shown.out).toContain('2 more runs were not looked at: 25 are read at most.');
  expect(shown.asked[0]?.url).toBe('https://holdpoint.test/v1/inbox');
  const empty = await said(['inbox'], { items: [], itemsLeftOut: 0, runsRead: 0, runsLeftOut: 0, unreadable: 0, people: [] });
  expect(empty.out).toBe('Nothing waits for you.\n');
  const whole = { items: [item], itemsLeftOut: 0, runsRead: 1, runsLeftOut: 0, unreadable: 0, people };
  expect(JSON.parse((await said(['inbox', '--json'], whole)).out)).toEqual(whole);
});

test('inbox lists the checks of one gate together, and each command once', async () => {
  const lacks = (check: string, more: object = {}) => ({
    ...item,
    id: `check/${check}`,
    kind: 'check',
    title: `Send the evidence: Title of ${check}`,
    detail: 'no evidence yet',
    gateTitle: 'Pre-Deployment Verification',
    check,
    for: null,
    command: 'holdpoint evidence r1 FILE --type junit',
    ...more,
  });
  const bad = lacks('third', { title: 'Mend: Title of third', detail: '1 test failed' });
  const answer = {
    items: [item, lacks('first'), lacks('second'), bad],
    itemsLeftOut: 0,
    runsRead: 1,
    runsLeftOut: 0,
    unreadable: 0,
    people,
  };
  const { out } = await said(['inbox'], answer);
  expect(out.split('\n').slice(7, -1)).toEqual([
    '3 checks of Pre-Deployment Verification wait for you',
    `  shop 1.4.0 → production, run ${id}, as product owner`,
    '  since 2026-03-02 08:00:00 UTC, until 2026-03-02 12:00:00 UTC',
    '  Mend: Title of third: 1 test failed',
    '  holdpoint evidence r1 FILE --type junit',
    '    for first, second, third',
    `  https://holdpoint.test/runs/${id}`,
    '',
  ]);
});

test('whoami says who, in which roles, and whether a decision needs another sign-in', async () => {
  const me = {
    kind: 'person',
    id: 'p-technical1',
    name: 'Tove',
    roles: ['technical-lead'],
    services: ['shop', 'mail'],
    environments: null,
    signedInAt: '2026-03-02T07:50:00.000Z',
    mayDecideUntil: '2026-03-02T08:05:00.000Z',
  };
  const { code, out } = await said(['whoami'], me);
  expect([code, out.split('\n')]).toEqual([
    0,
    [
      'Tove (p-technical1)',
      'server    https://holdpoint.test',
      'roles     technical-lead',
      'services  shop, mail',
      'signed in 2026-03-02 07:50:00 UTC',
      'decisions until 2026-03-02 08:05:00 UTC without another sign-in',
      '',
    ],
  ]);
  expect((await said(['whoami'], { ...me, mayDecideUntil: '2026-03-02T07:59:00.000Z' })).out).toContain('need another sign-in first');
  expect(JSON.parse((await said(['whoami', '--json'], me)).out)).toMatchObject({ ...me, signInUntil: null });
  const job = {
    ...me,
    kind: 'ci',
    id: 'ci-main',
    name: null,
    roles: [],
    environments: ['staging'],
    signedInAt: null,
    mayDecideUntil: null,
  };
  expect((await said(['whoami'], job)).out).toBe(
    'The CI identity ci-main\nserver    https://holdpoint.test\nservices  shop, mail\nonly in   staging\n',
  );
});

test('approvals shows who is asked and who has answered what, as lines and as JSON', async () => {
  const asked = (person: string, answer: string | null) => ({
    round: 1,
    role: 'technical-lead',
    person,
    answer,
    at: answer === null ? null : '2026-03-02T08:30:00.000Z',
    expires: '2026-03-09T08:00:00.000Z',
    invalidated: false,
  });
  const answered = gate({ title: 'Go / no-go', approvals: [asked('p-technical1', 'approved'), asked('p-product01', null)] });
  const shown = await said(['approvals', 'r1'], view({ people, gates: [answered] }));
  expect([shown.code, shown.out]).toEqual([
    0,
    'Go / no-go\n  technical lead: Tove: approved at 2026-03-02 08:30:00 UTC\n  technical lead: Petra: asked, no answer yet, until 2026-03-09 08:00:00 UTC\n',
  ]);
  const listed = JSON.parse((await said(['approvals', 'r1', '--json'], view({ people, gates: [answered] }))).out);
  expect(listed).toMatchObject({
    run: 'r1',
    people,
    approvals: [
      { gate: 'phase-1', answer: 'approved' },
      { gate: 'phase-1', answer: null },
    ],
  });
  expect((await said(['approvals', 'r1'], view({ gates: [gate()] }))).out).toBe('Nobody has been asked to approve shop 1 yet.\n');
});
