import type * as z from 'zod';
import { excerpt } from './canonical-json.ts';
import { counted } from './wording.ts';

type Issue = z.core.$ZodIssue;

/**
 * What is wrong with a value that a person wrote, as one sentence: what stands there and what is expected. Needs issues of a parse with
 * `reportInput`; the schema's own words say what is expected where it has some.
 */
export const schemaWords = (issue: Issue): string => {
  if (issue.code === 'unrecognized_keys') return `there is no such member here: ${issue.keys.join(', ')}`;
  // Such words say what is wrong, and not what is expected.
  if (issue.code === 'custom' || (issue.code === 'invalid_type' && issue.expected === 'never')) return issue.message;
  return issue.input === undefined ? `is missing: ${expectedBy(issue)} is expected` : `got ${gotBy(issue)}, expected ${expectedBy(issue)}`;
};

/** What zod says where the schema has no words of its own. */
const ofZod = /^(?:Invalid |Too )/;

/** Whether the schema itself says what is wrong. */
export const hasOwnWords = ({ message }: Issue): boolean => !ofZod.test(message);

const mapping = 'a mapping (name: value)';
const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
};

/** What is expected instead of the value. `object`: what people call one in that format. */
export const expectedBy = (issue: Issue, object: string = mapping): string => {
  if (hasOwnWords(issue)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'object' || issue.expected === 'record' ? object : (kinds[issue.expected] ?? issue.expected);
    case 'invalid_format':
      if (issue.format === 'datetime') return 'an instant with its zone, such as 2026-03-02T08:00:00Z';
      return issue.pattern === undefined ? issue.message : `a text of the form ${issue.pattern}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return limited(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return limited(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    case 'invalid_union':
      return anyOf(issue.errors, object);
    default:
      return issue.message;
  }
};

const limited = (origin: string, side: string, limit: number): string => {
  if (origin === 'string') return `${side} ${counted(limit, 'character')}`;
  return origin === 'array' || origin === 'set' ? `${side} ${counted(limit, 'item')}` : `${side} ${limit}`;
};

/** What each way of a union expects of the value itself; of a way that expects something of a member, a mapping. */
const anyOf = (ways: readonly (readonly Issue[])[], object: string): string => {
  const all = ways.flatMap(([first]) => (first === undefined ? [] : [first.path.length === 0 ? expectedBy(first, object) : object]));
  return [...new Set(all)].join(' or ') || 'another value';
};

/** Characters of a text that a sentence quotes. */
const mostQuoted = 60;

const gotBy = ({ code, input }: Issue): string => {
  if (typeof input === 'string')
    return input.length > mostQuoted ? `a text of ${counted(input.length, 'character')}` : JSON.stringify(excerpt(input, mostQuoted));
  if (Array.isArray(input)) return code === 'too_small' || code === 'too_big' ? counted(input.length, 'item') : 'a list';
  if (typeof input === 'object' && input !== null) return mapping;
  return input === null ? 'nothing' : String(input).slice(0, mostQuoted);
};
