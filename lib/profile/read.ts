import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type * as z from 'zod';
import { markedEncoding } from '../evidence/text-encoding.ts';
import { isTooDeep } from '../evidence/yaml.ts';
import type { Mistake } from '../outcome.ts';
import { ruleKinds } from '../registry/rules.ts';
import { schemaWords } from '../schema-words.ts';
import { type Profile, profileSchema } from './schema.ts';

/** What is wrong, and where: the members on the way from the top of the profile. `key`: the name itself is wrong, not what it holds. */
export type Misfit = { readonly path: readonly (string | number)[]; readonly key?: true; readonly message: string };
export type { Mistake } from '../outcome.ts';
export type ProfileFile = { readonly profile: Profile; readonly placed: (misfits: readonly Misfit[]) => readonly Mistake[] };

/** Names in one mapping are compared in pairs, so a long file would take long. */
const mostCharacters = 128 * 1024;
/** Enough for people who repeat a list by name, and too few to expand a small file into a large value. */
const mostAliases = 100;
const mostCopies = 20_000;

/** Reads a profile in YAML or JSON. Never throws: each mistake is said with its place in the file. */
export const readProfile = (bytes: Uint8Array): { readonly ok: ProfileFile } | { readonly wrong: readonly Mistake[] } => {
  const text = textOf(bytes);
  if (text === undefined) return { wrong: [atTop('the file is not text in UTF-8, and not in UTF-16 with a byte-order mark')] };
  if (text.length > mostCharacters) return { wrong: [atTop(`the file has more than ${mostCharacters} characters`)] };
  if (isTooDeep(text)) return { wrong: [atTop('values are nested too deep')] };
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines, prettyErrors: false, logLevel: 'error', stringKeys: true });
  const placeOf = (offset: number): Pick<Mistake, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // Of a tag or a version that it does not know, the library only warns, and reads something else than a person.
  const flaws = [...document.errors, ...document.warnings];
  if (flaws.length > 0)
    return {
      wrong: flaws.map(({ pos: [offset], code, message }) => ({ ...placeOf(offset), member: '', message: flawText(code, message) })),
    };
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2')
    return {
      wrong: [atTop(`the file says that it is YAML ${document.directives.yaml.version}; YAML 1.2 is expected, and no line must say so`)],
    };
  const placed = (misfits: readonly Misfit[]): readonly Mistake[] =>
    misfits
      .map(({ path, key, message }) => ({ ...placeOf(offsetOf(document.contents, path, key === true)), member: memberOf(path), message }))
      .toSorted((a, b) => a.line - b.line || a.column - b.column);
  const misplaced = misplacedIn(document);
  if (misplaced.length > 0) return { wrong: misplaced.map(({ offset, message }) => ({ ...placeOf(offset), member: '', message })) };
  const value = jsValueOf(() => document.toJS({ maxAliasCount: mostAliases }) as unknown);
  if (value === undefined) return { wrong: [atTop('aliases repeat too much')] };
  const read = profileSchema.safeParse(value, { reportInput: true });
  return read.success ? { ok: { profile: read.data, placed } } : { wrong: placed(read.error.issues.flatMap(misfitsOf)) };
};

/** What the library would read otherwise than a person, or without end. */
const misplacedIn = (document: Document.Parsed): readonly { readonly offset: number; readonly message: string }[] => {
  const found: { offset: number; message: string }[] = [];
  const anchors = new Set<string>();
  let [pairs, merges] = [0, 0];
  visit(document, {
    Value: (_, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias: (_, alias) => {
      if (!anchors.has(alias.source))
        found.push({
          offset: alias.range?.[0] ?? 0,
          message: `*${alias.source} repeats nothing that stands above; quote a text that begins with *, such as "*checkout*"`,
        });
    },
    Pair: (_, { key }) => {
      pairs += 1;
      if (!isScalar(key)) return;
      // The library makes a symbol of a merge key.
      if (typeof key.value === 'symbol' || key.value === '<<') merges += 1;
      // Schemas pass over it.
      if (key.value === '__proto__') found.push({ offset: key.range?.[0] ?? 0, message: noMember });
    },
  });
  // Each copies at most as many members as the file has.
  if (merges * pairs > mostCopies) found.push({ offset: 0, message: 'merge keys repeat too much' });
  return found;
};

const noMember = 'there is no such member here';

/** Where the library's own words are for programmers. */
const flawTexts: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this name stands here twice',
  MULTIPLE_DOCS: 'a second document begins here; a profile is one document',
  NON_STRING_KEY: 'a name is a text; it is not in brackets, and not empty',
  TAG_RESOLVE_FAILED: 'this tag is not known: leave it out',
};
const flawText = (code: string, message: string): string => flawTexts[code] ?? sentence(message);

const atTop = (message: string): Mistake => ({ line: 1, column: 1, member: '', message });

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(markedEncoding(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const jsValueOf = (read: () => unknown): unknown => {
  try {
    return read() ?? null;
  } catch {
    return undefined;
  }
};

const sentence = (message: string): string => message.replace(/\s*\n\s*/g, ' ').slice(0, 300);

const misfitsOf = (issue: z.core.$ZodIssue): Misfit[] => {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => ({ path: [...path, name], key: true, message: noMember }));
  if (issue.code === 'invalid_key') return [{ path, key: true, message: issue.issues[0]?.message ?? issue.message }];
  if (issue.code === 'invalid_union' && path.at(-1) === 'kind')
    return [{ path, message: `there is no such rule; an own check has one of these: ${ownRules.join(', ')}` }];
  return [{ path, message: schemaWords(issue) }];
};

/** The rules that judge evidence. */
const ownRules = ruleKinds.flatMap(({ kind, evidence }) => (evidence === null ? [] : [kind]));

const memberOf = (path: Misfit['path']): string =>
  path.reduce<string>((so, part) => (typeof part === 'number' ? `${so}[${part}]` : so === '' ? part : `${so}.${part}`), '');

/** Where the member stands; of a member that is not there, where the innermost one stands that is. */
const offsetOf = (contents: Node | null, path: Misfit['path'], wantsKey: boolean): number => {
  let node = contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [at, part] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return offset;
      const [key, value] = [pair.key as Node, pair.value as Node | null];
      const isLast = at === path.length - 1;
      offset = (isLast && wantsKey ? key : (value ?? key)).range?.[0] ?? offset;
      node = value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = (node.items[part] ?? null) as Node | null;
      offset = node?.range?.[0] ?? offset;
    } else if (isAlias(node)) return offset;
  }
  return offset;
};
