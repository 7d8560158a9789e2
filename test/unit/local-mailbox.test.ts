import { describe, expect, test } from 'vitest';
import { mailsIn, readMailbox } from '../../lib/local/mailbox.ts';
import { mailSchema } from '../../lib/local/printed.ts';

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

  test('an endpoint that does not answer is reported', async () => {
    await expect(readMailbox('http://127.0.0.1:9')).rejects.toMatchObject({ type: 'endpoint-silent' });
  });
});
