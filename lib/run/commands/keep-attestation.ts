import type { DataOf } from '../../audit/event.ts';
import { canonical, sha256 } from '../../canonical-json.ts';
import type { AttestationFacts } from '../../evidence/attestation.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';

type Said = {
  /** Whose words they are: the run's or the service's. */
  readonly about: string;
  readonly scope: string;
  readonly check: string;
  readonly role: AttestationFacts['role'];
  readonly statement: string;
  readonly request: string;
};

/**
 * Keeps what a person states about a check: the words in the people's store, where they can be erased, and beside them facts that hold their
 * salted digest. Returns the facts and what the event says of them.
 */
export const keepAttestation = async (
  deps: Pick<Dependencies, 'people' | 'evidence' | 'clock'>,
  { about, scope, check, role, statement, request }: Said,
  { id }: PersonCaller,
) => {
  const facts: AttestationFacts = { type: 'attestation', statement: await deps.people.keep(about, statement), person: id, role };
  const bytes = new TextEncoder().encode(canonical(facts));
  const digest = sha256(bytes);
  await deps.evidence.put(scope, digest, bytes, 'application/json');
  const data = {
    evidence: 'attestation',
    source: 'person',
    component: null,
    commit: null,
    artifact: null,
    digest,
    facts: digest,
    bytes: bytes.byteLength,
    madeAt: deps.clock.now().toISOString(),
    producer: { run: `${id}/${request}`, attempt: 1 },
    exitCode: null,
    serves: [check],
  } satisfies DataOf<'evidence.recorded'>;
  return { facts, data };
};
