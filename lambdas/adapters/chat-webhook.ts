import type { Chat, Notification } from '../../lib/ports.ts';

/** Milliseconds. */
const limitMs = 5_000;
/** A changed webhook is used after this time. Milliseconds. */
const keepMs = 300_000;

type Parts = {
  /** Reads the address of the webhook, which is a secret: who has it can write to the channel. */
  readonly readAddress: () => Promise<string>;
  readonly render: (notification: Notification) => object | Promise<object>;
  readonly now: () => number;
};

/**
 * A chat channel behind an incoming webhook. It throws when the channel did not take the message, so that it is sent again as a mail is;
 * neither the address nor the answer stands in the error.
 */
export const createChatWebhook = ({ readAddress, render, now }: Parts): Chat => {
  let known: { readonly until: number; readonly address: URL } | undefined;
  const address = async (): Promise<URL> => {
    if (known === undefined || known.until < now()) known = { until: now() + keepMs, address: webhook(await readAddress()) };
    return known.address;
  };
  return {
    tell: async (notification) => {
      const answer = await fetch(await address(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(await render(notification)),
        redirect: 'error',
        signal: AbortSignal.timeout(limitMs),
      }).catch((fault: unknown) => {
        throw new Error(`the chat webhook did not answer: ${fault instanceof Error ? fault.name : 'unknown fault'}`);
      });
      if (answer.ok) return;
      // The webhook may have been replaced: the next attempt reads the secret again.
      known = undefined;
      throw new Error(`the chat webhook answered with status ${answer.status}`);
    },
  };
};

const webhook = (text: string): URL => {
  const url = URL.parse(text.trim());
  const isLocal = url !== null && url.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
  if (url === null || !(url.protocol === 'https:' || isLocal)) throw new Error('the secret of the chat webhook is no https address');
  return url;
};
