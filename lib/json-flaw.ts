/** What parsers read differently, or cannot hold, in a text that is valid JSON (I-JSON, RFC 7493). */
export type JsonFlaw = { readonly is: 'twice'; readonly name: string } | { readonly is: 'not-unicode' } | { readonly is: 'too-deep' };

/**
 * The first flaw of a valid JSON text: a name that appears twice in an object, of which parsers take different values; text that is not
 * well-formed Unicode, which has no canonical form (unless `anyText`); or nesting deeper than the limit. The text is scanned once.
 */
export const jsonFlawOf = (json: string, deepest: number, anyText = false): JsonFlaw | undefined => {
  const open: (Set<string> | null)[] = [];
  let atName = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (sign === '{' || sign === '[') {
      open.push(sign === '{' ? new Set() : null);
      if (open.length > deepest) return { is: 'too-deep' };
      atName = sign === '{';
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ',') atName = open.at(-1) instanceof Set;
    else if (sign === ':') atName = false;
    else if (sign === '"') {
      const end = endOfString(json, at);
      const text = textOf(json.slice(at, end + 1));
      if (!anyText && !text.isWellFormed()) return { is: 'not-unicode' };
      if (atName && open.at(-1)?.has(text)) return { is: 'twice', name: text };
      if (atName) open.at(-1)?.add(text);
      at = end;
    }
  }
  return undefined;
};

const textOf = (token: string): string => (token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1));

const endOfString = (json: string, start: number): number => {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === '"') return at;
    if (json[at] === '\\') at += 1;
  }
  return json.length;
};
