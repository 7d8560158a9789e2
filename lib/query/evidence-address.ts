import { isType } from '../audit/event.ts';
import { lanes, scopes } from '../audit/lane.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import type { EvidenceAddresses } from '../uploads.ts';

/** How long the address of a report is good. A browser and the command line follow it at once. */
const seconds = 60;

/** Evidence as it was kept: its digest, how many bytes there are, the type that was given, and where to read it until when. */
export type EvidenceAddress = {
  readonly digest: string;
  readonly bytes: number;
  readonly evidence: string;
  readonly event: string;
  readonly url: string;
  readonly until: string;
};
/** Whose evidence: of a run, or of a service, whose evidence stands. */
export type AskedEvidence = { readonly digest: string; readonly run?: string | undefined; readonly service?: string | undefined };

/**
 * Where the evidence with this digest can be read, also evidence that did not pass. Only what an event of the run or the service names gets an
 * address: the store holds other objects.
 */
export const findEvidence = async (
  deps: Pick<Dependencies, 'trail' | 'clock'> & { readonly downloads: EvidenceAddresses },
  { digest, run, service }: AskedEvidence,
): Promise<Outcome<EvidenceAddress>> => {
  const [scope, range] =
    run === undefined
      ? ([scopes.service(service ?? ''), { lane: lanes.standing }] as const)
      : ([scopes.run(run), { prefix: 'evidence/' }] as const);
  const events = (await deps.trail.read(scope, range)).filter(isType('evidence.recorded'));
  const found = events.find(({ event }) => event.data.digest === digest)?.event;
  if (found === undefined)
    return refuse('evidence-unknown', `No event of the ${run === undefined ? 'service' : 'run'} names this digest of evidence.`, {
      got: digest,
      expected: `the digest of an event evidence.recorded of ${scope}`,
      fix: 'Read the events of type evidence.recorded, which have the digests.',
    });
  const until = new Date(deps.clock.now().getTime() + seconds * 1000).toISOString();
  const { evidence, bytes } = found.data;
  return ok({ digest, bytes, evidence, event: found.id, url: await deps.downloads.address(scope, digest, seconds), until });
};
