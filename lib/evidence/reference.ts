import { excerpt } from '../canonical-json.ts';
import type { Validator } from './json-schema.ts';
import { isObject, type Json, type ObjectKind, type Place, referenceOf, within } from './openapi-grammar.ts';

/** What the references of a document lead to. */
export type References = {
  readonly problems: readonly string[];
  /** Every object of a kind, also those that only a reference leads to. */
  readonly all: (kind: ObjectKind) => readonly Json[];
  /** The object, or what its reference leads to; undefined when that is not in the document. */
  readonly target: (kind: ObjectKind, value: unknown) => Json | undefined;
};

/** A schema with `$id` is a resource of its own: references in it are relative to it (JSON Schema 2020-12, 8.2). */
type Resource = { readonly uri: string; readonly root: Json };
type Reference = { readonly place: Place; readonly text: string; readonly resource: Resource };

const longestChain = 100;
/** A reference may lead to a place that OpenAPI does not know, and a reference there to another one. */
const mostRounds = 10;

/**
 * Follows the references of an OpenAPI document, where the specification has references. `check` says why an object is not of a kind. It is
 * asked only for objects in places that OpenAPI does not know, because all others were checked as part of the document.
 */
export const readReferences = (document: Json, version: string, check: (kind: ObjectKind) => Validator): References => {
  const walk = walking(version);
  const self = typeof document.$self === 'string' ? document.$self : '';
  walk.enter({ kind: 'document', value: document }, { uri: absolute(self, base), root: document });
  const problems = new Set<string>();
  const targets = new Map<object, Json>();
  for (let round = 0; walk.found.length > 0; round += 1) {
    // Outer places first: what is within them is then known and is not checked again.
    const references = walk.found.splice(0).sort((a, b) => a.text.split('/').length - b.text.split('/').length);
    if (round === mostRounds) problems.add(`references lead through more than ${mostRounds} places that OpenAPI does not know`);
    if (round === mostRounds) break;
    for (const { place, text, resource } of references) {
      const { problem, target } = walk.resolve(text, resource);
      const quoted = excerpt(text, 150);
      if (problem !== undefined) problems.add(`${quoted} ${problem}`);
      // A schema may be true or false.
      else if (!isObject(target)) {
        if (place.kind !== 'schema' || typeof target !== 'boolean') problems.add(`${quoted} points at no ${place.kind}`);
      } else {
        targets.set(place.value, target);
        const why = walk.isKnown({ kind: place.kind, value: target }) ? undefined : check(place.kind)(target);
        if (why !== undefined || target === document)
          problems.add(`${quoted} points at no ${place.kind}${why === undefined ? '' : `: ${why}`}`);
        else walk.enter({ kind: place.kind, value: target }, resource);
      }
    }
  }
  for (const reference of circles(walk.all(), targets)) problems.add(`${excerpt(reference, 150)} leads back to itself`);
  return { problems: [...problems], all: (kind) => [...walk.of(kind)], target: (kind, value) => followed(kind, value, targets) };
};

/** Relative references need a base; this name is reserved (RFC 2606). */
const base = 'https://document.invalid/';
const absolute = (uri: string, from: string): string => (URL.canParse(uri, from) ? new URL(uri, from).href.replace(/#$/, '') : uri);

/** Visits every object once for each kind. */
const walking = (version: string) => {
  const known = new Map<ObjectKind, Set<Json>>();
  const resources = new Map<string, Resource>();
  const anchors = new Map<string, Json>();
  const found: Reference[] = [];
  const of = (kind: ObjectKind): Set<Json> => known.get(kind) ?? new Set();
  const isKnown = ({ kind, value }: Place): boolean => of(kind).has(value);
  const resourceOf = ({ kind, value }: Place, outer: Resource): Resource => {
    if (kind === 'document') resources.set(outer.uri, outer);
    if (kind !== 'schema' || version.startsWith('3.0.')) return outer;
    const own = typeof value.$id === 'string' ? { uri: absolute(value.$id, outer.uri), root: value } : outer;
    if (own !== outer) resources.set(own.uri, own);
    for (const anchor of [value.$anchor, value.$dynamicAnchor]) if (typeof anchor === 'string') anchors.set(`${own.uri}#${anchor}`, value);
    return own;
  };
  const enter = (first: Place, outer: Resource): void => {
    const waiting: [Place, Resource][] = [[first, outer]];
    // The list grows while the loop walks it. Recursion could overflow the stack.
    for (const [place, around] of waiting) {
      if (isKnown(place)) continue;
      known.set(place.kind, of(place.kind).add(place.value));
      const resource = resourceOf(place, around);
      const text = referenceOf(place);
      if (text !== undefined) found.push({ place, text, resource });
      for (const inner of within(place, version)) waiting.push([inner, resource]);
    }
  };
  const resolve = (text: string, from: Resource): { readonly problem?: string; readonly target?: unknown } => {
    const [uri = '', fragment = ''] = text.split('#', 2);
    const resource = uri === '' ? from : resources.get(absolute(uri, from.uri));
    if (resource === undefined)
      return { problem: 'is outside of the document, and nothing outside was read; bundle the document into one file' };
    if (fragment === '') return { target: resource.root };
    const target = fragment.startsWith('/') ? pointed(resource.root, fragment.slice(1)) : anchors.get(`${resource.uri}#${fragment}`);
    return target === undefined ? { problem: 'points at nothing' } : { target };
  };
  return {
    found,
    of,
    isKnown,
    enter,
    resolve,
    all: () => [...known].flatMap(([kind, values]) => [...values].map((value) => ({ kind, value }))),
  };
};

/** The value at a JSON pointer without its first slash (RFC 6901). */
const pointed = (root: Json, pointer: string): unknown =>
  decoded(pointer)
    ?.split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, part) => (typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Json)[part] : undefined),
      root,
    );

/** Undefined when a percent sign encodes nothing: the reference is then invalid. */
const decoded = (fragment: string): string | undefined => {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
};

/** References that lead to a reference and so on in a circle, so that there is nothing at the end. */
const circles = (places: readonly Place[], targets: ReadonlyMap<object, Json>): Set<string> => {
  const ended = new Set<object>();
  const circular = new Set<string>();
  for (const { value } of places) {
    const path = new Set<Json>();
    let at: Json | undefined = value;
    while (at !== undefined && !ended.has(at) && !path.has(at)) {
      path.add(at);
      at = targets.get(at);
    }
    if (at !== undefined && path.has(at)) circular.add(String(at.$ref));
    for (const visited of path) ended.add(visited);
  }
  return circular;
};

const followed = (kind: ObjectKind, value: unknown, targets: ReadonlyMap<object, Json>): Json | undefined => {
  let at = isObject(value) ? value : undefined;
  for (let step = 0; at !== undefined && step < longestChain; step += 1) {
    if (referenceOf({ kind, value: at }) === undefined) return at;
    at = targets.get(at);
  }
  return undefined;
};
