import { SaxesParser } from 'saxes';
import type { Content, Element } from './content.ts';
import { elementName } from './junit-words.ts';
import { mostJson } from './kind.ts';
import { looselyRead } from './text-encoding.ts';
import { beginningOf } from './xml-text.ts';

const headBytes = 64 * 1024;
const mostElements = 50;

/** Reads a report to tell its type. JSON is parsed at most once, only where it is asked for, and only where some type may be so large. */
export const contentOf = (bytes: Uint8Array): Content => {
  const head = beginningOf(bytes, headBytes).trimStart();
  const xml = head.startsWith('<') ? xmlOf(head) : { elements: [], doctype: '' };
  let json: { readonly value: unknown } | undefined;
  return {
    head,
    ...xml,
    get json() {
      json ??= { value: isJson(head) && bytes.byteLength <= mostJson ? parsed(bytes) : undefined };
      return json.value;
    },
  };
};

/** Whether the report begins as JSON does. */
export const isJson = (head: string): boolean => /^[{[]/.test(head);

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(looselyRead(bytes));
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
