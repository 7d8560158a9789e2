import type { Outcome } from '../outcome.ts';
import type { Account } from './account.ts';

/**
 * When a report says that it was made, as UTC instants with milliseconds. Of a report with several times both count: it is as old as its
 * oldest part, and its newest part must not lie in the future.
 */
export type ReportTime = {
  /** The latest instant at which its oldest part can have been made. */
  readonly madeBy: string;
  /** The earliest instant at which its newest part can have been made. */
  readonly notBefore: string;
};

/**
 * What a parser returns: facts, or a refusal; and beside the facts, which hold no times, the time of the report where it gives one, and what
 * is shown to people and not stored.
 */
export type Parsed<T> = Outcome<T> & { readonly reportTime?: ReportTime | undefined; readonly account?: Account };

type Span = { readonly from: number; readonly to: number };

const written = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;
const hourMs = 3_600_000;
/**
 * Local times of one instant span 26 hours (UTC-12 to UTC+14). Without its zone a local time can mean an instant that is 12 hours later
 * than the same time in UTC, or 14 hours earlier.
 */
const zoneless: Span = { from: -14 * hourMs, to: 12 * hourMs };
/** Reproducible builds write 1970 or 1980, converters year 1: such a time says nothing. */
const firstYear = 2000;

/**
 * The instants that a time in a report can mean, in milliseconds; undefined where it cannot be read or is a placeholder. `zone: 'utc'`: the
 * format says that a time without zone is UTC. A time in whole seconds means any instant of that second.
 */
export const spanOf = (text: unknown, { zone }: { readonly zone: 'utc' | 'unknown' } = { zone: 'unknown' }): Span | undefined => {
  const [, day, time, fraction, offset] = (typeof text === 'string' ? written.exec(text.trim()) : null) ?? [];
  if (day === undefined || time === undefined || Number(day.slice(0, 4)) < firstYear) return undefined;
  const at = Date.parse(`${day}T${time}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${zoneOf(offset)}`);
  if (Number.isNaN(at)) return undefined;
  const end = fraction === undefined ? at + 999 : at;
  return offset === undefined && zone === 'unknown' ? { from: at + zoneless.from, to: end + zoneless.to } : { from: at, to: end };
};

/** As `Date.parse` wants it: `Z` or hours and minutes with a colon. */
const zoneOf = (offset = 'Z'): string => {
  if (offset.toUpperCase() === 'Z') return 'Z';
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
};

/** A time in seconds or in milliseconds since 1970, which tools write under one name. Undefined where it is a placeholder. */
export const spanOfEpoch = (text: string | undefined): Span | undefined => {
  const number = /^\d{9,14}(?:\.\d{1,9})?$/.test(text ?? '') ? Number(text) : 0;
  const isSeconds = number < 100_000_000_000;
  const at = Math.floor(isSeconds ? number * 1000 : number);
  return at < Date.UTC(firstYear, 0) ? undefined : { from: at, to: isSeconds ? at + 999 : at };
};

/** The time of a report whose parts were made in these spans; undefined where no part says when. */
export const timeOfParts = (parts: readonly (Span | undefined)[]): ReportTime | undefined => {
  let madeBy = Number.POSITIVE_INFINITY;
  let notBefore = Number.NEGATIVE_INFINITY;
  for (const part of parts) {
    if (part === undefined) continue;
    madeBy = Math.min(madeBy, part.to);
    notBefore = Math.max(notBefore, part.from);
  }
  if (!Number.isFinite(madeBy)) return undefined;
  return { madeBy: instantOf(madeBy), notBefore: instantOf(notBefore) };
};

/** An audit event holds years of four digits. */
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');
const instantOf = (at: number): string => new Date(Math.min(at, lastInstant)).toISOString();
