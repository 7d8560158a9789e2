import { describe, expect, test } from 'vitest';
import { renderMail } from '../../lib/console/mails.ts';
import { mailsFor, mailsIn, readMailbox } from '../../lib/local/mailbox.ts';
import { type LocalMail, mailSchema } from '../../lib/local/printed.ts';
import { notificationsOf } from '../pages/notifications.ts';

const message = (Subject: string, Timestamp: number) => ({
  MessageId: 'm',
  Source: 'Holdpoint <holdpoint@example.com>',
  To: ['tove@example.com'],
  Subject,
  BodyText: 'Open http://localhost:4630/approvals/abc',
  BodyHtml: '<p>Open</p>',
  Timestamp,
});

describe('the local mailbox', () => {
  test('lists mails in the order in which they were sent', () => {
    const answer = { messages: { '000000000000': [message('second', 1_795_534_950.5), message('first', 1_795_534_949.25)] } };
    expect(mailsIn(answer).map((mail) => mailSchema.parse(mail))).toEqual(mailsIn(answer));
    expect(mailsIn(answer)).toEqual([
      expect.objectContaining({ subject: 'first', at: '2026-11-24T15:42:29.250Z' }),
      {
        to: 'tove@example.com',
        subject: 'second',
        text: 'Open http://localhost:4630/approvals/abc',
        html: '<p>Open</p>',
        at: '2026-11-24T15:42:30.500Z',
      },
    ]);
  });

  test('is empty before the first mail, and contains no mails of another account', () => {
    expect(mailsIn({ messages: {} })).toEqual([]);
    expect(mailsIn({ messages: { '111111111111': [message('of another', 1)] } })).toEqual([]);
  });

  test('an answer of another shape is an error, not an empty mailbox', () => {
    expect(() => mailsIn({})).toThrow();
    expect(() => mailsIn({ messages: { '000000000000': [{ Subject: 'half' }] } })).toThrow();
  });

  test('is narrowed by recipient, subject and run, each in any case of letters and together', () => {
    const of = (to: string, subject: string, text: string): LocalMail => ({
      to,
      subject,
      text,
      html: null,
      at: '2026-11-24T15:42:29.250Z',
    });
    const run = '20261127-080000-abcdefghjk';
    const mails = [
      of('dana@example.com', 'Go / no-go: your answer is needed', `Run ${run}.`),
      of('dana@example.com', 'Recalled: Go / no-go', `http://localhost/runs/${run}`),
      of('ole@example.com', 'Go / no-go: your answer is needed', `Run ${run}z.`),
    ];
    const found = (filter: Parameters<typeof mailsFor>[1]) => mailsFor(mails, filter).map((mail) => mails.indexOf(mail));
    expect([found({}), found({ to: 'DANA@' }), found({ subject: 'recalled' }), found({ run })]).toEqual([[0, 1, 2], [0, 1], [1], [0, 1]]);
    expect([found({ to: 'ole', run }), found({ to: 'dana', subject: 'answer', run }), found({ run: run.slice(0, -1) })]).toEqual([
      [],
      [0],
      [],
    ]);
  });

  test('every mail about a run names it, so that the filter by run finds it', () => {
    for (const notification of notificationsOf()) {
      const { text, subject } = renderMail(notification);
      const mail = { to: 'a@example.com', subject, text, html: null, at: '2026-11-24T15:42:29.250Z' };
      if ('run' in notification) expect(mailsFor([mail], { run: notification.run }).length, notification.kind).toBe(1);
    }
  });

  test('an endpoint that does not answer is reported', async () => {
    await expect(readMailbox('http://127.0.0.1:9')).rejects.toMatchObject({ type: 'endpoint-silent' });
  });
});
