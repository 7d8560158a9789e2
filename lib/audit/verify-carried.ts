import { isType, type Stored } from './event.ts';
import { lanes, scopes } from './lane.ts';
import type { BadEvent } from './verify-lane.ts';

/** What a service's lane says of evidence that a run carries; the lane itself is verified like every other one. */

/**
 * The first event of a run that carries evidence which its service's lane does not hold like this: the evidence itself, and where a person gave
 * it the confirmation of another one. `standing`: the service's lane `standing`, whole or from its first event on.
 */
export const badCarried = (events: readonly Stored[], standing: readonly Stored[]): BadEvent | undefined => {
  const service = events.find(isType('run.started'))?.event.data.service ?? '';
  for (const stored of events) {
    const reason = isType('evidence.carried')(stored)
      ? againstCarried(stored, scopes.service(service), standing)
      : isType('standing.read')(stored)
        ? againstMark(stored, scopes.service(service), standing)
        : isType('check.withdrawn')(stored)
          ? againstWithdrawal(stored, { scope: scopes.service(service), events, standing })
          : undefined;
    if (reason !== undefined) return { lane: stored.event.lane, seq: stored.event.seq, reason };
  }
  return undefined;
};

const at = (standing: readonly Stored[], seq: number, hash: string): Stored | undefined =>
  standing.find((stored) => stored.event.seq === seq && stored.hash === hash);

const againstMark = ({ event: { data } }: Stored<'standing.read'>, scope: string, standing: readonly Stored[]): string | undefined =>
  data.scope === scope && data.lane === lanes.standing && at(standing, data.seq, data.hash) !== undefined
    ? undefined
    : 'it names an event that the lane of the service does not hold';

/** The withdrawal is of the evidence that the run carries. */
const againstWithdrawal = (
  { event: { data } }: Stored<'check.withdrawn'>,
  { scope, events, standing }: { readonly scope: string; readonly events: readonly Stored[]; readonly standing: readonly Stored[] },
): string | undefined => {
  const origin = at(standing, data.from.seq, data.from.hash);
  const carried = events.find(
    (one): one is Stored<'evidence.carried'> => isType('evidence.carried')(one) && one.event.id === data.evidence,
  );
  const isSame =
    data.from.scope === scope &&
    data.from.lane === lanes.standing &&
    origin !== undefined &&
    isType('standing.withdrawn')(origin) &&
    origin.event.id === data.from.event &&
    origin.event.at === data.at &&
    origin.event.data.role === data.role &&
    carried !== undefined &&
    origin.event.data.evidence === carried.event.data.from.event &&
    carried.event.data.serves.includes(data.check);
  return isSame ? undefined : 'it names a withdrawal that the lane of the service does not hold';
};

const againstCarried = (
  { event: { data } }: Stored<'evidence.carried'>,
  scope: string,
  standing: readonly Stored[],
): string | undefined => {
  const origin = at(standing, data.from.seq, data.from.hash);
  if (data.from.scope !== scope || data.from.lane !== lanes.standing || origin === undefined || !isType('evidence.recorded')(origin))
    return 'it carries evidence that the lane of the service does not hold';
  const given = origin.event.data;
  const isSame =
    origin.event.id === data.from.event &&
    origin.event.at === data.givenAt &&
    (given.standing?.by ?? null) === data.by &&
    (given.standing?.environment ?? null) === data.environment &&
    (['evidence', 'source', 'digest', 'facts', 'madeAt', 'exitCode'] as const).every((name) => given[name] === data[name]) &&
    given.producer.run === data.producer.run &&
    given.producer.attempt === data.producer.attempt;
  if (!isSame) return 'it says something else than the evidence in the lane of the service';
  if (data.by === null) return undefined;
  const { confirmed } = data;
  const decided = confirmed === null ? undefined : at(standing, confirmed.seq, confirmed.hash);
  const isConfirmed =
    decided !== undefined &&
    isType('standing.decided')(decided) &&
    decided.event.data.decision === 'confirmed' &&
    decided.event.data.evidence === origin.event.id &&
    decided.event.data.by !== data.by;
  return isConfirmed ? undefined : 'it carries evidence of a person that no second person has confirmed';
};
