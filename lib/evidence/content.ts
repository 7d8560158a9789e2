/** An element of XML: its name without namespace in lower case, and its attributes. */
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether it belongs to another vocabulary than the root: it has another prefix, or declares a namespace of its own. */
  readonly isExtension?: boolean;
};

/** A report as far as it must be read to tell its type. What does not parse is absent; nothing here throws. */
export type Content = {
  /** The first 64 KB as text, without a byte-order mark. */
  readonly head: string;
  /** The first elements of XML, the root first; empty for every other format. */
  readonly elements: readonly Element[];
  /** The name behind `<!DOCTYPE`, with what follows it; empty without one. */
  readonly doctype: string;
  /** The whole report as JSON; undefined for every other format. */
  readonly json: unknown;
};

/** An object of JSON that has all of these members. */
export const hasMembers = (value: unknown, ...names: readonly string[]): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && names.every((name) => Object.hasOwn(value, name));

/** A report in one of Holdpoint's own formats, whichever version: `{ "schema": "holdpoint.<name>/1" }`. */
export const isHoldpointRecord = (value: unknown, name: string): boolean =>
  hasMembers(value, 'schema') && typeof value.schema === 'string' && value.schema.startsWith(`holdpoint.${name}/`);

/** The first line that is neither empty nor a comment that begins with `#`. */
export const firstRecord = (text: string): string =>
  text
    .split(/\r\n|\n|\r/, 1000)
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#')) ?? '';
