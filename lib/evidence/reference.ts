import { excerpt } from '../canonical-json.ts';

/** Limits for references within a JSON document (RFC 6901 pointers after a `#`). */
const deepest = 100;
const longestChain = 10;

/** Local references that point at nothing. Walks the document's tree and never follows a reference, so a cycle does no harm. */
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

/** The value, or the value that its reference points at; undefined when this document does not contain it. */
export const dereferenced = (document: unknown, value: unknown): unknown => {
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

/** Undefined when a percent sign encodes nothing: the reference is then invalid. */
const decoded = (fragment: string): string | undefined => {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
};
