import * as z from 'zod';

import { excerpt } from '../canonical-json.ts';
import { accountName, clockSkewMs, longestPartId, nameSchema, partSubjectSchema } from '../fields.ts';
import { counted } from '../wording.ts';

import { isHoldpointRecord } from './content.ts';
import { filePath } from './file-path.ts';
import { evidenceType, mostJson } from './kind.ts';
import { nameDigests } from './listed-names.ts';
import { type RecordTime, timesIn } from './record-times.ts';
import { type RecordId, recordKinds, recordOf } from './records/index.ts';
import { environments, listedAgain, type RecordContent, type RecordKind, type RecordPart } from './records/kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';
import { rewrittenJson, withoutSecretTexts } from './scrubbed.ts';
import { passedTestsOf } from './test-facts.ts';
import { firstIssue, jsonOf, unreadable } from './unreadable.ts';

const mostFaults = 20;
const mostParts = 200;
/** Facts are read whole at each comparison: so many paths of so many characters have about half a megabyte. */
export const mostChanged = 5000;
const longestPath = 200;
/** More are not compared with those who sign: facts are read whole at each comparison. */
export const mostAuthors = 5000;

const facts = z.strictObject({
  type: z.literal('record'),
  record: z.string().describe('record'),
  /** Which of several such records it is, such as `user-guide`; null where one serves. */
  about: z.string().nullable().describe('what it is about'),
  /** Null: it is about none. */
  environment: z.enum(environments).nullable().describe('environment'),
  tool: z.string().describe('tool'),
  items: z.int().min(0).describe('things that it lists'),
  figures: z.record(z.string(), z.number().nullable()).describe('figure'),
  /** The first ones, and how many there are. */
  faults: z.array(z.string()).max(mostFaults).describe('first faults'),
  faultsCount: z.int().min(0).describe('faults'),
  /** Why a figure proves nothing, by its name; absent where every one does, and in facts of older versions. */
  doubts: z.record(z.string(), z.string()).optional().describe('doubt'),
  /** Digests of the artifacts, and the commit, that the record says to be about. */
  subjectSha256: z.array(z.string()).max(50).describe('artifacts that it is about'),
  commit: z.string().nullable().describe('commit'),
  /** The file of the repository that the record says to be about; absent of records that name none, and in facts of older versions. */
  path: z.string().optional().describe('file'),
  /** When what the record is about began; absent of records that do not say it, and in facts of older versions. */
  from: z.string().optional().describe('from'),
  /** The commit behind which the record says to begin; absent of records about no range, and in facts of older versions. */
  base: z.string().optional().describe('commit before the first'),
  /** Paths of changed files; absent of records that list none, of lists that are too long, and in facts of older versions. */
  changed: z.array(z.string()).max(mostChanged).optional().describe('changed files'),
  /** Everybody who had a hand in the commits of the range, as `accountName` writes them, sorted; absent where it is not known, and as above. */
  authors: z.array(z.string()).max(mostAuthors).optional().describe('authors'),
  /** Somebody besides `authors` had a hand in them, of whom the code host knows no account. */
  unnamedAuthors: z.literal(true).optional().describe('has authors without a known account'),
  /** Why a list of commits does not say who wrote the release. */
  authorsUnknown: z.string().optional().describe('why the authors are not known'),
  /** Of a record that releases are compared with; absent of every other one. Tests as in facts of test results. */
  baseline: z
    .strictObject({
      replacesLastStable: z.boolean().describe('replaces the last stable release'),
      passedTests: z.array(z.string()).describe('tests that passed, by digest'),
      passedNames: z.array(z.string()).describe('names of tests that passed'),
    })
    .optional()
    .describe('baseline'),
  /** What it lists, those with a fault first, and how many more there are; absent of records that list no parts, and in facts of older versions. */
  parts: z
    .array(z.strictObject({ ...partSubjectSchema.shape, fault: z.string().nullable() }))
    .max(mostParts)
    .optional()
    .describe('parts'),
  partsLeftOut: z.int().min(1).optional().describe('parts that are not listed'),
  /** Digests of the names of what it lists, for checks that ask for certain ones; absent where there are too many, and in facts of older versions. */
  named: z.array(z.string()).optional().describe('names that it lists, by digest'),
});
export type RecordFacts = z.infer<typeof facts>;

/** What every record says beside its own members. */
const common = {
  /** When it was measured. A backup was measured when its recovery point was made. */
  at: z.iso.datetime({ offset: true }),
  /** `production` is the environment that the run releases to, `staging` any before it. */
  environment: z.enum(environments).optional(),
  /** Which of several records of the kind it is. */
  about: nameSchema.optional(),
  /** What wrote it, and what an auditor can ask again. */
  tool: z.string().min(1).max(200),
};

const schemaIdOf = (id: string): string => `holdpoint.${id}/1`;

/** The schema of a kind of record: what is known of it, and nothing else, so that a member with a typing error is not passed over. */
export const schemaOf = (kind: RecordKind): z.ZodObject =>
  z.strictObject({ schema: z.literal(schemaIdOf(kind.id)), ...common, ...(kind.schema as z.ZodObject).shape });

const expected = `{ "schema": "holdpoint.<record>/1", "at", "tool", … }, where <record> is one of ${recordKinds.map(({ id }) => id).join(', ')}`;

export const record = evidenceType({
  id: 'record',
  description: 'A record in JSON of what has no format of its own (`holdpoint schema` lists them)',
  fileNames: ['*.record.json'],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => recordKinds.some(({ id }) => isHoldpointRecord(json, id)),
  fieldWords: ({ record: kind, about, environment, tool, items, figures, faults, faultsCount }) => ({
    record: kind,
    about,
    environment,
    tool,
    items,
    figures,
    faults,
    faultsCount,
  }),
  parse: (bytes) => parse(bytes),
  scrub: (bytes) => rewrittenJson(bytes, withoutSecretTexts),
  sample: 'backup.record.json',
});

const parse = (bytes: Uint8Array): Parsed<RecordFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const kind = kindOf(json.ok);
  if (kind === undefined)
    return unreadable('The JSON is no record that is known.', {
      got: named(json.ok),
      expected,
      fix: 'Name the kind of record in `schema`. `holdpoint schema` lists them, `holdpoint schema RECORD` prints one.',
    });
  const received = schemaOf(kind).safeParse(json.ok);
  // Facts are kept, too, so they are those of what is kept.
  const read = received.success ? schemaOf(kind).safeParse(withoutSecretTexts(json.ok)) : received;
  if (!read.success)
    return unreadable(`The JSON does not follow the schema of ${kind.id}.`, {
      got: firstIssue(read.error),
      expected: `what \`holdpoint schema ${kind.id}\` prints`,
      fix: 'Mend the member that is named, and send the record again.',
    });
  const { at, about = null, environment = null, tool } = read.data as z.output<z.ZodObject<typeof common>>;
  const made = Date.parse(at);
  const {
    items,
    figures,
    once = [],
    faults: ownFaults,
    doubts = {},
    subjects = [],
    commit = null,
    path,
    from,
    measured = [],
    base,
    changed,
    authors,
    baseline,
    parts,
    named: names,
  } = kind.content(read.data as never, made);
  const times = [...timesIn(schemaOf(kind), read.data)];
  const faults = [
    ...ownFaults,
    ...listedAgain(once),
    ...(kind.laterTimes === undefined ? times.flatMap((time) => laterFault(time, made) ?? []) : []),
  ];
  const computed = Object.entries(figures).map(([name, value]) => [name, value === null ? null : rounded(value)] as const);
  const beyond = computed.find(([, value]) => value !== null && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER));
  if (beyond !== undefined)
    return unreadable(`A figure that follows from the ${kind.id} record is too large to be kept.`, {
      got: `${beyond[0]} ${beyond[1]}`,
      expected: `at most ${Number.MAX_SAFE_INTEGER}`,
      fix: 'Correct the numbers from which it is computed, such as a limit of nearly zero, and send the record again.',
    });
  return {
    reportTime: timeOfParts([
      { from: made, to: made },
      ...measured.map((time) => Math.min(Date.parse(time), made)).map((time) => ({ from: time, to: time })),
      ...(kind.laterTimes === 'measured' ? times.filter((time) => time.at > made).map((time) => ({ from: time.at, to: time.at })) : []),
    ]),
    ok: {
      type: 'record',
      record: kind.id,
      about,
      environment,
      tool: excerpt(tool, 200),
      items,
      figures: Object.fromEntries(computed),
      faults: faults.slice(0, mostFaults).map((fault) => excerpt(fault, 200)),
      faultsCount: faults.length,
      ...(Object.keys(doubts).length === 0 ? {} : { doubts: mapped(doubts) }),
      subjectSha256: subjects.slice(0, 50).map((digest) => digest.replace(/^sha256:/, '')),
      commit,
      ...(path === undefined ? {} : { path: filePath(path) }),
      ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
      ...(base === undefined ? {} : { base }),
      ...(changed === undefined ? {} : changedPaths(changed)),
      ...(authors === undefined ? {} : namedAuthors(authors)),
      ...(baseline === undefined
        ? {}
        : {
            baseline: {
              replacesLastStable: baseline.replacesLastStable,
              ...passedTestsOf(baseline.tests.map((identity) => ({ identity }))),
            },
          }),
      ...(parts === undefined ? {} : listedParts(parts)),
      ...(names === undefined ? {} : listedNames(names)),
    },
  };
};

const mapped = (doubts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(doubts).map(([figure, why]) => [figure, excerpt(why, 200)]));

/** What has not happened yet cannot be recorded. Two clocks may differ. */
const laterFault = ({ at, place }: RecordTime, made: number): string | undefined =>
  at > made + clockSkewMs
    ? `${place} is ${new Date(at).toISOString()}, which is later than the record itself (${new Date(made).toISOString()})`
    : undefined;

/** All of them or none: of a list that lacks some, nobody could say which files did not change. */
const changedPaths = (changed: readonly string[]): Pick<RecordFacts, 'changed'> =>
  changed.length > mostChanged || changed.some((path) => path.length > longestPath) ? {} : { changed: changed.map(filePath).toSorted() };

/** All of them or none, with the reason. */
const namedAuthors = ({
  accounts,
  unnamed,
  fault,
}: NonNullable<RecordContent['authors']>): Pick<RecordFacts, 'authors' | 'unnamedAuthors' | 'authorsUnknown'> => {
  const names = [...new Set(accounts.map(accountName))].sort();
  if (fault !== undefined) return { authorsUnknown: fault };
  if (names.length > mostAuthors)
    return {
      authorsUnknown: `too many authors: it names ${counted(names.length, 'account')}, and at most ${mostAuthors} are compared with those who sign`,
    };
  return { authors: names, ...(unnamed ? { unnamedAuthors: true } : {}) };
};

/** A name that is too long is not kept: cut, it could be another one's. */
const listedParts = (parts: readonly RecordPart[]): Pick<RecordFacts, 'parts' | 'partsLeftOut'> => {
  const named = parts.filter(({ id }) => id.length <= longestPartId);
  const listed = named.toSorted((a, b) => Number(a.fault === null) - Number(b.fault === null)).slice(0, mostParts);
  const leftOut = parts.length - listed.length;
  return {
    parts: listed.map(({ kind, id, fault }) => ({
      kind,
      id: excerpt(id, longestPartId),
      fault: fault === null ? null : excerpt(fault, 200),
    })),
    ...(leftOut === 0 ? {} : { partsLeftOut: leftOut }),
  };
};

/** All of them or none: of a list that lacks some, nobody could say what is not in it. */
const listedNames = (names: readonly string[]): Pick<RecordFacts, 'named'> => {
  const named = nameDigests(names);
  return named === undefined ? {} : { named };
};

/** A figure with six digits behind the point says enough, and is the same on every machine. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

const schemaMember = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'schema')
    ? (value as { readonly schema: unknown }).schema
    : undefined;

const kindOf = (value: unknown): RecordKind | undefined => {
  const schema = schemaMember(value);
  const [, id] = /^holdpoint\.([a-z-]+)\/1$/.exec(typeof schema === 'string' ? schema : '') ?? [];
  return id === undefined ? undefined : recordOf(id);
};

const named = (value: unknown): string => {
  const schema = schemaMember(value);
  return typeof schema === 'string' ? `"schema": "${schema}"` : 'no text as `schema`';
};

export type { RecordId };
