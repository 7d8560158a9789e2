import { excerpt } from '../canonical-json.ts';
import { type Contradiction, contradiction } from './account.ts';

const ends: RegExp = /^(?:is)?(?:aborted|cancell?ed|crashed|error|failed|incomplete|interrupted|partial|timedout|truncated)$/i;
const faults: RegExp = /^(?:errors?|errormessage|exception|failure)$/i;
const successes: RegExp = /^(?:completed|ok|passed|success|successful)$/i;
const states: RegExp = /^(?:conclusion|outcome|result|status)$/i;
const bad: RegExp = /^(?:abort|cancel|crash|error|fail|incomplete|interrupt|partial|time[\s_-]?d?out)/i;

/**
 * What a report says of its own failure, at its top. The formats that are asked have no such member with such a value: who writes one, a script
 * around the tool or a later version of it, says that the report is not whole.
 */
export const failureSigns = (report: unknown): string[] =>
  typeof report !== 'object' || report === null || Array.isArray(report)
    ? []
    : Object.entries(report).flatMap(([name, value]) => {
        const plain = name.replace(/[\s_-]/g, '');
        return isFailure(plain, value) ? [excerpt(`"${name}": ${JSON.stringify(value)}`, 100)] : [];
      });

/** The same as what keeps the log of a scanner from passing. */
export const failureContradictions = (report: unknown): Contradiction[] =>
  failureSigns(report).map((said) => contradiction(said, null, null));

const isFailure = (name: string, value: unknown): boolean =>
  (ends.test(name) && isTrue(value)) ||
  (faults.test(name) && isSomething(value)) ||
  (successes.test(name) && (value === false || value === 'false')) ||
  (states.test(name) && typeof value === 'string' && bad.test(value));

const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** A number counts what the format knows: autocannon writes `errors`. */
const isSomething = (value: unknown): boolean =>
  value === true ||
  (typeof value === 'string' && value !== '') ||
  (typeof value === 'object' && value !== null && Object.keys(value).length > 0);
