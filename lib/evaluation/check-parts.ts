import { type DataOf, isType, type Stored } from '../audit/event.ts';
import { cut } from '../canonical-json.ts';
import type { Item } from '../checklist/definition.ts';
import { partName } from '../fields.ts';
import { satisfies, type Verdict } from '../verdict.ts';
import { endOf, habitOf } from './exception.ts';
import type { Finding } from './finding.ts';

/**
 * Exceptions for parts of a check: one feature, endpoint, component, test or file. A judgement whose only flaws are parts with a standing exception
 * counts as excepted. What it rests on besides its parts is never excepted, nor is a part that a later judgement names for the first time.
 */

type Exceptions = ReadonlyMap<string, { readonly waived?: Stored<'check.waived'>; readonly declared?: Stored<'check.not-applicable'> }>;
type Part = NonNullable<Finding['parts']>['listed'][number];
type At = { readonly check: Pick<Item, 'optional' | 'waivable'>; readonly now: Date; readonly exceptions: Exceptions };

/** The exceptions that stand, by the name of the part. Of several waivers of a part the last one counts. */
export const partExceptions = (events: readonly Stored[]): Exceptions => {
  const standing = new Map<string, { waived?: Stored<'check.waived'>; declared?: Stored<'check.not-applicable'> }>();
  for (const stored of events) {
    if (isType('check.exception-revoked')(stored)) {
      const { subject } = stored.event.data;
      if (subject === undefined) standing.clear();
      else standing.delete(partName(subject));
    }
    if ((isType('check.waived')(stored) || isType('check.not-applicable')(stored)) && stored.event.data.subject !== undefined) {
      const name = partName(stored.event.data.subject);
      const known = standing.get(name);
      standing.set(name, { ...known, ...(isType('check.waived')(stored) ? { waived: stored } : { declared: stored }) });
    }
  }
  return standing;
};

/** What a judgement says with the exceptions for its parts: the parts, and whether nothing but excepted parts keeps it from passing. */
export type Released = {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly parts: readonly Part[];
  readonly leftOut: number;
};

/** Undefined for a judgement without parts. */
export const withExceptions = ({ verdict, reason, parts, besides }: DataOf<'check.judged'>, at: At): Released | undefined => {
  if (parts === undefined || besides === undefined) return undefined;
  const found = parts.map((part) => partAt(part, at));
  const shown = found.map(({ part }) => part);
  const common = { parts: shown, leftOut: besides.leftOut };
  const excepted = shown.filter((one) => one.exception !== null);
  const notes = found.map(({ note }) => note).join('');
  if (verdict === 'pass' || excepted.length === 0) return { verdict, reason: cut(`${reason}${notes}`, 300), ...common };
  const [open] = shown.filter((one) => !satisfies(one.verdict));
  if (open === undefined && besides.verdict === 'pass')
    return {
      verdict: excepted.some((one) => one.verdict === 'waived') ? 'waived' : 'not-applicable',
      reason: countedParts(common),
      ...common,
    };
  // Of the parts that are not listed some may not pass.
  const counts = `${countedParts({ parts: shown, leftOut: besides.verdict === 'pass' ? besides.leftOut : 0 })}${notes}`;
  return open === undefined
    ? { verdict: besides.verdict, reason: cut(`${besides.reason}; ${counts}`, 300), ...common }
    : { verdict: open.verdict, reason: cut(`${open.subject}: ${open.reason}; ${counts}`, 300), ...common };
};

type Judged = NonNullable<DataOf<'check.judged'>['parts']>[number];

/** `note`: why an exception that was made for the part does not count. */
const partAt = ({ subject, verdict, reason }: Judged, { check, now, exceptions }: At): { readonly part: Part; readonly note: string } => {
  const name = partName(subject);
  const plain = { subject: name, verdict, reason, exception: null };
  const { waived, declared } = exceptions.get(name) ?? {};
  if (verdict === 'pass') return { part: plain, note: '' };
  const waiver = waived?.event.data;
  if (waiver !== undefined && check.waivable && waiver.until > now.toISOString()) {
    const { by, until, reason: digest, inARow } = waiver;
    const said = `waived by ${by} until ${until}; without it: ${verdict}, ${reason}${habitOf(inARow)}`;
    return { part: { subject: name, verdict: 'waived', reason: cut(said, 300), exception: { by, digest, until } }, note: '' };
  }
  const declaration = declared?.event.data;
  // What was measured of the part and is bad shows that it applies.
  if (declaration !== undefined && check.optional && verdict === 'inconclusive') {
    const { by, reason: digest } = declaration;
    const said = `declared not applicable by ${by}; without it: ${verdict}, ${reason}`;
    return { part: { subject: name, verdict: 'not-applicable', reason: cut(said, 300), exception: { by, digest, until: null } }, note: '' };
  }
  const ended = waiver === undefined || !check.waivable ? '' : `; for ${name} ${endOf(waiver)}`;
  const outweighed =
    declaration === undefined || !check.optional
      ? ''
      : `; the evidence of ${name} is bad, so that "not applicable" by ${declaration.by} does not count`;
  return { part: plain, note: `${ended}${outweighed}` };
};

type Counted = Pick<Released, 'parts' | 'leftOut'>;

/** "10 of 11 pass, 1 waived: feature:checkout (by …, until …)". */
export const countedParts = ({ parts, leftOut }: Counted): string => {
  const passed = parts.filter(({ verdict }) => verdict === 'pass').length + leftOut;
  const named = (verdict: Verdict, word: string): string => {
    const own = parts.filter((one) => one.verdict === verdict);
    return own.length === 0 ? '' : `, ${own.length} ${word}: ${own.map(saidOf).join(', ')}`;
  };
  const counts = `${passed} of ${parts.length + leftOut} pass${named('waived', 'waived')}${named('not-applicable', 'not applicable')}`;
  return cut(counts, 300);
};

const saidOf = ({ subject, exception }: Part): string => {
  const name = subject.slice(subject.indexOf(':') + 1);
  return `${name} (by ${exception?.by}${exception?.until == null ? '' : `, until ${exception.until}`})`;
};

/** The first instant at which an exception for a part ends. */
export const exceptionsEnd = (parts: readonly Part[]): string | null =>
  parts.flatMap(({ exception }) => exception?.until ?? []).sort()[0] ?? null;

/** Stands for an exception to the whole check among the names of parts, none of which is empty. */
export const wholeCheck = '';

/** The names of everything for which an exception stands that nobody has revoked, also where its waiver has ended. */
export const standingExceptions = (events: readonly Stored[]): readonly string[] => {
  const revoked = events.findLastIndex((stored) => isType('check.exception-revoked')(stored) && stored.event.data.subject === undefined);
  const isWhole = events
    .slice(revoked + 1)
    .some(
      (stored) => (isType('check.waived')(stored) || isType('check.not-applicable')(stored)) && stored.event.data.subject === undefined,
    );
  return [...(isWhole ? [wholeCheck] : []), ...partExceptions(events).keys()];
};
