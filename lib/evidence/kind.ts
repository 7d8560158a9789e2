import type * as z from 'zod';
import type { Outcome } from '../outcome.ts';
import type { Words } from './account.ts';
import type { Content } from './content.ts';
import type { Parsed } from './report-time.ts';

export const megabyte = 1024 * 1024;
/** Limit of JSON that is parsed as a whole: a parsed value needs many times the memory of its bytes, up to a gigabyte for 50 MB. */
export const mostJson = 4 * megabyte;
/** Limit of the types whose parsers read piece by piece. A report of this size must be read in 256 MB of memory and in five seconds. */
export const mostStreamed = 50 * megabyte;

/** Elements, objects, lists and subtests may be nested this deep. No tool comes near it; what is deeper is built to exhaust readers. */
export const deepestNesting = 1000;

/**
 * Facts name at most this many tests or files, each by a digest, so that later reports can be seen to cover them. Of a report with more, a
 * failure is never seen as covered; the report has to be split.
 */
export const mostNamed = 20_000;

/** Facts name every file of a coverage report with so many at most: they are read whole at each judgement, and so have half a megabyte. */
export const mostFiles = 2000;

/** A report that shows more tests is refused and has to be split: no suite has so many, and a reader that holds them all would fill its memory. */
export const mostTests = 200_000;

/** Identities of the tests that passed, and how many tests of the report did not, or have no name. */
export type TestsIn = { readonly passed: readonly string[]; readonly others: number };

/**
 * An evidence type as a value. The API, the command line, the OpenAPI document, the README and the tests read all that they know of a
 * type from here.
 */
export type EvidenceKind<Id extends string = string, Facts extends z.ZodType<{ type: Id }> = z.ZodType<{ type: Id }>> = {
  readonly id: Id;
  /** One line for people: what such a report is, in which format. */
  readonly description: string;
  /** Set when the type cannot be uploaded as a file: what the caller does instead. */
  readonly insteadOfUpload?: string;
  /** File names by which the command line recognises a report: `*` stands for any characters, and case does not matter. */
  readonly fileNames: readonly string[];
  /** Media types that an upload may have; `application/octet-stream` is always accepted. */
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /**
   * The facts that the parser computes from a report: small, canonical, and free of what changes when an unchanged measurement is
   * repeated (times of the run, durations of single tests).
   */
  readonly facts: Facts;
  /**
   * Another type of which the facts have every member: what that type states, this one states, too, and the rules on it judge both. Such
   * facts say so in `as`.
   */
  readonly judgedAs?: string;
  /** The name of the one tool whose reports these are, as facts have it; absent where many tools write them. */
  readonly tool?: string;
  /**
   * Whether this is such a report: by a sign that its format alone has, also where the report is damaged or of another version, so that
   * the parser can say what is wrong with it.
   */
  readonly recognises: (content: Content) => boolean;
  /** The facts in the words of their field, as `holdpoint evidence inspect` shows them. */
  fieldWords(facts: z.infer<Facts>): Words;
  /** Never throws: bytes that cannot be read as such a report are refused. Returns the report's own time beside its facts, where it has one. */
  readonly parse: (bytes: Uint8Array) => Parsed<z.infer<Facts>>;
  /** Of a type that states tests: which they are. Facts hold digests alone. */
  readonly testsIn?: (bytes: Uint8Array) => Outcome<TestsIn>;
  /**
   * Of a type whose reports quote secrets: the report without them, which is what is kept. Never throws, and what it returns has the same
   * facts. Reports of any other type are kept as they were received.
   */
  readonly scrub?: (bytes: Uint8Array) => Uint8Array;
  /** A good report of this type, in `test/samples/evidence`. */
  readonly sample: string;
};

/** Declares an evidence type. The facts carry the type's id in `type`. */
export const evidenceType = <const Id extends string, Facts extends z.ZodType<{ type: Id }>>(
  kind: EvidenceKind<Id, Facts>,
): EvidenceKind<Id, Facts> => kind;
