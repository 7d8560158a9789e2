import { accountsIn, cardsIn } from './account-numbers.ts';
import { unescaped } from './escaped-text.ts';
import { type Found, keysIn, privateKey } from './private-keys.ts';

/**
 * What must not stand in a log: secrets and personal data that have a form of their own. Each form is narrow, and numbers are checked by
 * their check digits, so that an order number is not taken for a card. A log comes from anywhere, so the time that a line takes must grow
 * with its length only: each part that may be long is bounded, or has no second place where it can begin.
 */
type Pattern = {
  readonly kind: string;
  /** Texts of which every match has one: a line without them is not searched, which is most of the time that a log takes. */
  readonly hints?: readonly string[];
  readonly find: (text: string) => Iterable<Found>;
};

const matchesOf =
  (form: RegExp, isReal: (found: string) => boolean = () => true): Pattern['find'] =>
  (text) =>
    [...text.matchAll(form)].flatMap(({ 0: found, index }) => (isReal(found) ? [[index, index + found.length]] : []));

/** What stands in the place of a password that a logger, or Holdpoint itself, has taken out. */
const removed = /(?:\*{3,}|\[?(?:redacted|removed|hidden|masked|filtered)[:\]]?|<[^>]*>|null|true|false|undefined)$/i;
const isKept = (found: string): boolean => !removed.test(found.slice(-100));

const [longestLocal, mostLabels] = [64, 255];

/** Looked for from the @ on both sides (RFC 5321: 64 characters before it), because anything may be the beginning of an address. */
function* addressesIn(text: string): Generator<Found> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const [domain] = /^(?:[a-z0-9-]+\.)+[a-z]{2,}\b/i.exec(text.slice(at + 1, at + 1 + mostLabels)) ?? [];
    if (domain === undefined || /^(?:[\w-]+\.)*example\.(?:com|net|org)$/i.test(domain)) continue;
    const [local] = /[a-z0-9_][\w.+-]*$/i.exec(text.slice(Math.max(0, at - longestLocal), at)) ?? [];
    if (local === undefined) continue;
    yield [at - local.length, at + 1 + domain.length];
  }
}

const patterns: readonly Pattern[] = [
  // RFC 7519: header and claims begin with `{"`. What stands right before the header belongs to the match.
  {
    kind: 'signed token',
    hints: ['eyJ'],
    find: matchesOf(/(?<![\w-])(?=[\w-]{11,}\.eyJ[\w-]{8,}\.)[\w-]*?\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g),
  },
  // Unique ids of AWS: keys of users (AKIA) and of sessions (ASIA).
  { kind: 'AWS access key', hints: ['AKIA', 'ASIA'], find: matchesOf(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g) },
  { kind: 'token of GitHub', hints: ['gh', 'github_pat_'], find: matchesOf(/\b(?:gh[pousr]_\w{36,}|github_pat_\w{22,})\b/g) },
  { kind: 'token of GitLab', hints: ['glpat-'], find: matchesOf(/\bglpat-[\w-]{20,}/g) },
  { kind: 'token of Slack', hints: ['xox'], find: matchesOf(/\bxox[abeoprs]-[\w-]{10,}/g) },
  { kind: 'key of Stripe', hints: ['k_live_'], find: matchesOf(/\b[rs]k_live_\w{16,}/g) },
  { kind: 'credentials in a header', find: matchesOf(/\b(?:bearer|basic)\s+[\w+/.~-]{16,}=*/gi) },
  // The name may be missing: redis://:password@host.
  {
    kind: 'credentials in an address',
    hints: ['://'],
    find: matchesOf(/\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@"']{0,300}:[^\s/@"']{1,300}@/gi),
  },
  {
    kind: 'password',
    find: matchesOf(
      /["']?\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?[^\s"'\\,;}&]{4,}/gi,
      isKept,
    ),
  },
  { kind: 'e-mail address', hints: ['@'], find: addressesIn },
  { kind: 'card number', find: cardsIn },
  { kind: 'bank account', find: accountsIn },
];

/** `continued`: it began in a line before, and is no other find. */
export type Sensitive = { readonly kind: string; readonly from: number; readonly to: number; readonly continued: boolean };

/**
 * Reads a text line by line, in order: what it gives is called once with each line. It returns every sensitive text of the line, by its place,
 * in order; the text itself is never returned. Of two that overlap the first kind counts. A private key goes from line to line until its end,
 * and without an end to the end of the text.
 */
export const sensitiveReader = (): ((line: string) => readonly Sensitive[]) => {
  let isInKey = false;
  return (line) => {
    const { text, placeIn } = unescaped(line);
    const keys = keysIn(text, isInKey);
    const all: Sensitive[] = keys.found.map(([from, to]) => ({ kind: privateKey, from, to, continued: isInKey && from === 0 }));
    isInKey = keys.isOpen;
    for (const { kind, hints, find } of patterns) {
      if (hints !== undefined && !hints.some((hint) => text.includes(hint))) continue;
      for (const [from, to] of find(text)) all.push({ kind, from, to, continued: false });
    }
    return withoutOverlaps(all).map((one) => ({ ...one, from: placeIn(one.from), to: placeIn(one.to) }));
  };
};

/** By kind first, as the patterns are listed. A line may have a hundred thousand, so each is compared with its neighbours only. */
const withoutOverlaps = (all: readonly Sensitive[]): readonly Sensitive[] => {
  if (all.length < 2) return all;
  const sorted = all.toSorted((a, b) => a.from - b.from);
  // A private key has no pattern here, and so comes first.
  const rank = ({ kind }: Sensitive): number => patterns.findIndex((one) => one.kind === kind);
  const kept: Sensitive[] = [];
  for (const one of sorted) {
    let last = kept.at(-1);
    while (last !== undefined && one.from < last.to && rank(one) < rank(last)) {
      kept.pop();
      last = kept.at(-1);
    }
    if (last === undefined || one.from >= last.to) kept.push(one);
  }
  return kept;
};

/** What is sensitive about a person, and opens nothing. Tests are full of it, all of it invented. */
const personal: ReadonlySet<string> = new Set(['e-mail address', 'card number', 'bank account']);

/**
 * Takes a text line by line, in order, and gives each line with every sensitive text, or every secret alone, replaced by what it was. Nothing
 * takes the place of what continues: a text may have millions of such lines, and must not grow by them.
 */
export const lineScrubber = (which: 'all' | 'secrets' = 'all'): ((line: string) => string) => {
  const read = sensitiveReader();
  return (line) => {
    let kept = '';
    let at = 0;
    const found = read(line);
    for (const { kind, from, to, continued } of which === 'all' ? found : found.filter((one) => !personal.has(one.kind))) {
      kept += line.slice(at, from) + (continued ? '' : `[removed: ${kind}]`);
      at = to;
    }
    return kept + line.slice(at);
  };
};

/** What may stand before or in a secret. Most texts have none of it, and need not be searched. */
const signs =
  /eyJ|A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox|k_live_|bearer|basic|:\/\/|passw|pwd|secret|api[_-]?key|token|PRIVATE KEY|\\u00|\\\//i;

/** A text of several lines without its secrets. */
export const withoutSecrets = (text: string): string => {
  if (!signs.test(text)) return text;
  const scrub = lineScrubber('secrets');
  return text
    .split('\n')
    .map((line) => scrub(line))
    .join('\n');
};
