import { SaxesParser } from 'saxes';
import { elementName } from './junit-words.ts';
import { beginningOf } from './xml-text.ts';

/** An element of XML: its name without namespace in lower case, and its attributes. */
export type Element = { readonly name: string; readonly attributes: Readonly<Record<string, string>> };

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

const headBytes = 64 * 1024;
const mostElements = 50;

/** Reads a report to tell its type. JSON is parsed at most once, and only where it is asked for. */
export const contentOf = (bytes: Uint8Array): Content => {
  const head = beginningOf(bytes, headBytes).trimStart();
  const xml = head.startsWith('<') ? xmlOf(head) : { elements: [], doctype: '' };
  let json: { readonly value: unknown } | undefined;
  return {
    head,
    ...xml,
    get json() {
      json ??= { value: /^[{[]/.test(head) ? parsed(bytes) : undefined };
      return json.value;
    },
  };
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};

const xmlOf = (head: string): Pick<Content, 'elements' | 'doctype'> => {
  const elements: Element[] = [];
  let doctype = '';
  const parser = new SaxesParser();
  parser.on('doctype', (declared) => {
    doctype = declared.trim();
  });
  // Errors are for the parser of the type to report.
  parser.on('error', () => undefined);
  parser.on('opentag', ({ name, attributes }) => {
    elements.push({ name: elementName(name), attributes });
    if (elements.length === mostElements) throw new Error('enough');
  });
  try {
    parser.write(head);
  } catch {
    // What was read until here is enough.
  }
  return { elements, doctype };
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
    .split('\n', 1000)
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#')) ?? '';
