import * as z from 'zod';
import { signValue, verifyValue } from '../../lib/api/signed-value.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Mac } from '../../lib/ports.ts';
import { mayKeepDraft } from '../../lib/run/commands/limits.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

/** A draft waits this long for the person to come back from the sign-in. */
const draftSeconds = 3600;
/** An item of DynamoDB has 400 KB at most, with its other attributes and their names. */
const mostDraftBytes = 390_000;

/** `link`: the hash of the page's link. The address of the page carries this, signed, and never the note. */
const sealSchema = z.strictObject({ id: z.string(), link: z.string(), person: z.string(), exp: z.int() });
/** `link`: the path of the page. */
type Of = { readonly link: string; readonly person: string };
type DraftDependencies = Pick<PeopleDependencies, 'idempotency' | 'clock' | 'random' | 'quotas'>;

const keyOf = (id: string): string => sha256(`draft\n${id}`);

/**
 * Keeps what was typed into a form that takes a new sign-in, and returns what the page's address carries through it. Undefined where so much
 * of this person waits already that no more is kept, and of a text that is longer than what can be kept.
 */
export const keepDraft = async (deps: DraftDependencies, mac: Mac, { link, person }: Of, draft: object): Promise<string | undefined> => {
  const body = JSON.stringify(draft);
  const answer = { status: 200, contentType: 'application/json', body, headers: {} };
  // As it is stored: JSON in JSON.
  if (Buffer.byteLength(JSON.stringify(answer)) > mostDraftBytes || !(await mayKeepDraft(deps, person))) return undefined;
  const id = deps.random.token(16);
  const now = deps.clock.now();
  await deps.idempotency.begin(keyOf(id), 'draft', now);
  await deps.idempotency.finish(keyOf(id), answer, now, draftSeconds * 1000);
  return signValue(mac, 'draft', { id, link: sha256(link), person, exp: Math.floor(now.getTime() / 1000) + draftSeconds });
};

/** The draft of this person for this link, read by `schema`; undefined for anything else, and after an hour. */
export const readDraft = async <T>(
  deps: Pick<DraftDependencies, 'idempotency' | 'clock'>,
  mac: Mac,
  { link, person, schema }: Of & { readonly schema: z.ZodType<T> },
  sealed: string | undefined,
): Promise<T | undefined> => {
  const seal = sealed === undefined ? undefined : await verifyValue(mac, 'draft', sealSchema, sealed);
  const now = deps.clock.now();
  if (seal === undefined || seal.link !== sha256(link) || seal.person !== person || seal.exp * 1000 <= now.getTime()) return undefined;
  const kept = await deps.idempotency.begin(keyOf(seal.id), 'draft', now);
  return kept.state === 'done' ? schema.safeParse(JSON.parse(kept.answer.body)).data : undefined;
};
