import * as z from 'zod';

/** A value that follows a schema, with every member in it: what a server might answer. */
export const sampleOf = (schema: z.ZodType): unknown => {
  const root = z.toJSONSchema(schema) as Schema;
  return sampleFor(root, root);
};

type Schema = {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
};

const hex = `4f1c2a90b7de${'0'.repeat(52)}`;
const texts = [
  hex,
  'some-text',
  hex.slice(0, 43),
  `sha256:${hex}`,
  hex.slice(0, 40),
  hex.slice(0, 32),
  '2026-03-02T08:00:00.000Z',
  '2026-03-02',
  'feature:checkout',
  'p-tech0000',
  'a text of more than twenty characters',
];

const textOf = ({ pattern, format, minLength = 0 }: Schema): string => {
  if (format === 'date-time') return '2026-03-02T08:00:00.000Z';
  const found = texts.find((text) => text.length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(text)));
  if (found === undefined) throw new Error(`no sample text for ${pattern}`);
  return found;
};

const sampleFor = (schema: Schema, root: Schema): unknown => {
  const of = (one: Schema): unknown => sampleFor(one, root);
  if (schema.$ref !== undefined) return of(schema.$ref === '#' ? root : (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {}));
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return of(first);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(of)) as unknown;
  if (Array.isArray(schema.type)) return of({ ...schema, type: schema.type[0] as string });
  if (schema.type === 'string') return textOf(schema);
  if (schema.type === 'number' || schema.type === 'integer') return Math.max(schema.minimum ?? 1, 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return schema.prefixItems?.map(of) ?? (schema.items === undefined ? [] : [of(schema.items)]);
  if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, of(one)]));
  return null;
};
