import { isAlias, isMap, isScalar, isSeq, Lexer, type ParsedNode, parseDocument } from 'yaml';
import type { Outcome } from '../outcome.ts';
import { unreadable } from './unreadable.ts';

const mostAliases = 1000;
const mostNodes = 1_000_000;
const deepest = 200;
/** A merge copies at most as many members as the document has different names. */
const mostCopies = 1_000_000;

/**
 * The one document of a YAML 1.2 text as a JSON value (core schema: no dates, no custom tags), with the merge keys of YAML 1.1, which
 * people use in documents that they write by hand. Refuses syntax errors, several documents,
 * a name twice in one mapping, keys that are not scalars, and aliases that expand a small text into a large value.
 */
export const yamlOf = (text: string, expected: string): Outcome<unknown> => {
  const refused = (got: string) =>
    unreadable('The report is not readable YAML.', { got, expected, fix: 'Send the file as the tool wrote it.' });
  try {
    if (isTooDeep(text)) return refused(`values nested deeper than ${deepest}`);
    // The library looks for a key twice by comparing all pairs, which takes minutes on a long mapping: see `problemIn`.
    const document = parseDocument(text, { merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
    const [error] = document.errors;
    if (error !== undefined) return refused(error.code === 'MULTIPLE_DOCS' ? 'several documents in one file' : error.message);
    const problem = problemIn(document.contents);
    return problem === undefined ? { ok: document.toJS({ maxAliasCount: mostAliases }) as unknown } : refused(problem);
  } catch (fault) {
    // The library calls itself for each level of indentation.
    if (fault instanceof RangeError) return refused(`values nested deeper than ${deepest}`);
    return refused(fault instanceof Error ? fault.message : 'a syntax error');
  }
};

/** The value of a text in YAML or JSON; undefined where it is neither. */
export const jsonOrYaml = (text: string): unknown => yamlOf(text, 'YAML').ok;

/** Whether brackets, or indicators on one line, nest too deep: the parser would need much memory before it failed. */
export const isTooDeep = (text: string): boolean => {
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets -= 1;
    else if (token === '-' || token === '?') indicators += 1;
    else if (token.trim() !== '') indicators = 0;
    if (brackets > deepest || indicators > deepest) return true;
  }
  return false;
};

/** The nodes grow while the loop walks them. Recursion could overflow the stack. */
const problemIn = (contents: ParsedNode | null): string | undefined => {
  const nodes: unknown[] = [contents];
  const allNames = new Set<string>();
  let [aliases, merges] = [0, 0];
  for (const node of nodes) {
    if (nodes.length > mostNodes) return `more than ${mostNodes} nodes`;
    if (isAlias(node)) aliases += 1;
    if (aliases > mostAliases) return `more than ${mostAliases} aliases`;
    if (isSeq(node)) for (const item of node.items) nodes.push(item);
    if (!isMap(node)) continue;
    const names = new Set<string>();
    for (const { key, value } of node.items) {
      if (!isScalar(key)) return 'a key that is not a scalar';
      // The library makes a symbol of a merge key.
      const name = typeof key.value === 'symbol' ? '<<' : String(key.value);
      if (names.has(name)) return `the key ${name} twice in one mapping`;
      names.add(name);
      allNames.add(name);
      if (name === '<<') merges += 1;
      nodes.push(value);
    }
  }
  return merges > 0 && aliases * allNames.size > mostCopies ? 'too many merge keys' : undefined;
};
