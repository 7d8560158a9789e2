import { hash } from 'node:crypto';

/**
 * RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, ECMAScript number and string forms, no white space.
 * Throws TypeError on what has no one JSON form: undefined, functions, symbols, bigint, non-finite numbers, integers beyond 2^53 - 1,
 * lone surrogates, and objects that are not plain.
 */
export const canonical = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return string(value);
  if (Array.isArray(value)) return list(value);
  if (typeof value !== 'object') throw new TypeError(`canonical JSON: got ${typeof value}, expected a JSON value`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('canonical JSON: got an object that is not plain');
  let members = '';
  // The default order of `sort` is that of UTF-16 code units.
  for (const name of Object.keys(value).sort())
    members += `${members === '' ? '' : ','}${string(name)}:${canonical((value as Record<string, unknown>)[name])}`;
  return `{${members}}`;
};

/** By place, because a loop over the elements with `map` leaves holes out. */
const list = (values: readonly unknown[]): string => {
  let elements = '';
  for (let place = 0; place < values.length; place += 1) elements += `${place === 0 ? '' : ','}${canonical(values[place])}`;
  return `[${elements}]`;
};

const number = (value: number): string => {
  if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: got ${value}, expected a finite number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new TypeError(`canonical JSON: got ${value}, expected an integer within 2^53 - 1`);
  return JSON.stringify(value);
};

/** Printable ASCII without quotation mark and backslash: stands in JSON as it is, as nearly every text here does. */
const plain = /^[ !#-[\]-~]*$/;

const string = (value: string): string => {
  if (plain.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw new TypeError('canonical JSON: got a lone surrogate, expected well-formed Unicode');
  return JSON.stringify(value);
};

/** sha256 of the bytes (a string counts as its UTF-8 bytes), lower-case hex. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex');

/** sha256 of the canonical form: the name of a value. */
export const digestOf = (value: unknown): string => sha256(canonical(value));

/**
 * A piece of somebody else's text as an event can hold it and a terminal may show it: as `cut`, and without the id of any person. Pages show
 * names for ids, and a test's name must not speak in the name of a person: the hyphen of an id becomes one that does not break.
 */
export const excerpt = (text: string, most: number): string => cut(text, most).replace(/\bp-(?=[a-z0-9]{8,32}\b)/g, 'p\u2011');

/** An excerpt in quotation marks, which it cannot end by itself. */
export const quoted = (text: string, most: number): string => `“${excerpt(text, most).replace(/[“”]/g, '"')}”`;

/**
 * A sentence as an event can hold it and a terminal may show it: well-formed, on one line, without control characters and text-direction
 * overrides, and of at most so many UTF-16 code units. A cut never leaves half a character.
 */
export const cut = (text: string, most: number): string =>
  text
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
    .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ');
