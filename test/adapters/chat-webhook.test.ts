import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createChatWebhook } from '../../lambdas/adapters/chat-webhook.ts';
import { renderChat } from '../../lib/console/mails.ts';
import { notificationsOf, url } from '../pages/notifications.ts';
import { hostile } from '../pages/page-scenarios.ts';

const notification = notificationsOf().find(({ kind }) => kind === 'approvals-open') ?? expect.fail('no sample');

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A webhook that answers with these statuses, one after the other. */
const webhook = async (...statuses: readonly number[]) => {
  const got: { readonly type: string | undefined; readonly body: { readonly text: string; readonly blocks: readonly object[] } }[] = [];
  const left = [...statuses];
  server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (part: Buffer) => {
      text += part.toString();
    });
    incoming.on('end', () => {
      got.push({ type: incoming.headers['content-type'], body: JSON.parse(text) });
      outgoing.writeHead(left.shift() ?? 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { got, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/secret` };
};

describe('a chat webhook', () => {
  test('gets text and blocks with one link to the page, as Slack takes them', async () => {
    const { got, address } = await webhook();
    await createChatWebhook({ readAddress: async () => address, render: renderChat, now: Date.now }).tell(notification);
    expect(got).toEqual([
      {
        type: 'application/json',
        body: {
          text: 'Go / no-go: shop 1.4.0 to production waits for approval',
          blocks: [
            { type: 'header', text: { type: 'plain_text', text: 'Go / no-go: shop 1.4.0 to production waits for approval' } },
            { type: 'section', text: { type: 'plain_text', text: expect.stringContaining('technical lead, product owner') } },
            { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open the run' }, url }] },
          ],
        },
      },
    ]);
  });

  test.each([
    ['the zone of the channel and UTC', 'Europe/Berlin', '2026-03-09 09:00', '2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)'],
    ['UTC where the stage names no zone', 'UTC', '2026-03-09 08:00', 'until 2026-03-09 08:00 UTC.'],
  ])('gets times in %s', (_, zone, local, said) => {
    const expires = { at: '2026-03-09T08:00:00.000Z', local, zone };
    const message = renderChat({ ...notification, expires } as typeof notification);
    expect(JSON.stringify(message.blocks)).toContain(said);
  });

  test('that does not take a message is a fault without its address, and the secret is read again', async () => {
    const { got, address } = await webhook(404, 200);
    let read = 0;
    const chat = createChatWebhook({
      readAddress: async () => {
        read += 1;
        return address;
      },
      render: renderChat,
      now: Date.now,
    });
    const fault = await chat.tell(notification).catch((thrown: unknown) => String(thrown));
    expect(fault).toBe('Error: the chat webhook answered with status 404');
    await chat.tell(notification);
    await chat.tell(notification);
    expect([got.length, read]).toEqual([3, 2]);
  });

  test.each(['http://hooks.example.com/x', 'no address', 'file:///etc/passwd'])('at %s is refused without naming it', async (address) => {
    const chat = createChatWebhook({ readAddress: async () => address, render: renderChat, now: Date.now });
    await expect(chat.tell(notification)).rejects.toThrow('no https address');
  });

  test('gets nothing that mentions people or fits no block, whatever people wrote', () => {
    for (const one of notificationsOf({
      version: `<!channel> ${hostile.slice(0, 60)}`,
      text: `<!here> \u001b]0;x\u0007 \u202egnp\u2028x ${'long '.repeat(2_000)}`,
    })) {
      const message = renderChat(one);
      expect(message.text).not.toMatch(/[<>]/);
      expect(JSON.stringify(message)).not.toContain('mrkdwn');
      // A line may end; nothing hides, turns or steers what is read.
      expect(JSON.stringify(message).replaceAll('\\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]|\\u00/u);
      for (const { text } of message.blocks as { text?: { text: string } }[]) expect(text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
    }
  });
});
