/**
 * What must not stand in a log: secrets and personal data that have a form of their own. Each pattern is narrow, and numbers are checked by
 * their check digits, so that an order number is not taken for a card.
 */
type Pattern = {
  readonly kind: string;
  readonly form: RegExp;
  /** Texts of which every match has one: a line without them is not searched, which is most of the time that a log takes. */
  readonly hints?: readonly string[];
  readonly isReal?: (found: string) => boolean;
};

const patterns: readonly Pattern[] = [
  { kind: 'private key', hints: ['-----BEGIN '], form: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g },
  // RFC 7519: header and claims begin with `{"`.
  { kind: 'signed token', hints: ['eyJ'], form: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  // Unique ids of AWS: keys of users (AKIA) and of sessions (ASIA).
  { kind: 'AWS access key', hints: ['AKIA', 'ASIA'], form: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'token of GitHub', hints: ['gh', 'github_pat_'], form: /\b(?:gh[pousr]_\w{36,}|github_pat_\w{22,})\b/g },
  { kind: 'token of GitLab', hints: ['glpat-'], form: /\bglpat-[\w-]{20,}/g },
  { kind: 'token of Slack', hints: ['xox'], form: /\bxox[abeoprs]-[\w-]{10,}/g },
  { kind: 'key of Stripe', hints: ['k_live_'], form: /\b[rs]k_live_\w{16,}/g },
  { kind: 'credentials in a header', form: /\b(?:bearer|basic)\s+[\w+/.~-]{16,}=*/gi },
  { kind: 'credentials in an address', hints: ['://'], form: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']+:[^\s/@"']+@/gi },
  {
    kind: 'password',
    form: /["']?\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?[^\s"'\\,;}&]{4,}/gi,
    isReal: (found) => !/(?:\*{3,}|\[?(?:redacted|removed|hidden|masked|filtered)\]?|<[^>]*>|null|true|false|undefined)$/i.test(found),
  },
  {
    kind: 'e-mail address',
    hints: ['@'],
    form: /\b[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}\b/gi,
    isReal: (found) => !/@(?:[\w-]+\.)*example\.(?:com|net|org)$/i.test(found),
  },
  { kind: 'card number', form: /\b(?:\d[ -]?){12,18}\d\b/g, isReal: (found) => isCard(found.replace(/\D/g, '')) },
  {
    kind: 'bank account',
    form: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    isReal: (found) => isIban(found.replaceAll(' ', '')),
  },
];

export type Sensitive = { readonly kind: string; readonly from: number; readonly to: number };

/** Every sensitive text of a line, by its place, in order; the text itself is never returned. Of two that overlap the first kind counts. */
export const sensitiveIn = (line: string): Sensitive[] => {
  const found: Sensitive[] = [];
  for (const { kind, form, hints, isReal = () => true } of patterns) {
    if (hints !== undefined && !hints.some((hint) => line.includes(hint))) continue;
    form.lastIndex = 0;
    for (let match = form.exec(line); match !== null; match = form.exec(line)) {
      const [from, to] = [match.index, match.index + match[0].length];
      if (isReal(match[0]) && !found.some((one) => one.from < to && from < one.to)) found.push({ kind, from, to });
    }
  }
  return found.sort((a, b) => a.from - b.from);
};

/** The line with every sensitive text replaced by what it was. */
export const withoutSensitive = (line: string): string => {
  const found = sensitiveIn(line);
  if (found.length === 0) return line;
  let kept = '';
  let at = 0;
  for (const { kind, from, to } of found) {
    kept += `${line.slice(at, from)}[removed: ${kind}]`;
    at = to;
  }
  return kept + line.slice(at);
};

/** First digits of the large networks, and the Luhn check digit (ISO/IEC 7812-1, annex B). */
const isCard = (digits: string): boolean => {
  if (!/^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6\d{15})$/.test(digits)) return false;
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};

/** ISO 13616: moved to the end and written in digits, the remainder by 97 is 1. */
const isIban = (iban: string): boolean => {
  if (iban.length < 15 || iban.length > 34) return false;
  let remainder = 0;
  for (const sign of iban.slice(4) + iban.slice(0, 4)) remainder = Number(`${remainder}${Number.parseInt(sign, 36)}`) % 97;
  return remainder === 1;
};
