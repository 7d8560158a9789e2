import * as z from 'zod';
import { loadAll } from './evidence-list.ts';

/** What people call each fact of a type, by the name under which a page lists it: `failed`, or `lines.hit` of a member. */
type FactWords = Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>;

/** Past what may be absent, null or limited. */
const bare = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bare(schema.unwrap() as z.ZodType) : schema;

/** The description where somebody gave it: outside of what may be absent, or inside. */
const described = (schema: z.ZodType): string | undefined =>
  schema.description ??
  (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? described(schema.unwrap() as z.ZodType) : undefined);

const membersOf = (schema: z.ZodType): readonly (readonly [string, z.ZodType])[] => {
  const inner = bare(schema);
  return inner instanceof z.ZodObject ? (Object.entries(inner.shape) as [string, z.ZodType][]) : [];
};

/** The words that the schema of the facts gives: `lines` and its member `hit` come to "lines: covered". */
const wordsOf = (schema: z.ZodType): readonly (readonly [string, string])[] =>
  membersOf(schema).flatMap(([name, member]) => {
    const words = described(member);
    if (words === undefined) return [];
    return [
      [name, words] as const,
      ...membersOf(member).flatMap(([inner, of]) => {
        const more = described(of);
        return more === undefined ? [] : [[`${name}.${inner}`, `${words}: ${more}`] as const];
      }),
    ];
  });

/**
 * The words of every type, from the schemas of their facts. In a function they stand written (`writtenWords`, lib/stack/bundle.ts): a page that
 * shows facts needs no parser.
 */
export const factWords: FactWords = Object.fromEntries(
  Object.entries(await loadAll()).map(([id, { facts }]) => [id, Object.fromEntries(wordsOf(facts))]),
);
