import { SaxesParser } from 'saxes';
import type { Outcome } from '../outcome.ts';
import type { Element } from './content.ts';
import { elementName } from './junit-words.ts';
import { deepestNesting } from './kind.ts';
import { unreadable } from './unreadable.ts';
import { Undecodable, undecodable, xmlPieces } from './xml-text.ts';

const mostNames = 200;

type Reading = {
  /** `a JUnit report` */
  readonly name: string;
  /** The report that is expected, for a refusal, and what its sender can do. */
  readonly expected: string;
  readonly fix: string;
  /** What may stand behind `<!DOCTYPE`; nothing declared there is ever read or fetched. */
  readonly doctype: RegExp;
  /** The root elements that make it such a report. */
  readonly roots: readonly string[];
  readonly open: (element: Element) => void;
  readonly close: (name: string) => void;
};

/** What keeps well-formed XML from being such a report, thrown by the functions of a `Reading` and by the reader itself. */
export class Stop extends Error {
  override readonly name = 'Stop';
}
export const stop = (why: string): never => {
  throw new Stop(why);
};

const mostAttributes = 1000;

/** Stops at an element with more attributes than any tool writes, while they are read: names of so many take long to compare. */
export const attributeLimit = () => {
  let count = 0;
  return {
    begin: (): void => {
      count = 0;
    },
    add: (): void => {
      count += 1;
      if (count > mostAttributes) stop(`more than ${mostAttributes} attributes of one element`);
    },
  };
};

/**
 * Reads an XML report piece by piece. Entities that a document type declaration would define are unknown to the reader, and so make the
 * report unreadable; a declaration with a subset of its own is refused.
 */
export const readXml = (bytes: Uint8Array, { name: what, expected, fix, doctype, roots, open, close }: Reading): Outcome<true> => {
  const parser = new SaxesParser();
  let root: string | undefined;
  let [rootPrefix, rootNamespace]: [string, string | undefined] = ['', undefined];
  let depth = 0;
  parser.on('error', (fault) => {
    throw fault;
  });
  parser.on('doctype', (declared) => {
    if (!doctype.test(declared.trim())) stop('a document type declaration, which may hide entities');
  });
  const attributeCount = attributeLimit();
  parser.on('opentagstart', attributeCount.begin);
  parser.on('attribute', attributeCount.add);
  const names = new Map<string, string>();
  /** A report has many elements of few names. */
  const nameOf = (written: string): string => {
    const known = names.get(written);
    if (known !== undefined) return known;
    const name = elementName(written);
    if (names.size < mostNames) names.set(written, name);
    return name;
  };
  parser.on('opentag', ({ name, attributes }) => {
    const [prefix, namespace] = [prefixOf(name), attributes.xmlns];
    if (root === undefined) [rootPrefix, rootNamespace] = [prefix, namespace];
    const isExtension = prefix !== rootPrefix || (namespace !== undefined && namespace !== rootNamespace);
    const element = { name: nameOf(name), attributes, isExtension };
    root ??= element.name;
    if (!roots.includes(root)) throw new WrongRoot(root);
    depth += 1;
    if (depth > deepestNesting) stop(`elements nested deeper than ${deepestNesting}`);
    open(element);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    close(nameOf(name));
  });
  try {
    for (const piece of xmlPieces(bytes)) parser.write(piece);
    parser.close();
  } catch (fault) {
    if (fault instanceof WrongRoot) return unreadable(`The XML is not ${what}.`, { got: `<${fault.message}>`, expected, fix });
    if (fault instanceof Undecodable) return undecodable(bytes, expected);
    const detail = fault instanceof Stop ? `The XML cannot be read as ${what}.` : 'The report is not readable XML.';
    // Faults of the syntax begin with line and column.
    const why = fault instanceof Error ? fault.message.replace(/^\d+:\d+: /, '') : 'a syntax error';
    return unreadable(detail, { got: `${why} (line ${parser.line})`, expected, fix });
  }
  return { ok: true };
};

/** Prefixes are not resolved, because reports with undeclared ones are read, too. */
const prefixOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf(':')));

class WrongRoot extends Error {
  override readonly name = 'WrongRoot';
}
