import { SaxesParser } from 'saxes';
import type { Outcome } from '../outcome.ts';
import type { Element } from './content.ts';
import { elementName } from './junit-words.ts';
import { unreadable } from './unreadable.ts';
import { Undecodable, undecodable, xmlPieces } from './xml-text.ts';

/** Elements may be nested this deep. No tool comes near it; what is deeper is built to exhaust readers. */
export const deepestXml = 1000;

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

/** A reason why a report cannot be read, thrown by the functions of a `Reading` and by the reader itself. */
export const stop = (why: string): never => {
  throw new Error(why);
};

/**
 * Reads an XML report piece by piece. Entities that a document type declaration would define are unknown to the reader, and so make the
 * report unreadable; a declaration with a subset of its own is refused.
 */
export const readXml = (bytes: Uint8Array, { name: what, expected, fix, doctype, roots, open, close }: Reading): Outcome<true> => {
  const parser = new SaxesParser();
  let root: string | undefined;
  let depth = 0;
  parser.on('error', (fault) => stop(fault.message));
  parser.on('doctype', (declared) => {
    if (!doctype.test(declared.trim())) stop('a document type declaration, which may hide entities');
  });
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
    const element = { name: nameOf(name), attributes };
    root ??= element.name;
    if (!roots.includes(root)) throw new WrongRoot(root);
    depth += 1;
    if (depth > deepestXml) stop(`elements nested deeper than ${deepestXml}`);
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
    return unreadable('The report is not readable XML.', {
      got: `${fault instanceof Error ? fault.message : 'a syntax error'} (line ${parser.line})`,
      expected,
      fix,
    });
  }
  return { ok: true };
};

class WrongRoot extends Error {
  override readonly name = 'WrongRoot';
}
