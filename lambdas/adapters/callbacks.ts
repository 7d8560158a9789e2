import type { CallbackTarget } from '../../lib/checklist/callbacks.ts';
import { type DialDependencies, dial } from '../../lib/collectors/dial.ts';
import type { CallbackMessage, Callbacks } from '../../lib/ports.ts';

/** Milliseconds. */
const limitMs = 5_000;

type Parts = DialDependencies & {
  /** Callbacks by service. */
  readonly targets: Readonly<Record<string, readonly CallbackTarget[]>>;
  /** Reads the text of a secret. It is read for each call: a replaced token counts at once, and calls are few. */
  readonly readSecret: (arn: string) => Promise<string>;
};

/** A request that tells a receiver, in the form that its API documents. */
type Outgoing = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/**
 * Calls pipelines back over https. It throws when the receiver did not take the message, so that it is sent again as a mail is; neither the secret nor
 * the answer stands in the error. The name is resolved once and its addresses are checked, as those of probes are.
 */
export const createCallbacks = ({ targets, readSecret, ...deps }: Parts): Callbacks => ({
  call: async (id, message) => {
    const target = targets[message.service]?.find((one) => one.id === id);
    if (target === undefined) throw new Error(`${message.service} has no callback ${id}`);
    const secret = (await readSecret(target.secretArn)).trim();
    const { url, headers, body } = requestOf(target, secret, message);
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') throw new Error(`the callback ${id} has no https address`);
    const answer = await dial(deps, {
      url,
      method: 'POST',
      headers: { 'user-agent': 'holdpoint', ...headers },
      body,
      timeoutMs: limitMs,
      privateAddresses: target.privateAddresses,
    });
    // Of a receiver whose address is the secret, the host would be a part of it.
    const shown = (why: string): string => (target.kind === 'https' ? 'no answer' : why.replaceAll(secret, '…'));
    if ('failed' in answer) throw new Error(`the callback ${id} was not taken: ${shown(answer.failed)}`);
    if (answer.status < 200 || answer.status > 299) throw new Error(`the callback ${id} was answered with status ${answer.status}`);
  },
});

const requestOf = (target: CallbackTarget, secret: string, message: CallbackMessage): Outgoing => {
  if (target.kind === 'github') return dispatchOf(target, secret, message);
  if (target.kind === 'gitlab') return triggerOf(target, secret, message);
  return {
    url: secret,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: 'holdpoint.callback/1', ...message }),
  };
};

/** https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event; the payload has ten members at most. */
const dispatchOf = (
  { api, repository, eventType }: Extract<CallbackTarget, { kind: 'github' }>,
  token: string,
  message: CallbackMessage,
): Outgoing => ({
  url: `${api}/repos/${repository}/dispatches`,
  headers: {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'x-github-api-version': '2022-11-28',
  },
  body: JSON.stringify({ event_type: eventType, client_payload: tenMembers(message) }),
});

/** The link follows from the run, so that it makes room for what blocks a gate. */
const tenMembers = ({ link, blockers, ...message }: CallbackMessage) => ({
  ...message,
  ...(blockers === undefined ? { link } : { blockers }),
});

/** https://docs.gitlab.com/api/pipeline_triggers/#trigger-a-pipeline-with-a-token: the token in the body, so that no log of addresses has it. */
const triggerOf = (
  { api, project, ref }: Extract<CallbackTarget, { kind: 'gitlab' }>,
  token: string,
  message: CallbackMessage,
): Outgoing => ({
  url: `${api}/projects/${encodeURIComponent(project)}/trigger/pipeline`,
  headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({
    token,
    ref,
    ...Object.fromEntries(
      Object.entries(message).map(([name, value]) => [
        `variables[HOLDPOINT_${name.toUpperCase()}]`,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  }).toString(),
});
