/** Nesting depth of objects and arrays, far above what any body of the contract needs. */
const maxDepth = 16;

export type Flaw = { readonly detail: string; readonly got: string; readonly expected: string; readonly fix: string };

/**
 * The reason to reject a text that is valid JSON (I-JSON, RFC 7493): a name that appears twice in an object, of which parsers take different
 * values; text that is not well-formed Unicode, which has no canonical form; and nesting beyond the limit.
 */
export const flawOf = (json: string): Flaw | undefined => {
  const open: (Set<string> | null)[] = [];
  let atName = false;
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > maxDepth) return tooDeep;
    } else if (token === '}' || token === ']') open.pop();
    if (!token.startsWith('"')) {
      atName = (token === '{' || token === ',') && open.at(-1) instanceof Set;
      continue;
    }
    const text = JSON.parse(token) as string;
    if (!text.isWellFormed()) return noUnicode;
    if (!atName) continue;
    if (open.at(-1)?.has(text)) return twice(text);
    open.at(-1)?.add(text);
  }
  return undefined;
};

const tooDeep: Flaw = {
  detail: `The body nests objects and arrays deeper than ${maxDepth}.`,
  got: `more than ${maxDepth} levels`,
  expected: `at most ${maxDepth} levels`,
  fix: 'Send the fields as GET /v1/openapi.json describes them.',
};

const noUnicode: Flaw = {
  detail: 'The body contains text that is not well-formed Unicode.',
  got: 'half of a surrogate pair, such as \\ud800',
  expected: 'well-formed Unicode',
  fix: 'Write characters as UTF-8, or escape both halves of a pair.',
};

const twice = (name: string): Flaw => ({
  detail: `The body has the field ${name} twice in one object.`,
  got: 'two values',
  expected: 'one value',
  fix: 'Send the field once.',
});
