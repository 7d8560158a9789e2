import type { DataOf } from '../../audit/event.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import type { AttestationFacts } from '../../evidence/attestation.ts';
import { type AttestedFile, attestedFile } from '../../evidence/attested-file.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import { type Bearer, withinLimits } from './limits.ts';

/** What a person states, as the API parses it. */
export type Statement = {
  readonly statement: string;
  /** Until when it holds. */
  readonly validUntil?: string | undefined;
  /** What shows it. */
  readonly file?: Uint8Array | undefined;
};

type Said = Statement & {
  /** Whose words they are: the run's or the service's. */
  readonly about: string;
  readonly scope: string;
  readonly bearer: Bearer;
  readonly check: { readonly id: string; readonly maxAgeSeconds: number | null };
  readonly role: AttestationFacts['role'];
  readonly request: string;
};
type Attested = {
  readonly facts: AttestationFacts;
  readonly data: DataOf<'evidence.recorded'>;
};

/**
 * Keeps what a person states about a check: the words in the people's store, where they can be erased, the file in the evidence store, and beside
 * them facts that hold the digests of both. Returns the facts and what the event says of them.
 */
export const keepAttestation = async (
  deps: Pick<Dependencies, 'people' | 'evidence' | 'clock' | 'quotas'>,
  said: Said,
  caller: PersonCaller,
): Promise<Outcome<Attested>> => {
  const { about, scope, check, role, statement, request, validUntil } = said;
  const now = deps.clock.now();
  const no = badValidity(check, validUntil, now);
  if (no !== undefined) return no;
  const file = said.file === undefined ? ok(undefined) : attestedFile(said.file);
  if (file.refused) return file;
  if (said.file !== undefined) {
    const over = await withinLimits(deps, said.bearer, caller, { pieces: 1, bytes: said.file.byteLength });
    if (over !== undefined) return over;
  }
  const kept = said.file === undefined || file.ok === undefined ? undefined : await keepFile(deps, scope, said.file, file.ok);
  const facts: AttestationFacts = {
    type: 'attestation',
    statement: await deps.people.keep(about, statement),
    person: caller.id,
    role,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(kept === undefined ? {} : { file: kept.file }),
  };
  const bytes = new TextEncoder().encode(canonical(facts));
  const digest = sha256(bytes);
  await deps.evidence.put(scope, digest, bytes, 'application/json');
  return ok({
    facts,
    data: {
      evidence: 'attestation',
      source: 'person',
      component: null,
      commit: null,
      artifact: null,
      digest: kept?.file.digest ?? digest,
      facts: digest,
      bytes: kept?.file.bytes ?? bytes.byteLength,
      ...(kept?.received === undefined ? {} : { received: kept.received }),
      madeAt: now.toISOString(),
      ...(validUntil === undefined ? {} : { validUntil }),
      producer: { run: `${caller.id}/${request}`, attempt: 1 },
      exitCode: null,
      serves: [check.id],
    },
  });
};

/** Under the digest of what is kept. `received`: where secrets were taken out. */
const keepFile = async (
  { evidence }: Pick<Dependencies, 'evidence'>,
  scope: string,
  received: Uint8Array,
  { mediaType, kept }: AttestedFile,
): Promise<{
  readonly file: NonNullable<AttestationFacts['file']>;
  readonly received: DataOf<'evidence.recorded'>['received'];
}> => {
  const file = { digest: sha256(kept), bytes: kept.byteLength, mediaType };
  await evidence.put(scope, file.digest, kept, mediaType);
  const digest = sha256(received);
  return { file, received: digest === file.digest ? undefined : { digest, bytes: received.byteLength } };
};

/** Nobody says for longer than the check takes a word, and nobody says what counts no more. */
const badValidity = (
  { id, maxAgeSeconds }: Said['check'],
  validUntil: string | undefined,
  now: Date,
): { readonly refused: Refusal } | undefined => {
  if (validUntil === undefined) return undefined;
  const longest = maxAgeSeconds === null ? null : new Date(now.getTime() + maxAgeSeconds * 1000).toISOString();
  if (validUntil > now.toISOString() && (longest === null || validUntil <= longest)) return undefined;
  return refuse(
    'attestation-validity',
    `An attestation of the check ${id} must be valid until a time in the future${longest === null ? '' : ', and no longer than the check takes it'}.`,
    {
      got: validUntil,
      expected: `after ${now.toISOString()}${longest === null ? '' : `, not after ${longest}`}`,
      fix: 'Name another end, or none: then it counts as long as the check takes it.',
    },
  );
};
