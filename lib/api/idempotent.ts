import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies, StoredAnswer } from '../ports.ts';

/**
 * Performs a request once per key. A retry with the same key and body gets the stored response, at any later time; another body is refused,
 * and so is a retry while the first request is running. `keeps` says which statuses are final and stored. After any other status and after
 * every fault the key is released, so that a retry performs the request.
 */
export const idempotent = async (
  deps: Pick<Dependencies, 'clock' | 'idempotency'>,
  key: string,
  bodyDigest: string,
  perform: () => Promise<Response>,
  keeps: (status: number) => boolean = (status) => status < 500,
): Promise<Outcome<Response>> => {
  const begun = await deps.idempotency.begin(key, bodyDigest, deps.clock.now());
  if (begun.state === 'done') return ok(replayed(begun.answer));
  if (begun.state === 'other-body') {
    return refuse('idempotency-key-reused', 'This Idempotency-Key belongs to another request.', {
      got: 'another route or body',
      expected: 'the route and body of the first request with this key',
      fix: 'Send a new request with a new key.',
    });
  }
  if (begun.state === 'in-progress') {
    return refuse('idempotency-in-progress', 'The first request with this Idempotency-Key is still running.', {
      got: 'a second request with this key',
      expected: 'one request at a time per key',
      fix: 'Wait a moment, then repeat it with the same key.',
    });
  }
  const response = await performed(deps, key, perform);
  if (!keeps(response.status)) {
    await deps.idempotency.release(key);
    return ok(response);
  }
  const body = await response.clone().text();
  await deps.idempotency.finish(
    key,
    { status: response.status, contentType: response.headers.get('content-type') ?? '', body, headers: keptHeaders(response) },
    deps.clock.now(),
  );
  return ok(response);
};

const performed = async (deps: Pick<Dependencies, 'idempotency'>, key: string, perform: () => Promise<Response>): Promise<Response> => {
  try {
    return await perform();
  } catch (thrown) {
    // If the release fails, the key's lease still ends; the operators need the first fault, not this one.
    await deps.idempotency.release(key).catch(() => undefined);
    throw thrown;
  }
};

const kept = ['location', 'cache-control', 'x-content-type-options'] as const;

const keptHeaders = (response: Response): Record<string, string> =>
  Object.fromEntries(
    kept.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

const replayed = (answer: StoredAnswer): Response =>
  new Response(answer.body === '' ? null : answer.body, {
    status: answer.status,
    headers: {
      ...answer.headers,
      ...(answer.contentType === '' ? {} : { 'content-type': answer.contentType }),
      'idempotency-replayed': 'true',
    },
  });
