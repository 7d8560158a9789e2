import { accountsIn, cardsIn } from './account-numbers.ts';
import { percentDecoded, unescaped } from './escaped-text.ts';
import { headerNames, isBasic, keyNames, passwordNames, secretsUnder } from './named-secrets.ts';
import { type Found, keysIn, type OpenKey, privateKey } from './private-keys.ts';

/**
 * What must not stand in a log: secrets and personal data that have a form of their own. Each form is narrow, and numbers are checked by
 * their check digits, so that an order number is not taken for a card. A log comes from anywhere, so the time that a line takes must grow
 * with its length only: each part that may be long is bounded, or has no second place where it can begin.
 */
type Pattern = {
  readonly kind: string;
  /** Texts of which every match has one: a line without them is not searched, which is most of the time that a log takes. */
  readonly hints?: readonly string[] | RegExp;
  readonly find: (text: string) => Iterable<Found>;
};

const matchesOf =
  (form: RegExp, isReal: (found: string) => boolean = () => true): Pattern['find'] =>
  (text) =>
    [...text.matchAll(form)].flatMap(({ 0: found, index }) => (isReal(found) ? [[index, index + found.length]] : []));

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

const isBasicHeader = (found: string): boolean => {
  const [, credentials = ''] = /\s([^\s]*)$/.exec(found) ?? [];
  return credentials.replace(/=+$/, '').length >= 16 || isBasic(credentials);
};

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
  { kind: 'token of npm', hints: ['npm_'], find: matchesOf(/\bnpm_[A-Za-z0-9]{30,}/g) },
  { kind: 'token of PyPI', hints: ['pypi-'], find: matchesOf(/\bpypi-Ag[\w-]{16,}/g) },
  { kind: 'token of Hugging Face', hints: ['hf_'], find: matchesOf(/\bhf_[A-Za-z0-9]{20,}/g) },
  { kind: 'token of DigitalOcean', hints: ['_v1_'], find: matchesOf(/\bdo[opr]_v1_[a-f0-9]{32,}/g) },
  { kind: 'key of Google', hints: ['AIza'], find: matchesOf(/\bAIza[\w-]{30,}/g) },
  { kind: 'key of Anthropic', hints: ['sk-ant-'], find: matchesOf(/\bsk-ant-[\w-]{16,}/g) },
  { kind: 'key of OpenAI', hints: ['sk-proj-'], find: matchesOf(/\bsk-proj-[\w-]{16,}/g) },
  { kind: 'key of SendGrid', hints: ['SG.'], find: matchesOf(/\bSG\.[\w-]{16,100}\.[\w-]{16,}/g) },
  {
    kind: 'webhook of Slack',
    hints: ['hooks.slack.com'],
    find: matchesOf(/\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/]{16,}/g),
  },
  {
    kind: 'credentials in a header',
    hints: /bearer|basic/i,
    find: matchesOf(/\b(?:bearer\s+[\w+/.~-]{16,}|basic\s+[\w+/.~-]{6,})=*/gi, (found) => !/^basic/i.test(found) || isBasicHeader(found)),
  },
  // The name may be missing: redis://:password@host. The scheme and the host stay.
  {
    kind: 'credentials in an address',
    hints: ['://'],
    find: matchesOf(/(?<=\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s:/@"']{0,300}:[^\s/@"']{1,300}(?=@)/gi),
  },
  { kind: 'password', hints: passwordNames.core, find: secretsUnder(passwordNames) },
  { kind: 'token or key', hints: keyNames.core, find: secretsUnder(keyNames) },
  { kind: 'credentials in a header', hints: headerNames.core, find: secretsUnder(headerNames) },
  { kind: 'e-mail address', hints: ['@'], find: addressesIn },
  { kind: 'card number', find: cardsIn },
  { kind: 'bank account', find: accountsIn },
];

/** `continued`: it began in a line before, and is no other find. */
export type Sensitive = { readonly kind: string; readonly from: number; readonly to: number; readonly continued: boolean };

/**
 * Reads a text line by line, in order: what it gives is called once with each line. It returns every sensitive text of the line, by its place,
 * in order; the text itself is never returned. Of two that overlap the first kind counts. Of a private key without an
 * end in its line, what encodes it is found in the lines behind it.
 */
export const sensitiveReader = (): ((line: string) => readonly Sensitive[]) => {
  let open: OpenKey | undefined;
  return (line) => {
    const { text, placeIn } = unescaped(line);
    const keys = keysIn(text, open);
    const all: Sensitive[] = keys.found.map(({ part: [from, to], continued }) => ({ kind: privateKey, from, to, continued }));
    open = keys.open;
    for (const one of found(text)) all.push(one);
    // Beside the text as it stands: what is decoded may end a value too early.
    const decoded = percentDecoded(text);
    if (decoded !== undefined)
      for (const one of found(decoded.text)) all.push({ ...one, from: decoded.placeIn(one.from), to: decoded.placeIn(one.to) });
    return withoutOverlaps(all).map((one) => ({ ...one, from: placeIn(one.from), to: placeIn(one.to) }));
  };
};

function* found(text: string): Generator<Sensitive> {
  for (const { kind, hints, find } of patterns) {
    if (hints !== undefined && !hasHint(hints, text)) continue;
    for (const [from, to] of find(text)) yield { kind, from, to, continued: false };
  }
}

const hasHint = (hints: NonNullable<Pattern['hints']>, text: string): boolean =>
  hints instanceof RegExp ? text.search(hints) >= 0 : hints.some((hint) => text.includes(hint));

/**
 * Those that overlap are one, from the first place to the last: of the kind that is listed first. A line may have a hundred thousand, so each is
 * compared with its neighbours only.
 */
const withoutOverlaps = (all: readonly Sensitive[]): readonly Sensitive[] => {
  if (all.length < 2) return all;
  const sorted = all.toSorted((a, b) => a.from - b.from);
  // A private key has no pattern here, and so comes first.
  const rank = ({ kind }: Sensitive): number => patterns.findIndex((one) => one.kind === kind);
  const kept: Sensitive[] = [];
  for (const one of sorted) {
    const last = kept.at(-1);
    if (last === undefined || one.from >= last.to) kept.push(one);
    else kept[kept.length - 1] = { ...(rank(one) < rank(last) ? one : last), from: last.from, to: Math.max(last.to, one.to) };
  }
  return kept;
};

/** What is sensitive about a person, and opens nothing. Tests are full of it, all of it invented. */
const personal: ReadonlySet<string> = new Set(['e-mail address', 'card number', 'bank account']);

/**
 * Takes a text line by line, in order, and gives each line with every sensitive text, or every secret alone, replaced by what it was. Nothing
 * takes the place of what continues: a text may have millions of such lines, and must not grow by them. A line that is an object of JSON stays
 * one: a number that was removed is followed by a text.
 */
export const lineScrubber = (which: 'all' | 'secrets' = 'all'): ((line: string) => string) => {
  const read = sensitiveReader();
  return (line) => {
    let kept = '';
    let at = 0;
    const found = read(line);
    const isInText = found.length > 0 && /^\uFEFF?\s*\{/.test(line) ? textsOf(line) : () => true;
    for (const { kind, from, to, continued } of which === 'all' ? found : found.filter((one) => !personal.has(one.kind))) {
      const mark = isInText(from) ? `[removed: ${kind}]` : `"[removed: ${kind}]"`;
      kept += line.slice(at, from) + (continued ? '' : mark);
      at = to;
    }
    return kept + line.slice(at);
  };
};

/** Says of places of a line of JSON, in their order, whether each stands within a text. */
const textsOf = (line: string): ((place: number) => boolean) => {
  let [at, isInText] = [0, false];
  return (place) => {
    for (; at < place; at += 1) {
      const sign = line[at];
      if (sign === '\\') at += 1;
      else if (sign === '"') isInText = !isInText;
    }
    return isInText;
  };
};

/** What may stand before or in a secret. Most texts have none of it, and need not be searched. */
const signs = new RegExp(
  [
    ...patterns
      .filter(({ kind }) => !personal.has(kind))
      .flatMap(({ hints = [] }) => (hints instanceof RegExp ? [hints.source] : hints.map((hint) => hint.replaceAll('.', '\\.')))),
    ...['PRIVATE KEY', '\\\\u00', '\\\\\\/'],
  ].join('|'),
  'i',
);

/** A text of several lines without its secrets. */
export const withoutSecrets = (text: string): string => {
  if (!signs.test(text)) return text;
  const scrub = lineScrubber('secrets');
  return text
    .split('\n')
    .map((line) => scrub(line))
    .join('\n');
};
