import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import type { Outcome } from '../outcome.ts';
import { doubt } from './account.ts';
import { hasMembers } from './content.ts';
import { openToMore, tooLarge, type Validator, validatorsOf } from './json-schema.ts';
import { evidenceType, megabyte } from './kind.ts';
import { nameDigests } from './listed-names.ts';
import { type Json, type ObjectKind, schemaPart } from './openapi-grammar.ts';
import { readOperations, undefinedSchemes } from './openapi-operations.ts';
import { readReferences } from './reference.ts';
import type { Parsed } from './report-time.ts';
import schema30 from './schemas/openapi-3.0.json' with { type: 'json' };
import schema31 from './schemas/openapi-3.1.json' with { type: 'json' };
import dialect31 from './schemas/openapi-3.1-dialect.json' with { type: 'json' };
import schema32 from './schemas/openapi-3.2.json' with { type: 'json' };
import dialect32 from './schemas/openapi-3.2-dialect.json' with { type: 'json' };
import { firstIssue, jsonOf, notVersion, textOf, unreadable } from './unreadable.ts';
import { yamlOf } from './yaml.ts';

const facts = z.strictObject({
  type: z.literal('openapi'),
  version: z.string().describe('version of OpenAPI'),
  /** The newest version that Holdpoint knows, when the document's version is newer and was read as that one; else null. */
  readAs: z.string().nullable().describe('read as version'),
  title: z.string().describe('title'),
  /** Operations of the paths. Webhooks are calls that the service makes. */
  operations: z.int().min(0).describe('operations'),
  /** The first operations without summary and description, of their own or of their path, and the count of all of them. */
  undescribed: z.array(z.string()).describe('first operations without a description'),
  undescribedCount: z.int().min(0).describe('operations without a description'),
  /** The first structural problems, and the count of those found. The check against the schema stops at its first one. */
  problems: z.array(z.string()).describe('first problems'),
  problemsCount: z.int().min(0).describe('problems'),
  /** Digests of the names of all operations (`listed-names.ts`); absent where there are too many, and in facts of older versions. */
  named: z.array(z.string()).optional().describe('operations, by digest'),
});
export type OpenapiFacts = z.infer<typeof facts>;

export const openapi = evidenceType({
  id: 'openapi',
  description: "The API's OpenAPI 3 document as JSON or YAML",
  fileNames: ['json', 'yaml', 'yml'].flatMap((extension) => [`*openapi*.${extension}`, `*swagger*.${extension}`]),
  mediaTypes: [
    'application/json',
    'application/vnd.oai.openapi+json',
    'application/openapi+json',
    'application/yaml',
    'application/x-yaml',
    'text/yaml',
    'application/vnd.oai.openapi',
    'application/openapi+yaml',
  ],
  maxBytes: 2 * megabyte,
  facts,
  recognises: ({ head, json }) =>
    hasMembers(json, 'openapi') || hasMembers(json, 'swagger') || (!head.startsWith('{') && /^["']?(openapi|swagger)["']?\s*:/m.test(head)),
  fieldWords: ({ version, title, operations, undescribedCount, problemsCount }) => ({
    version,
    title,
    operations,
    undescribed: undescribedCount,
    problems: problemsCount,
  }),
  parse: (bytes) => parse(bytes),
  sample: 'openapi.json',
});

const expected = 'an OpenAPI 3.0, 3.1 or 3.2 document as JSON or YAML';
const mostNames = 20;
/** The schema of OpenAPI 3.1 is followed by many calls for each level. */
const deepest = 200;

const aVersion = notVersion('a version such as "3.0.3", "3.1.1" or "3.2.0"');
const root = z.looseObject({
  openapi: z.string(aVersion).regex(/^3\.\d{1,4}\.\d{1,4}$/, aVersion),
  // What else is wrong in it is a structural problem, such as a version that YAML reads as a number.
  info: z.looseObject({ title: z.string() }),
});

const newest = '3.2';
const known: Readonly<Record<string, (part?: string) => Validator>> = {
  '3.0': validatorsOf([schema30]),
  '3.1': validatorsOf([dialect31, schema31]),
  '3.2': validatorsOf([dialect32, schema32]),
};
/** A later minor version may add members; all others mean what they meant (OpenAPI Specification 3.2, 4.1). */
const later = validatorsOf([openToMore(dialect32), { ...openToMore(schema32), properties: { ...schema32.properties, openapi: {} } }]);

/**
 * Counts operations, operations without description, and structural problems: violations of the published schema, and of what the
 * specification says beside it (OpenAPI Specification 3.0, 3.1 and 3.2).
 */
const parse = (bytes: Uint8Array): Parsed<OpenapiFacts> => {
  const read = documentOf(bytes);
  if (read.refused) return read;
  const large = tooLarge(read.ok, deepest);
  const parsed = large === undefined ? root.safeParse(read.ok) : undefined;
  if (!parsed?.success)
    return unreadable('The report is not an OpenAPI document.', {
      got: large ?? oldVersion(read.ok) ?? (parsed?.error === undefined ? '' : firstIssue(parsed.error)),
      expected,
      fix: 'Send the document that the service publishes. A document in Swagger 2.0 has to be converted to OpenAPI 3.',
    });
  const { openapi: version, info } = parsed.data;
  const document = read.ok as Json;
  const minor = version.split('.', 2).join('.');
  const validators = known[minor] ?? later;
  const check = (kind: ObjectKind): Validator => validators(schemaPart(kind, version));
  const violation = validators()(document);
  const references = readReferences(document, version, check);
  const { operations, problems: others } = readOperations(document, references);
  const undescribed = operations.filter(({ described }) => !described).map(({ name }) => name);
  const problems = [
    ...(violation === undefined ? [] : [violation]),
    ...others,
    ...undefinedSchemes(document, version, references),
    ...references.problems,
  ];
  const named = nameDigests(operations.flatMap(({ keys }) => keys));
  const first = problems.slice(0, mostNames).map((problem) => excerpt(problem, 200));
  return {
    account: { problems: first.map((problem) => doubt('structure', problem)) },
    ok: {
      type: 'openapi',
      version,
      readAs: known[minor] === undefined ? newest : null,
      title: excerpt(info.title, 200),
      operations: operations.length,
      undescribed: undescribed.slice(0, mostNames),
      undescribedCount: undescribed.length,
      problems: first,
      problemsCount: problems.length,
      ...(named === undefined ? {} : { named }),
    },
  };
};

const oldVersion = (value: unknown): string | undefined =>
  hasMembers(value, 'swagger') ? `swagger: ${excerpt(String(value.swagger), 20)}` : undefined;

/** JSON begins with a brace. YAML could begin so, too, but no tool writes a document like that. */
const documentOf = (bytes: Uint8Array): Outcome<unknown> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  return text.ok.trimStart().startsWith('{') ? jsonOf(bytes, expected) : yamlOf(text.ok, expected);
};
