import { type JsonFlaw, jsonFlawOf } from '../json-flaw.ts';

/** Nesting depth of objects and arrays, far above what any body of the contract needs. */
const maxDepth = 16;

export type Flaw = { readonly detail: string; readonly got: string; readonly expected: string; readonly fix: string };

/** The reason to reject a body that is valid JSON. */
export const flawOf = (json: string): Flaw | undefined => {
  const flaw = jsonFlawOf(json, maxDepth);
  return flaw && texts[flaw.is](flaw as never);
};

const texts: { readonly [Is in JsonFlaw['is']]: (flaw: Extract<JsonFlaw, { is: Is }>) => Flaw } = {
  'too-deep': () => ({
    detail: `The body nests objects and arrays deeper than ${maxDepth}.`,
    got: `more than ${maxDepth} levels`,
    expected: `at most ${maxDepth} levels`,
    fix: 'Send the fields as GET /v1/openapi.json describes them.',
  }),
  'not-unicode': () => ({
    detail: 'The body contains text that is not well-formed Unicode.',
    got: 'half of a surrogate pair, such as \\ud800',
    expected: 'well-formed Unicode',
    fix: 'Write characters as UTF-8, or escape both halves of a pair.',
  }),
  twice: ({ name }) => ({
    detail: `The body has the field ${name} twice in one object.`,
    got: 'two values',
    expected: 'one value',
    fix: 'Send the field once.',
  }),
};
