import { excerpt } from '../canonical.ts';

/** References within a JSON document: RFC 6901 pointers after a `#`. */
const deepest = 100;
const longestChain = 10;

/** Local references that point at nothing. The tree of the document is walked, not its references: a circle is no trouble. */
export const brokenReferences = (document: unknown): string[] => {
  const broken = new Set<string>();
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > deepest) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === '$ref' && typeof member === 'string' && member.startsWith('#/') && resolve(document, member) === undefined)
        broken.add(`${excerpt(member, 150)} points at nothing`);
      else walk(member, depth + 1);
    }
  };
  walk(document, 0);
  return [...broken];
};

/** What a value says, or what the place says that it refers to; undefined where that cannot be found in this document. */
export const followed = (document: unknown, value: unknown): unknown => {
  let target = value;
  for (let step = 0; step < longestChain; step += 1) {
    const reference = typeof target === 'object' && target !== null && '$ref' in target ? target.$ref : undefined;
    if (typeof reference !== 'string') return target;
    if (!reference.startsWith('#/')) return undefined;
    target = resolve(document, reference);
  }
  return undefined;
};

const resolve = (document: unknown, reference: string): unknown => {
  const pointer = decoded(reference.slice(2));
  return pointer
    ?.split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined,
      document,
    );
};

/** A percent sign that encodes nothing makes the whole reference none. */
const decoded = (fragment: string): string | undefined => {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
};
