import { describe, expect, test } from 'vitest';
import { run } from '../../lib/cli/main.ts';
import { json, terminal } from './terminal.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const named = { event: 'e', state: 'proposed', needs: 'technical-lead', alreadyRecorded: false };

/** What the command sends, and what it prints. */
const said = async (args: readonly string[], answer: object) => {
  const { io, said: printed } = terminal(() => json(answer));
  const code = await run([...args], io);
  const sent = printed.asked.map(({ url, body }) => ({ url, body: body === '' ? undefined : JSON.parse(body) }));
  return { code, sent, out: printed.out, err: printed.err };
};

describe('holdpoint target', () => {
  const adopt = ['target', 'adopt', 'shop', '--environment', 'production', '--version', '1.4.0'];

  test('adopt sends version, components and references', async () => {
    const { code, sent, out } = await said([...adopt, '--component', `web=${digest}@17`, '--component', `worker=${digest}`], named);
    expect(code).toBe(0);
    expect(sent).toEqual([
      {
        url: 'https://holdpoint.test/v1/environments/shop/production/target',
        body: {
          target: 'adopt',
          version: '1.4.0',
          components: [
            { component: 'web', digest, reference: '17' },
            { component: 'worker', digest },
          ],
        },
      },
    ]);
    expect(out).toContain('another person sends the same as technical-lead');
  });

  test('withdraw sends the reason', async () => {
    const args = ['target', 'withdraw', 'shop', '--environment', 'production', '--reason', 'Nobody uses it yet.'];
    const { sent, out } = await said(args, { ...named, state: 'adopted', needs: null });
    expect(sent[0]?.body).toEqual({ target: 'withdraw', reason: 'Nobody uses it yet.' });
    expect(out).toContain('Adopted');
  });

  test.each([
    [['target', 'take', 'shop'], 'expected adopt or withdraw'],
    [adopt, '--component is missing'],
    [[...adopt, '--component', 'web'], 'expected NAME=sha256'],
    [['target', 'withdraw', 'shop', '--environment', 'production'], '--reason is missing'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, err, sent } = await said(args, named);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(sent).toEqual([]);
  });
});

describe('holdpoint environment', () => {
  const view = {
    service: 'shop',
    environment: 'production',
    holder: { run: 'r-1', how: 'shared', since: '2026-03-02T08:00:00.000Z', supersedes: null },
    live: {
      run: null,
      version: '1.2.2',
      level: 'adopted',
      components: [],
      since: '2026-03-02T07:00:00.000Z',
      readBack: false,
      commit: null,
    },
    target: null,
    proposed: [],
    drill: null,
    unaccounted: [
      { change: 'c-1', what: 'alias moved', seenAt: '2026-03-02T07:00:00.000Z', digest: null, account: null, explanation: null },
    ],
    unaccountedLeftOut: 0,
    people: [],
  };

  test('show prints who holds it, what is live, and what nobody has explained', async () => {
    const { code, out } = await said(['environment', 'show', 'shop', '--environment', 'production'], view);
    expect(code).toBe(0);
    for (const text of ['run r-1, shared since', '1.2.2 (adopted)', 'not read back', 'target    not known', 'c-1', 'not explained'])
      expect(out).toContain(text);
  });

  test('show says of a target that two people adopted whether its platform has confirmed it', async () => {
    const target = { run: null, version: '1.2.2', level: 'adopted', components: [] };
    const shown = async (more: object) =>
      (await said(['environment', 'show', 'shop', '--environment', 'production'], { ...view, live: null, target: { ...target, ...more } }))
        .out;
    expect(await shown({ readBack: false })).toContain('target    1.2.2 (adopted), not read back from the platform');
    expect(await shown({ readBack: true })).toMatch(/target {4}1\.2\.2 \(adopted\)\n/);
  });

  test('show names people and gives instants as people read them; the document has both as the server sent them', async () => {
    const [by, at] = ['p-2f84d6b1ol', '2026-03-02T07:00:00.000Z'];
    const named = {
      ...view,
      unaccounted: view.unaccounted.map((one) => ({ ...one, explanation: { by, at, digest: 'd'.repeat(64), text: null, salt: null } })),
      people: [{ id: by, name: 'Omar \u001b[2JHaddad' }],
    };
    const args = ['environment', 'show', 'shop', '--environment', 'production'];
    expect((await said(args, named)).out).toContain('c-1 2026-03-02 07:00:00 UTC alias moved: explained by Omar [2JHaddad\n');
    expect((await said(args, { ...named, people: [] })).out).toContain(`explained by ${by}\n`);
    expect(JSON.parse((await said([...args, '--json'], named)).out)).toMatchObject(named);
  });

  test('explain and free send the reason', async () => {
    const place = ['--environment', 'production', '--reason', 'Hotfix by hand, ticket 4411'];
    const explained = await said(['environment', 'explain', 'shop', '--change', 'c-1', ...place], {
      event: 'e',
      change: 'c-1',
      alreadyRecorded: false,
    });
    expect(explained.sent[0]).toMatchObject({
      url: expect.stringContaining('/changes/c-1/explanation'),
      body: { explanation: 'Hotfix by hand, ticket 4411' },
    });
    const freed = await said(['environment', 'free', 'shop', ...place], { event: 'e', run: 'r-1', alreadyRecorded: false });
    expect(freed.out).toContain('which run r-1 held');
  });
});

describe('holdpoint announce', () => {
  const place = ['announce', 'shop', '--environment', 'production'];
  const test30 = [...place, '--kind', 'alarm-test', '--subject', 'shop-errors', '--reason', 'Driven once on purpose.'];
  const answered = {
    event: 'e',
    kind: 'alarm-test',
    subject: 'shop-errors',
    from: '2026-12-01T02:00:00.000Z',
    until: '2026-12-01T02:30:00.000Z',
    alreadyRecorded: false,
  };

  test('sends the window that the duration gives, and prints it', async () => {
    const { code, sent, out } = await said([...test30, '--from', '2026-12-01T02:00:00Z', '--for', '30m'], answered);
    expect(code).toBe(0);
    expect(sent).toEqual([
      {
        url: 'https://holdpoint.test/v1/environments/shop/production/announcements',
        body: {
          kind: 'alarm-test',
          subject: 'shop-errors',
          from: '2026-12-01T02:00:00.000Z',
          until: '2026-12-01T02:30:00.000Z',
          reason: 'Driven once on purpose.',
        },
      },
    ]);
    expect(out).toContain(
      'Announced: alarm-test of shop-errors in production, from 2026-12-01 02:00:00 UTC until 2026-12-01 02:30:00 UTC.',
    );
  });

  test('leaves the beginning to the server where none is named', async () => {
    const { sent } = await said([...test30, '--until', '2026-12-01T02:30:00Z'], answered);
    expect(sent[0]?.body).not.toHaveProperty('from');
  });

  test.each([
    [['--until', '2026-12-01T02:30:00Z', '--for', '30m'], '--until and --for'],
    [[], 'neither'],
    [['--until', 'tomorrow'], '--until tomorrow: an instant is expected'],
    [['--for', '30m', '--kind', 'all'], '--kind all: expected alarm-test or planned-restart'],
  ])('refuses %j before anything is sent', async (more, text) => {
    const { code, sent, err } = await said([...test30, ...more], answered);
    expect([code, sent]).toEqual([2, []]);
    expect(err).toContain(text);
  });
});
