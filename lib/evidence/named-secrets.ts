import type { Found } from './private-keys.ts';

/** What a name must hold to be read at all, how the name of a secret ends, and which values under it are secret. */
export type SecretNames = {
  readonly core: RegExp;
  readonly end: RegExp;
  /** Of a value that stands in quotes (`quoted`), or of the text behind the separator: how many of its characters are the secret; 0 for none. */
  readonly secretIn: (value: string, about: { readonly name: string; readonly quoted: boolean; readonly separator: string }) => number;
};

/** Characters that a name may have before and behind its core, and a value that has no end of its own. */
const [longestAffix, longestBare] = [64, 4096];

/** What stands in the place of a secret that a logger, or Holdpoint itself, has taken out. */
const removed =
  /^(?:\*{3,}\w{0,4}|•{3,}|x{4,}|[[<({]*(?:redacted|removed|hidden|masked|filtered|omitted|scrubbed|sanitized|\*+)[:\])}>]*|\[removed: [\w -]{1,40}\]|<[^>]*>|(?:\$\{|\{\{)[^}]*\}*|null|nil|none|true|false|undefined|n\/a)$/i;
/** What is said of a secret, and is no secret itself. */
const state =
  /^(?:absent|bearer|basic|changed|correct|denied|disabled|empty|enabled|expired|failed|generated|granted|incorrect|invalid|issued|jwt|missing|mismatch|ok|optional|present|refreshed|rejected|required|reset|revoked|rotated|unknown|unset|updated|valid|wrong)[.!]?$/i;
const isSecret = (value: string): boolean => value.length >= 4 && (value.length > 200 || !(removed.test(value) || state.test(value)));

const bare = /[^\s"'\\,;}&]{4,}/y;
const bareLength = (value: string): number => {
  bare.lastIndex = 0;
  return bare.exec(value)?.[0].length ?? 0;
};
const whole = (value: string, quoted: boolean): number => {
  const length = quoted ? value.length : bareLength(value);
  return isSecret(value.slice(0, length)) ? length : 0;
};

/** Passwords, whatever stands before: `DB_PASSWORD`, `userPassword`, `spring.datasource.password`. */
export const passwordNames: SecretNames = {
  core: /passw|pwd|passphrase|passcode/gi,
  end: /(?:password|passwd|pwd|passphrase|passcode)$/i,
  secretIn: (value, { quoted }) => whole(value, quoted),
};

/** Tokens by which lists are read on, or work is stopped. They open nothing. */
const opensNothing = /(?:next|page|continuation|cancel|cancellation|sync|resume|stop|pad|eos|bos)[_.-]?token$/i;
const word = /^[a-z]{1,15}[.:!)\]]*$/i;

/** Secrets, tokens and keys. A key alone is a name in a table, so it needs a word before. What a parser calls a token is a word or a place. */
export const keyNames: SecretNames = {
  core: /secret|token|key/gi,
  end: /(?:secret|token|(?:api|access|secret|private|account|auth|signing|signature|encryption|master|shared|subscription)[_.-]?key)$/i,
  secretIn: (value, { name, quoted, separator }) => {
    const length = whole(value, quoted);
    if (length === 0 || opensNothing.test(name)) return 0;
    const secret = value.slice(0, length);
    if (/^token$/i.test(name) && !quoted && (/^\d{1,5}$/.test(secret) || (/\s$/.test(separator) && word.test(secret)))) return 0;
    return length;
  },
};

const scheme = /^(?:basic|bearer|token|digest|negotiate|ntlm|apikey|hawk|aws4-hmac-sha256)\s{1,8}/i;
/** One or more cookies. The name of a cookie alone, and the words of a banner, open nothing. */
const cookies = /[^\s=;,"'\\]{1,100}=[^\s;"'\\]{4,}(?:;\s{0,8}[^\s=;,"'\\]{1,100}=[^\s;"'\\]*)*/y;
const isOpaque = (value: string): boolean => isSecret(value) && value.length >= 8 && (/\d/.test(value) || value.length >= 32);

/** Whether it is what `Basic` sends: a name and a password with a colon between (RFC 7617). */
export const isBasic = (value: string): boolean =>
  /^[^\p{Cc}\uFFFD:]*:[^\p{Cc}\uFFFD]*$/u.test(Buffer.from(value.slice(0, 400), 'base64').toString());

/** Headers that carry what opens a session. */
export const headerNames: SecretNames = {
  core: /authori[sz]ation|cookie/gi,
  end: /(?:authori[sz]ation|cookie)$/i,
  secretIn: (value, { name, quoted }) => {
    if (removed.test(value.slice(0, 200))) return 0;
    if (/cookie$/i.test(name)) {
      cookies.lastIndex = 0;
      const length = cookies.exec(value)?.[0].length ?? 0;
      if (length > 0) return quoted ? value.length : length;
    }
    const [kind = ''] = scheme.exec(value) ?? [];
    const length = bareLength(value.slice(kind.length));
    const credentials = value.slice(kind.length, kind.length + length);
    if (!isOpaque(credentials) && !(/^basic/i.test(kind) && length >= 6 && isBasic(credentials))) return 0;
    return quoted ? value.length : kind.length + length;
  },
};

const behindName = /(\\{0,7}["'])?(\s{0,8}(?:=>|:=|={1,3}|:)\s{0,8})(\[\s{0,8}(?=\\{0,7}["']))?(\\{0,7}["'`])?/y;
const nextInList = /\\{0,7}["'`]\s{0,8},\s{0,8}(\\{0,7}["'`])/y;

/**
 * The values that stand under such names: a member of JSON, also within a text, a field (`a=b`), a parameter of an address, a line of a header.
 * Only the value belongs to it, so that what is left can be read as before.
 */
export const secretsUnder = ({ core, end, secretIn }: SecretNames) =>
  function* (text: string): Generator<Found> {
    let isBehind = 0;
    for (const { index, 0: found } of text.matchAll(core)) {
      if (index < isBehind) continue;
      const [from, to] = [edge(text, index - 1, -1), edge(text, index + found.length, 1)];
      const name = text.slice(from + 1, to);
      if (!end.test(name)) continue;
      behindName.lastIndex = to;
      const [all, nameQuote, separator = '', list, quote] = behindName.exec(text) ?? [];
      if (all === undefined) continue;
      let at = to + all.length;
      if (quote === undefined) {
        const value = text.slice(at, at + longestBare);
        // What begins another object or list is named by its own members.
        const length = nameQuote !== undefined && /^[[{]/.test(value) ? 0 : secretIn(value, { name, quoted: false, separator });
        if (length === 0) continue;
        isBehind = at + bareEnd(text, at, length);
        yield [at, isBehind];
        continue;
      }
      for (let mark: string | undefined = quote; mark !== undefined; ) {
        const close = closing(text, at, mark);
        const value = text.slice(at, close);
        const length = secretIn(value, { name, quoted: true, separator });
        if (length > 0) {
          yield [at, close];
          isBehind = close;
        }
        nextInList.lastIndex = close;
        const next: RegExpExecArray | null = list === undefined ? null : nextInList.exec(text);
        mark = next?.[1];
        at = close + (next?.[0].length ?? 0);
      }
    }
  };

/** A value that is longer than what was looked at goes on to its own end. */
const bareEnd = (text: string, at: number, length: number): number => {
  if (length < longestBare) return length;
  bare.lastIndex = at + length;
  return length + (bare.exec(text)?.[0].length ?? 0);
};

/** The first place from here, in this direction, that belongs to no name. */
const edge = (text: string, from: number, step: 1 | -1): number => {
  let at = from;
  while (Math.abs(at - from) < longestAffix && isOfName(text.charCodeAt(at))) at += step;
  return at;
};
const isOfName = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 46 || code === 45;

/**
 * Where the value ends that such a mark opened: at the next mark with as many backslashes, or fewer, which ends the text around. In a text that is
 * quoted n times a mark has 2^n - 1 of them, and one within the value has that many more.
 */
const closing = (text: string, from: number, mark: string): number => {
  const level = mark.length - 1;
  for (let at = text.indexOf(mark.slice(-1), from); at >= 0; at = text.indexOf(mark.slice(-1), at + 1)) {
    let run = 0;
    while (at - run > from && text[at - run - 1] === '\\') run += 1;
    if (run < level) return at - run;
    if (run % (2 * (level + 1)) === level) return at - level;
  }
  const end = /["'\s]/g;
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
};
