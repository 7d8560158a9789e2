import { describe, expect, test } from 'vitest';
import { toMime } from '../../lambdas/adapters/ses-mailer.ts';
import { renderMail } from '../../lib/console/mails.ts';
import type { Notification } from '../../lib/ports.ts';
import { notificationsOf, url } from './notifications.ts';
import { hostile } from './page-scenarios.ts';

/** The words of a mail's HTML part, a paragraph each. */
const paragraphsOf = (html: string): string[] =>
  [...html.matchAll(/<p\b[^>]*>([\s\S]*?)<\/p>/g)].map(([, inner = '']) =>
    inner.replace(/<[^>]+>/g, '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );

describe.each(notificationsOf().map((notification) => [notification.kind, notification] as const))('the mail %s', (_kind, notification) => {
  const mail = renderMail(notification);

  test('names the release in its subject', () => {
    expect(mail.subject).toContain('shop 1.4.0 to production');
    if (notification.kind === 'approval-requested' && notification.round === 1)
      expect(mail.subject).toBe('Go / no-go: your answer is needed for shop 1.4.0 to production');
  });

  test('says the same as text and as HTML', () => {
    const text = mail.text.split('\n\n').filter((part) => part !== '-- ');
    const html = paragraphsOf(mail.html);
    expect(text.map((part) => part.replace(`: ${url}`, ''))).toEqual(html.filter((part) => part !== url));
    expect(html).toContain(url);
  });

  test('has one link, fetches nothing and runs nothing', () => {
    expect([...mail.html.matchAll(/\s(?:href|src|action|background)="([^"]*)"/g)].map(([, address]) => address)).toEqual([url]);
    expect(mail.html).not.toMatch(/<(img|script|style|link|form|iframe)\b|url\(|@import/i);
    expect(mail.text.match(/https?:\/\//g)).toHaveLength(1);
  });

  test('is readable on a phone, and tells mail programs not to invert its colours', () => {
    expect(mail.html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(mail.html).toContain('<meta name="color-scheme" content="light"><meta name="supported-color-schemes" content="light">');
    expect(mail.html).toContain('overflow-wrap:anywhere');
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
    ['attestations-due', 1, '- Database backup 12 (check-12)', 'a list that is cut would say that a person owes no more'],
    ['deployment-failed', 0, 'roll the release back', 'both ways on are named'],
    ['gate-blocked', 0, 'record a rollback trigger', 'after T0 a blocked gate may mean a rollback'],
    ['incident-opened', 0, 'resume the run at that gate, or end it', 'only operations leads decide'],
    ['incident-opened', 1, 'tell operations what you know', 'the others do not decide'],
    ['run-ended', 5, 'Find the cause before the next release', 'it has been taken back already'],
    ['rollback-decision', 0, 'Without an answer the release is rolled back at', 'silence decides here'],
    ['rollback-decision', 1, 'Silence decides nothing', 'and nothing there'],
  ])('%s %i: %s (%s)', (kind, place, words) => {
    expect(textsOf(kind)[place]).toContain(words);
  });
});

describe('text of callers in mails', () => {
  const broken = `1.0\r\nBcc: all@evil.example\r\n\r\n<p>\u202egnp\u2028x`;

  test.each([hostile, broken, 'www.evil.example or https://evil.example/sign-in'])('%j stays text, on one line, without a link', (text) => {
    for (const notification of notificationsOf({ version: text, name: text, text })) {
      const mail = renderMail(notification);
      expect(mail.subject).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(mail.text.replaceAll('\n\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
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
