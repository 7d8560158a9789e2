/** Objects and arrays inside one another. No body of the contract comes near it. */
const maxDepth = 16;

export type Flaw = { readonly detail: string; readonly got: string; readonly expected: string; readonly fix: string };

/**
 * Why a text that is JSON is not taken all the same (I-JSON, RFC 7493): a name that comes twice in an object, which two readers
 * would read as two things; text that is no Unicode, which has no canonical form; and nesting without a limit.
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
  got: `more than ${maxDepth} inside one another`,
  expected: `at most ${maxDepth}`,
  fix: 'Send the fields as GET /v1/openapi.json describes them.',
};

const noUnicode: Flaw = {
  detail: 'The body holds text that is no Unicode.',
  got: 'half of a surrogate pair, such as \\ud800',
  expected: 'well-formed Unicode',
  fix: 'Write characters as UTF-8, or escape both halves of a pair.',
};

const twice = (name: string): Flaw => ({
  detail: `The body has the field ${name} twice in one object.`,
  got: 'two values',
  expected: 'one value',
  fix: 'Send it once.',
});
