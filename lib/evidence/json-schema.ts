import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { excerpt } from '../canonical-json.ts';
import { schemaUris } from './schema-uris.ts';

/** Says where and why a value does not follow a schema; undefined when it does. It stops at the first violation. */
export type Validator = (value: unknown) => string | undefined;

/**
 * Validators of JSON Schema 2020-12: of the last schema, or of a part of it that a JSON pointer names. Compiling takes some 100 ms, so
 * each one is compiled at its first use and kept.
 */
export const validatorsOf = (schemas: readonly object[]): ((part?: string) => Validator) => {
  let ajv: Ajv2020 | undefined;
  const compiled = new Map<string, Validator>();
  return (part = '') => {
    ajv ??= withSchemas(schemas);
    const known = compiled.get(part);
    if (known !== undefined) return known;
    const id: unknown = (schemas.at(-1) as { readonly $id?: unknown }).$id;
    const validator = firstViolation(ajv.compile({ $ref: `${String(id)}#${part}` }));
    compiled.set(part, validator);
    return validator;
  };
};

const withSchemas = (schemas: readonly object[]): Ajv2020 => {
  // The schemas are ours: they are neither checked nor reported on. Ajv compares every pair of items, which takes minutes on a long list.
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    validateFormats: false,
    logger: false,
    unicodeRegExp: true,
    uriResolver: schemaUris,
  });
  ajv.removeKeyword('uniqueItems').addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (unique: boolean, items: readonly unknown[]) =>
      !unique || new Set(items.map((item) => JSON.stringify(item))).size === items.length,
  });
  for (const schema of schemas) ajv.addSchema(schema);
  return ajv;
};

/** The deepest error says most: those above it only say that no alternative fits. */
const firstViolation =
  (validate: ValidateFunction): Validator =>
  (value) => {
    if (follows(validate, value)) return undefined;
    const errors = (validate.errors ?? []).filter(({ keyword }) => !['if', 'oneOf', 'anyOf', 'not'].includes(keyword));
    const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
    const [first, ...others] = errors.length > 0 ? errors : (validate.errors ?? []);
    if (first === undefined) return 'the document does not follow its schema';
    return textOf(others.reduce((deepest, one) => (depth(one) > depth(deepest) ? one : deepest), first));
  };

/** Ajv calls itself for each level, several times for some schemas, and may run out of its stack. */
const follows = (validate: ValidateFunction, value: unknown): boolean => {
  try {
    return validate(value) === true;
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault;
    validate.errors = [{ instancePath: '', schemaPath: '', keyword: 'depth', params: {}, message: 'is nested too deep to be checked' }];
    return false;
  }
};

const textOf = ({ instancePath, keyword, params, message }: ErrorObject): string => {
  const more: unknown =
    params.additionalProperty ?? params.unevaluatedProperty ?? (keyword === 'enum' ? params.allowedValues : params.allowedValue);
  const shown = more === undefined ? '' : `: ${excerpt([more].flat().join(', '), 100)}`;
  return `${excerpt(instancePath === '' ? 'the document' : instancePath, 150)} ${excerpt(message ?? keyword, 150)}${shown}`;
};

/** A schema without its closed lists of members: what a later minor version adds is then no violation. */
export const openToMore = (schema: object): object => JSON.parse(JSON.stringify(schema), reopened) as object;

const reopened = (name: string, value: unknown): unknown =>
  (name === 'additionalProperties' || name === 'unevaluatedProperties') && value === false ? undefined : value;

const mostValues = 2_000_000;

/** Why a value cannot be walked: nested too deep for recursion, or with more values than the bytes of a report can spell out. */
export const tooLarge = (value: unknown, deepest: number): string | undefined => {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  let values = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > deepest) return `values nested deeper than ${deepest}`;
    const next: object[] = [];
    for (const parent of level) {
      for (const member of Object.values(parent)) {
        values += 1;
        if (typeof member === 'object' && member !== null) next.push(member);
      }
      // Aliases of YAML can multiply a value without end.
      if (values > mostValues) return `more than ${mostValues} values`;
    }
    level = next;
  }
  return undefined;
};
