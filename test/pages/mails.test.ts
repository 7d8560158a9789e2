import { describe, expect, test } from 'vitest';
import { toMime } from '../../lambdas/adapters/ses-mailer.ts';
import { timeLeft } from '../../lib/console/approval-mails.ts';
import { renderMail } from '../../lib/console/mails.ts';
import type { Notification } from '../../lib/ports.ts';
import { notificationsOf, url } from './notifications.ts';
import { hostile } from './page-scenarios.ts';

/** The words of a mail's HTML part, a paragraph or an item of a list each. */
const paragraphsOf = (html: string): string[] =>
  [...html.matchAll(/<(?:p|li)\b[^>]*>([\s\S]*?)<\/(?:p|li)>/g)].map(([, inner = '']) =>
    inner.replace(/<[^>]+>/g, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );

describe.each(notificationsOf().map((notification) => [notification.kind, notification] as const))('the mail %s', (_kind, notification) => {
  const mail = renderMail(notification);

  test('names the release in its subject', () => {
    expect(mail.subject).toContain('shop 1.4.0 to production');
    if (notification.kind === 'approval-requested' && notification.round === 1)
      expect(mail.subject).toBe(
        'Go / no-go: your answer is needed for shop 1.4.0 to production before 2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)',
      );
  });

  test('says the same as text and as HTML', () => {
    const text = mail.text.split(/\n+/).filter((part) => part !== '-- ');
    const html = paragraphsOf(mail.html);
    expect(text.map((part) => part.replace(`: ${url}`, '').replace(/^- /, ''))).toEqual(html.filter((part) => part !== url));
    expect(html).toContain(url);
  });

  test('has one link, fetches nothing and runs nothing', () => {
    expect([...mail.html.matchAll(/\s(?:href|src|action|background)="([^"]*)"/g)].map(([, address]) => address)).toEqual([url]);
    expect(mail.html).not.toMatch(/<(img|script|link|form|iframe)\b|url\(|@import|@font-face/i);
    expect(mail.text.match(/https?:\/\//g)).toHaveLength(1);
  });

  test('is readable on a phone, and has colours of its own for the dark', () => {
    expect(mail.html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(mail.html).toContain(
      '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    );
    expect(mail.html).toContain('@media (prefers-color-scheme: dark)');
    expect(mail.html).toContain('overflow-wrap:anywhere');
  });
});

describe('the mail that asks for an approval', () => {
  const [first, second] = notificationsOf()
    .filter(({ kind }) => kind === 'approval-requested')
    .map(renderMail);

  test('says why and how risky, then every exception with its words, the failed check first, and then who has answered and what changes', () => {
    const lines = first?.text.split(/\n+/) ?? [];
    const place = (words: string): number => {
      const found = lines.findIndex((line) => line.includes(words));
      return found < 0 ? expect.fail(`${words} is not in the mail`) : found;
    };
    const order = [
      'Why: The CI job that started the run wrote: “Vouchers for the spring sale.”',
      'Risk: medium. Impact: high. Planned T0: 2026-03-10 09:00 Europe/Berlin (2026-03-10 08:00 UTC).',
      '13 exceptions in the run so far:',
      'Failed: Load test at peak. P95 is 900 ms, 500 ms allowed.',
      'Not passed: Sign-Off. Ended at 2026-03-02 07:00:00 UTC: rejected by Ole.',
      'Overridden: the freeze Quarter end.',
      'Waived: Final code review.',
      'Not applicable: Data migration.',
      'Not applicable: 4 checks: Schema, Backup of the data, Restored data and 1 more. Declared not applicable. Tove wrote: “Vouchers',
      'Failed (for information only, blocks nothing): Load test of the night. No figures.',
      'and 3 more, shown on the page',
      '56 checks: 1 failed, 1 waived, 54 passed',
      'Tove approved as operations lead on 2026-03-02 10:00 Europe/Berlin (2026-03-02 09:00 UTC)',
      'Changes: The CI job that started the run wrote: “Vouchers for the spring sale.”',
      'Started by Tove, who does not sign it.',
    ].map(place);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(lines[place('Waived: Final code review')]).toContain('Tove wrote: “Vouchers for the spring sale.”');
    expect(lines[place('Authors of the release:')]).toMatch(
      /^Authors of the release: .+, 2 accounts not in the roster\. At least one signer must be somebody else\.$/,
    );
    expect(lines[place('Not applicable: Data migration')]).toContain('Tove gave a text that was erased');
  });

  test('as a reminder says how much time is left, and to a deputy for whom they answer', () => {
    expect(second?.text).toContain('Reminder: 16 hours and 48 minutes left to answer.');
    expect(second?.text).toContain('Your answer as deputy of Tove, technical lead, is needed before 2026-03-09 08:00 UTC.');
    expect(second?.subject).toBe(
      'Go / no-go, asked for the 2nd time, round 2: your answer is needed for shop 1.4.0 to production before 2026-03-09 08:00 UTC',
    );
  });

  test('of another round says what has changed, and of another visit that the gate has asked before and why it asks again', () => {
    expect(first?.text).not.toMatch(/Changed since|for the .* time|asked again/);
    expect(second?.text).toContain(
      'Changed since round 1:\n\n- Final code review: waived\n- The log is full\n- and 2 more, shown on the page',
    );
    expect(second?.text).toContain('The run has come to Go / no-go for the 2nd time. Answers that were given here before no longer count.');
    expect(second?.text).toContain('You are asked again, because the log is full.');
  });

  test('is a document in its language, read in order', () => {
    expect(first?.html).toContain('<html lang="en" dir="ltr">');
    expect(first?.html).toMatch(/role="article" aria-label="[^"]+" lang="en"/);
    expect(first?.html.match(/class="button"/g)).toHaveLength(1);
  });

  test.each([
    [59, 'less than a minute'],
    [60, '1 minute'],
    [3_600 + 120, '1 hour and 2 minutes'],
    [86_400, '1 day'],
    [5 * 86_400 + 3_600, '5 days and 1 hour'],
  ])('%i seconds are %s', (seconds, words) => {
    expect(timeLeft(seconds)).toBe(words);
  });
});

describe('the message as it is sent', () => {
  const from = 'Holdpoint <holdpoint@example.com>';
  const mail = { to: { name: 'Tove', address: 'tove@example.com' }, subject: 'One', text: 'One', html: '<p>One</p>' };
  const headersOf = async (given: Parameters<typeof toMime>[1]): Promise<string> => {
    const mime = (await toMime(from, given)).toString();
    return mime.slice(0, mime.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  };

  test('is multipart, asks for no automatic answer, and has no false way to unsubscribe', async () => {
    const headers = await headersOf(mail);
    expect(headers).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(headers).not.toMatch(/^(List-Unsubscribe|In-Reply-To|References):/m);
  });

  test('is joined to the earlier mails of its request by the ids that SES gave them', async () => {
    const headers = await headersOf({ ...mail, follows: ['0100-a', '0100-b'], region: 'eu-west-1' });
    expect(headers).toMatch(/^In-Reply-To: <0100-b@eu-west-1\.amazonses\.com>$/m);
    expect(headers).toMatch(/^References: <0100-a@eu-west-1\.amazonses\.com> <0100-b@eu-west-1\.amazonses\.com>$/m);
    expect(await headersOf({ ...mail, follows: ['0100-a'], region: 'us-east-1' })).toMatch(
      /^In-Reply-To: <0100-a@email\.amazonses\.com>$/m,
    );
  });
});

describe('a mail says what to do', () => {
  const textsOf = (kind: Notification['kind']): string[] =>
    notificationsOf()
      .filter((one) => one.kind === kind)
      .map((one) => renderMail(one).text);

  test('and never that nothing is asked, which may be untrue of its reader', () => {
    for (const notification of notificationsOf()) expect(renderMail(notification).text).not.toMatch(/nothing is (asked|needed)/i);
  });

  test.each<[Notification['kind'], number, string, string]>([
    ['changes-requested', 0, 'read the note', 'the note stands on the page and in no mail'],
    ['attestations-due', 1, '- Database backup 12\n', 'a list that is cut would say that a person owes no more'],
    ['deployment-failed', 0, 'roll the release back', 'both ways on are named'],
    ['gate-blocked', 0, 'record a rollback trigger', 'after T0 a blocked gate may mean a rollback'],
    ['incident-opened', 0, 'resume the run at that gate, or end it', 'only operations leads decide'],
    ['incident-opened', 1, 'tell operations what you know', 'the others do not decide'],
    ['run-ended', 5, 'Find the cause before the next release', 'it has been taken back already'],
    ['follow-ups-due', 0, 'Find the cause before the next release', 'its readers get no other mail about the end'],
    ['follow-ups-due', 1, 'was rolled back a while ago', 'a reminder tells no news'],
    ['rollback-decision', 0, 'Without an answer the release is rolled back at', 'silence decides here'],
    [
      'rollback-decision',
      0,
      'was measured for shop 1.4.0 to production on 2026-03-02 08:59:30 Europe/Berlin (2026-03-02 07:59:30 UTC). Measured: the probe',
      'nobody declared it',
    ],
    ['rollback-decision', 0, 'A rollback leads to version 1.3.9.', 'what becomes of the service is half of the question'],
    ['rollback-decision', 1, 'Without an answer nothing changes', 'and nothing there'],
    ['rollback-decision', 1, 'Tove declared the rollback trigger “Critical feature not working”', 'who says so is the one to ask'],
    ['rollback-decision', 1, 'takes the service away from production', 'no version was live before'],
    [
      'rollback-decision',
      2,
      'did not pass Sign-Off on 2026-03-02 09:00:00 Europe/Berlin (2026-03-02 08:00:00 UTC): the log is full.',
      'a rejection is no trigger',
    ],
    [
      'rollback-decision',
      3,
      'the data is kept at 2026-03-09 09:00:10 Europe/Berlin (2026-03-09 08:00:10 UTC)',
      "the reader's zone and UTC",
    ],
    ['attestations-due', 0, 'Please attest before 2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)', "the reader's zone and UTC"],
  ])('%s %i: %s (%s)', (kind, place, words) => {
    expect(textsOf(kind)[place]).toContain(words);
  });
});

test('what is planned is said by the clock of the reader and in UTC', () => {
  const planned = '2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)';
  const [announced, missed, waived] = (['deployment-announced', 't0-missed', 'exception-recorded'] as const).map((kind) =>
    renderMail(notificationsOf().find((one) => one.kind === kind) ?? expect.fail(kind)),
  );
  expect(announced?.text).toContain(`will be deployed at ${planned}, if every gate`);
  expect(announced?.text).toContain('before, the deployment was planned at 2026-03-08 08:00 UTC, if');
  expect(missed?.text).toContain(`was planned for ${planned}. 60 minutes later`);
  expect(waived?.text).toContain(`until ${planned}`);
});

test('the subject of a rollback decision names the instant, also in the reminder, and no span that has begun already', () => {
  const [, reminder, rejected] = notificationsOf()
    .filter(({ kind }) => kind === 'rollback-decision')
    .map(renderMail);
  const due = '2026-03-09 09:00:10 Europe/Berlin (2026-03-09 08:00:10 UTC)';
  expect(reminder?.subject).toBe(`Still to decide before ${due}: roll back shop 1.4.0 to production?`);
  expect(rejected?.subject).toBe(`Decide before ${due}: roll back shop 1.4.0 to production?`);
});

test('a rollback decision at the cap of a review says why it is asked, and what each answer does', () => {
  const mail = notificationsOf({ text: 'not stable for long enough' })
    .filter((one) => one.kind === 'rollback-decision' && one.because.how === 'capped')
    .map(renderMail)[0];
  for (const said of [
    'Incidents have extended Post-Deployment Review of shop 1.4.0 to production for as long as they may: not stable for long enough.',
    'Without an answer nothing changes',
    'To roll back takes the release back at once.',
    'Incidents can extend it again for 7 days from the decision; then people decide again.',
    'the run ends as not stable.',
  ])
    expect(mail?.text).toContain(said);
});

test('a command in a mail stands in a line of its own, as it is copied, and no line ends within an option', () => {
  const mails = notificationsOf().map(renderMail);
  const commands = mails.flatMap(({ html }) => [...html.matchAll(/<code\b[^>]*>(.*?)<\/code>/g)].map(([, inner = '']) => inner));
  expect(commands.length).toBeGreaterThan(2);
  for (const one of commands) {
    expect(one.replaceAll(/<span style="white-space:nowrap">--[a-z0-9]+<\/span>/g, '')).not.toContain('--');
    const command = one.replace(/<[^>]+>/g, '');
    expect(command).toMatch(/^holdpoint [a-z-]+ 2026/);
    expect(mails.some(({ text }) => text.split('\n').includes(command))).toBe(true);
  }
});

test('what leads to a list is its heading in a mail', () => {
  const [asked = ''] = notificationsOf()
    .filter(({ kind }) => kind === 'approval-requested')
    .map((one) => renderMail(one).html);
  expect(asked).toMatch(/<p style="font-weight:600;margin-bottom:0">\d+ exceptions in the run so far:<\/p>\n<ul/);
  expect(asked).not.toMatch(/font-weight:600;margin-bottom:0">Why:/);
});

describe('text of callers in mails', () => {
  const broken = `1.0\r\nBcc: all@evil.example\r\n\r\n<p>\u202egnp\u2028x`;

  test.each([hostile, broken, 'www.evil.example or https://evil.example/sign-in'])('%j stays text, on one line, without a link', (text) => {
    for (const notification of notificationsOf({ version: text, name: text, text })) {
      const mail = renderMail(notification);
      expect(mail.subject).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(mail.text.replace(/\n\n|\n(?=- )/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(mail.html).not.toMatch(/<(img|script)\b|<p>x/);
      expect(`${mail.subject} ${mail.text} ${mail.html}`.replaceAll(url, '')).not.toMatch(/:\/\/(?! )|www\.(?! )/);
    }
  });

  test('cannot start a header of the message', async () => {
    for (const notification of notificationsOf({ version: broken })) {
      const mail = renderMail(notification);
      const mime = (
        await toMime('Holdpoint <holdpoint@example.com>', { to: { name: broken, address: 'tove@example.com' }, ...mail })
      ).toString();
      const head = mime.slice(0, mime.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
      expect(
        head
          .split('\r\n')
          .map((header) => header.slice(0, header.indexOf(':')).toLowerCase())
          .sort(),
      ).toEqual(['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'].sort());
      expect(head).toMatch(/^To: [^\r]*<tove@example\.com>$/m);
    }
  });
});
