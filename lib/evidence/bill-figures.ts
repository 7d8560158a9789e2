import * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { type Account, doubt, type Words } from './account.ts';
import { completenessOf, countPackages, type Listing, statesNoDependencies, subjectDigests } from './bill-of-materials.ts';
import { type RepeatedIds, repeatedProblem } from './repeated-ids.ts';

/** What facts of every bill of materials have, whichever format it has. */
export const billMembers = {
  specVersion: z.string().describe('version of the format'),
  /** The newest version that Holdpoint knows, when the bill's version is newer and was read as that one; else null. */
  readAs: z.string().nullable().describe('read as version'),
  subject: z.string().nullable().describe('what it is about'),
  /** The first SHA-256 digests that the bill gives for its subject, as hex. */
  subjectSha256: z.array(z.string()).describe('digests of what it is about'),
  /** Different packages, nested ones included; files, images and the operating system are not counted. */
  components: z.int().min(0).describe('packages'),
  /** The first packages without name, version or identity (package URL or CPE), or with contradicting ones, and the count of all. */
  incomplete: z.array(z.string()).describe('first packages without a clear identity'),
  incompleteCount: z.int().min(0).describe('packages without a clear identity'),
  /** Whether the bill's dependency graph says that its subject depends on nothing. */
  withoutDependencies: z.boolean().describe('says that nothing is depended on'),
  /** What the bill says of its own completeness: the worst of its compositions, or null when it says nothing. */
  completeness: z.string().nullable().describe('what it says of its completeness'),
  /** The first violation of the published schema, or what the specification wants to be unique and is not. */
  violation: z.string().nullable().describe('violation of the format'),
};
const facts = z.strictObject(billMembers);

/** Figures of a bill without what its format alone says: version and schema. */
export const billFigures = (bill: Listing): Omit<z.infer<typeof facts>, 'specVersion' | 'readAs' | 'violation'> => {
  const { packages, incomplete } = countPackages(bill);
  const subject = bill.metadata?.component?.name;
  return {
    subject: subject === undefined ? null : excerpt(subject, 100),
    subjectSha256: subjectDigests(bill)
      .slice(0, 5)
      .map((digest) => excerpt(digest, 64)),
    components: packages,
    incomplete: incomplete.slice(0, 20).map((name) => excerpt(name, 100)),
    incompleteCount: incomplete.length,
    withoutDependencies: statesNoDependencies(bill),
    completeness: completenessOf(bill),
  };
};

export const billWords = ({ specVersion, subject, components, incompleteCount, completeness }: z.infer<typeof facts>): Words => ({
  specVersion,
  subject,
  components,
  incomplete: incompleteCount,
  completeness,
});

type Faults = {
  readonly violation: string | null;
  readonly repeated: RepeatedIds | undefined;
  readonly incomplete: readonly string[];
  readonly unlisted?: { readonly count: number; readonly first: string } | undefined;
};

/** What does not add up in a bill. */
export const billAccount = ({ violation, repeated, incomplete, unlisted }: Faults): Account => ({
  problems: [
    ...(repeated === undefined ? [] : [repeatedProblem(repeated)]),
    ...(violation === null ? [] : [doubt('schema', `The bill violates the published schema: ${violation}`)]),
    ...(unlisted === undefined
      ? []
      : [doubt('unlisted-dependency', `${unlisted.first} is named as a dependency and not listed (${unlisted.count} in all)`)]),
    ...incomplete.map((name) => doubt('incomplete-component', `${name} has no name, version or identity that can be relied on`)),
  ],
});
