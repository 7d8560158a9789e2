import { createHash } from 'node:crypto';
import { ReadableStream } from 'node:stream/web';
import type { Answer, AnswerOf, Client } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import type { Problem } from '../api/problem.ts';
import { Unreachable } from '../api/unreachable.ts';
import { isEncrypted } from './connect.ts';
import type { Io } from './io.ts';
import { ownProblem } from './problem.ts';
import { type Progress, progressOf } from './upload-progress.ts';

type Recorded = AnswerOf<(typeof operations)['recordEvidence']>;
type Announced = Parameters<Client['requestUpload']>[0]['body'];
type Address = AnswerOf<(typeof operations)['requestUpload']>;
type Uploading = {
  readonly client: Client;
  readonly run: string;
  readonly file: string;
  readonly size: number;
  readonly about: Omit<Announced, 'bytes' | 'sha256'>;
  /** Shows no progress. */
  readonly quiet: boolean;
};

/** Pauses before the bytes are sent again. */
const pausesMs = [1_000, 5_000];
/** A slow line: 50 MB in ten minutes are 85 KB a second. */
const sendingMs = 10 * 60_000;
/** How long the outcome is asked for. The function retries twice in some three minutes. */
const waitingMs = 5 * 60_000;
const silenceMs = 60_000;

/**
 * Sends a report that is too large for a request of the API: announces it, puts its bytes to the address that it gets, and asks until it is
 * judged. The file is read twice, and never held whole. Throws `Unreachable`, and what reading the file throws.
 */
export const uploadReport = async (io: Io, given: Uploading): Promise<Answer<Recorded>> => {
  const progress = progressOf(io, given);
  try {
    const announced = { ...given.about, ...(await measured(io, given.file)) };
    const put = await putBytes(io, given, announced, progress);
    if (put.problem !== undefined) return put;
    progress.waiting();
    return await outcomeOf(io, given, put.ok.upload);
  } finally {
    progress.end();
  }
};

const measured = async (io: Io, file: string): Promise<{ readonly bytes: number; readonly sha256: string }> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of io.pieces(file)) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
};

/** Sends the bytes until the store has them all. An address is used again while it is good. */
const putBytes = async (io: Io, given: Uploading, announced: Announced, progress: Progress): Promise<Answer<Address>> => {
  const { client, run, file } = given;
  let address: Address | undefined;
  for (let tried = 0; ; tried += 1) {
    if (address === undefined) {
      const asked = await client.requestUpload({ params: { run }, body: announced });
      if (asked.problem !== undefined) return asked;
      address = asked.ok;
    }
    const answer = await putOnce(io, file, address, progress);
    if (answer.ok) return { ok: address };
    const pause = pausesMs[tried];
    if (answer.problem !== undefined) return { problem: answer.problem };
    if (pause === undefined) throw new Unreachable(`the bytes of ${file} could not be uploaded: ${answer.why}`, { cause: answer.cause });
    progress.again(answer.why, pause / 1000);
    await io.sleep(pause);
    if (answer.isStale || Date.parse(address.expires) <= io.now().getTime() + 60_000) address = undefined;
  }
};

type Put =
  | { readonly ok: true; readonly problem?: never }
  | { readonly ok: false; readonly problem: Problem }
  | { readonly ok: false; readonly problem?: never; readonly why: string; readonly cause?: unknown; readonly isStale: boolean };

const putOnce = async (io: Io, file: string, { url, headers }: Address, progress: Progress): Promise<Put> => {
  if (!isEncrypted(new URL(url)))
    return {
      ok: false,
      problem: ownProblem('report-not-sent', `${file} was not sent, because the server named an address without encryption.`),
    };
  let fault: unknown;
  const pieces = async function* () {
    try {
      for await (const piece of io.pieces(file)) {
        yield piece;
        progress.sent(piece.byteLength);
      }
    } catch (thrown) {
      fault = thrown;
      throw thrown;
    }
  };
  progress.begin();
  // A stream is sent half-duplex; the types of `fetch` know neither the member nor the stream of Node.
  const init = {
    method: 'PUT',
    headers,
    body: ReadableStream.from(pieces()),
    duplex: 'half',
    redirect: 'error',
    signal: AbortSignal.timeout(sendingMs),
  };
  let response: Response;
  try {
    response = await io.fetch(url, init as unknown as RequestInit);
  } catch (cause) {
    if (fault !== undefined) throw fault;
    return { ok: false, why: 'the connection broke', cause, isStale: false };
  }
  const text = await response.text().catch(() => '');
  if (response.ok) return { ok: true };
  const code = /<Code>([\w.]{1,64})<\/Code>/.exec(text)?.[1] ?? '';
  const why = `the store answered ${response.status} ${code}`.trim();
  if (response.status === 403) return { ok: false, why, isStale: true };
  if (response.status >= 500 || response.status === 429 || code === 'RequestTimeout') return { ok: false, why, isStale: false };
  return {
    ok: false,
    problem: ownProblem('report-not-sent', `${file} was not taken: ${why}.`, {
      got: 'other bytes than were announced, or another length',
      expected: 'the file as it was when the command began',
      fix: 'Send it again when nothing writes to it any more.',
    }),
  };
};

/** Asks until the report is recorded or refused. A server that does not answer for a moment is asked again. */
const outcomeOf = async (io: Io, { client, run, file }: Uploading, upload: string): Promise<Answer<Recorded>> => {
  const began = io.now().getTime();
  let heard = began;
  for (let pause = 250; ; pause = Math.min(2_000, pause * 2)) {
    await io.sleep(pause);
    const answer = await client.readUpload({ params: { run, upload } }).catch((fault: unknown) => {
      if (!(fault instanceof Unreachable) || io.now().getTime() - heard > silenceMs) throw fault;
      return undefined;
    });
    if (answer === undefined) continue;
    if (answer.problem !== undefined) return answer;
    heard = io.now().getTime();
    const { state, recorded, problem } = answer.ok;
    if (state === 'recorded' && recorded !== undefined) return { ok: recorded };
    if (state === 'refused' && problem !== undefined) return { problem };
    if (heard - began > waitingMs)
      return {
        problem: ownProblem(
          'report-not-judged',
          `Holdpoint has the bytes of ${file}, and did not judge them within ${waitingMs / 60_000} minutes.`,
          {
            got: `no outcome of the upload ${upload}`,
            expected: 'an outcome within seconds',
            fix: 'Look at the run later: the report may be there by then. To send it again records nothing twice.',
          },
        ),
      };
  }
};
