/** From where to where a number stands in a text. */
type Found = readonly [from: number, to: number];

const isPartOfWord = (sign: string | undefined): boolean => sign !== undefined && /\w/.test(sign);

/**
 * Card numbers, in one piece or in groups of three digits and more with one space or hyphen between them. Every group may begin one: an order
 * number may stand before a card, and the year of expiry behind it.
 */
export function* cardsIn(text: string): Generator<Found> {
  for (const { 0: digits, index } of text.matchAll(/\d{3,}(?:[ -]\d{3,})*/g)) {
    if (digits.length < fewestDigits || isPartOfWord(text[index - 1]) || isPartOfWord(text[index + digits.length])) continue;
    const groups = [...digits.matchAll(/\d+/g)].map((one) => ({ from: one.index, digits: one[0] }));
    for (let first = 0; first < groups.length; first += 1) {
      const last = endOfCard(groups, first);
      const [begin, end] = [groups[first], last === undefined ? undefined : groups[last]];
      if (begin === undefined || end === undefined || last === undefined) continue;
      yield [index + begin.from, index + end.from + end.digits.length];
      first = last;
    }
  }
}
const [fewestDigits, mostDigits] = [13, 19];

/** The group with which a card ends that begins with the first one; undefined where none begins there. */
const endOfCard = (groups: readonly { readonly digits: string }[], first: number): number | undefined => {
  let number = '';
  for (let at = first; at < groups.length; at += 1) {
    number += groups[at]?.digits ?? '';
    if (number.length > mostDigits) return undefined;
    if (number.length >= fewestDigits && isCard(number)) return at;
  }
  return undefined;
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

/** How many characters the number of an account has in each country (ISO 13616, register of SWIFT). */
const lengths: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 ' +
    'MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ' +
    'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
);

/** Numbers of bank accounts (IBAN), in one piece or in groups of four. */
export function* accountsIn(text: string): Generator<Found> {
  for (const { 0: beginning, index } of text.matchAll(/\b[A-Z]{2}\d\d(?=[A-Z0-9 ])/g)) {
    const length = lengths.get(beginning.slice(0, 2));
    const [written] = length === undefined ? [] : (forms.get(length)?.exec(text.slice(index, index + longestWritten)) ?? []);
    if (written !== undefined && isAccount(written.replaceAll(' ', ''))) yield [index, index + written.length];
  }
}
/** A number of so many characters, with or without a space behind each four of them. */
const forms: ReadonlyMap<number, RegExp> = new Map(
  [...lengths.values()].map((length) => [
    length,
    new RegExp(`^[A-Z0-9]{4}(?: ?[A-Z0-9]{4}){${Math.floor(length / 4) - 1}}${length % 4 === 0 ? '' : ` ?[A-Z0-9]{${length % 4}}`}(?!\\w)`),
  ]),
);
const longestWritten = 50;

/** Moved to the end and written in digits, the remainder by 97 is 1. */
const isAccount = (number: string): boolean => {
  let remainder = 0;
  for (const sign of number.slice(4) + number.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
  }
  return remainder === 1;
};
