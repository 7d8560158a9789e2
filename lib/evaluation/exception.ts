import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { cut } from '../canonical-json.ts';
import type { Item } from '../checklist/definition.ts';
import type { Verdict } from '../verdict.ts';
import { counted } from '../wording.ts';
import type { Finding } from './finding.ts';

type Proved = Pick<Finding, 'verdict' | 'reason'>;
type Excepted = Pick<Finding, 'reason'> & Partial<Pick<Finding, 'verdict' | 'basis' | 'goodUntil' | 'statement'>>;

/** From so many runs in a row on, a waiver is no exception any more but a habit. */
const habitual = 3;

/**
 * What people excepted of a check that is not satisfied by its proof: what changes in its finding; undefined where nobody did. Only the last
 * waiver counts, and nothing that was revoked. `shown`: evidence shows that the check concerns the release, so that no declaration stands.
 */
export const exceptionTo = (
  check: Pick<Item, 'optional' | 'waivable'>,
  proved: Proved,
  { events, now, shown }: { readonly events: readonly Stored[]; readonly now: Date; readonly shown?: string | undefined },
): Excepted | undefined => {
  // Exceptions for a part are another matter (`check-parts.ts`).
  const ofWhole = events.filter(({ event: { data } }) => !('subject' in data) || typeof data.subject !== 'object');
  const revoked = ofWhole.findLast(isType('check.exception-revoked'));
  const standing = revoked === undefined ? ofWhole : ofWhole.slice(ofWhole.lastIndexOf(revoked) + 1);
  const waived = standing.findLast(isType('check.waived'));
  const declared = standing.findLast(isType('check.not-applicable'));
  return (
    (shown === undefined ? notApplicable(check, proved.verdict, declared) : undefined) ??
    (waived === undefined || !check.waivable ? undefined : waiver(proved, waived, now)) ??
    (revoked === undefined ? undefined : { reason: cut(`${proved.reason}; ${revoked.event.data.by} revoked the exception`, 300) }) ??
    (declared === undefined || !check.optional
      ? undefined
      : {
          reason: cut(
            `${proved.reason}; ${shown ?? 'evidence was sent'}, so that "not applicable" by ${declared.event.data.by} does not count`,
            300,
          ),
        })
  );
};

/** What was sent and does not pass shows that the check applies. */
const notApplicable = (
  { optional }: Pick<Item, 'optional'>,
  verdict: Verdict,
  declared: Stored<'check.not-applicable'> | undefined,
): Excepted | undefined => {
  if (declared === undefined || !optional || verdict !== 'missing') return undefined;
  const { by, reason } = declared.event.data;
  return {
    verdict: 'not-applicable',
    basis: 'not-applicable',
    goodUntil: null,
    statement: { by, digest: reason },
    reason: `declared not applicable by ${by}`,
  };
};

/** Why a waiver counts no more. */
export const endOf = ({ by, until }: Pick<DataOf<'check.waived'>, 'by' | 'until'>): string => `the waiver of ${by} ended at ${until}`;

/** Flags a waiver that has become a habit. */
export const habitOf = (inARow = 1): string => (inARow < habitual ? '' : `; waived in ${counted(inARow, 'run')} in a row`);

const waiver = (proved: Proved, { event }: Stored<'check.waived'>, now: Date): Excepted => {
  const { until, by, reason, inARow } = event.data;
  if (until <= now.toISOString()) return { reason: cut(`${proved.reason}; ${endOf(event.data)}`, 300) };
  return {
    verdict: 'waived',
    basis: 'waived',
    goodUntil: until,
    statement: { by, digest: reason },
    reason: `waived by ${by} until ${until}; without it: ${proved.verdict}${habitOf(inARow)}`,
  };
};
