import type { Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import type { Dependencies } from '../../ports.ts';

type Reader = Pick<Dependencies, 'trail'>;

/** So many events are read first: what a service gives in some months. */
const tailLength = 64;

/**
 * The lane of a service's standing evidence as far back as `since`: its end, and further where that is younger. So its length is no cost, only
 * what was given within the longest age that a check allows.
 */
export const readStandingSince = async (deps: Reader, service: string, since: Date): Promise<readonly Stored[]> => {
  for (let last = tailLength; ; last *= 4) {
    const tail = await deps.trail.read(scopes.service(service), { lane: lanes.standing, last });
    const first = tail[0]?.event;
    if (first === undefined || tail.length < last || first.seq === 1 || first.at <= since.toISOString()) return tail;
  }
};

export const readStandingFrom = (deps: Reader, service: string, fromSeq: number): Promise<readonly Stored[]> =>
  deps.trail.read(scopes.service(service), { lane: lanes.standing, fromSeq });
