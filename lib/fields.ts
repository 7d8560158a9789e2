import * as z from 'zod';
import { cut, excerpt, sha256 } from './canonical-json.ts';

/** Shapes and word lists that commands, events, rules and answers share. Each is written here once. */

/** What a figure means: share of failed requests in percent, 95th percentile in milliseconds, requests per minute, starts. */
export const figures = ['error-rate', 'p95', 'request-rate', 'restarts'] as const;

/** sha256, lower-case hex. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** A recorded UTC instant with milliseconds, as `Date.prototype.toISOString` writes it. */
export const instantSchema = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
/** An instant in a request: ISO 8601 with any offset, read as UTC with milliseconds. */
export const instantInputSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  // An offset can carry an instant out of the years with four digits, and texts of other lengths do not sort by time.
  .refine((text) => /^\d{4}-/.test(text), 'an instant whose year in UTC has four digits');

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
/** Name of a service, environment, component, source or observation. */
export const nameSchema = z.string().regex(namePattern, 'letters, digits, dot, underscore and hyphen, 64 characters at most');

/** Short name of a feature, a check or a document: words with hyphens between them. */
export const featureIdSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and hyphens, 64 characters at most');

const artifactDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export const artifactSchema = z.strictObject({
  component: z.string().regex(namePattern),
  digest: artifactDigest,
  /** Of an image index: the digests of its manifests, one for each platform. A platform reports the one that it runs. */
  platforms: z.array(artifactDigest).min(1).max(50).optional(),
});
export type Artifact = z.infer<typeof artifactSchema>;

/** Whether a digest names the artifact: its own, or one that the start listed for a platform. Everything that compares digests asks here. */
export const isDigestOf = ({ digest, platforms = [] }: Pick<Artifact, 'digest' | 'platforms'>, other: string | undefined): boolean =>
  other !== undefined && (other === digest || platforms.includes(other));

/** The digests that name the artifact, for people. */
export const digestsOf = ({ digest, platforms = [] }: Pick<Artifact, 'digest' | 'platforms'>): string =>
  [digest, ...platforms].join(' or ');

/** What a part of a check is about. */
export const partKinds = ['feature', 'endpoint', 'component', 'test', 'file'] as const;
/** Longer names of parts are not kept: cut, two of them could be the same. */
export const longestPartId = 200;
export const partSubjectSchema = z.strictObject({ kind: z.enum(partKinds), id: z.string().min(1).max(longestPartId) });
/** The name of an operation in a report, method and path, has so many characters at most; a longer one is cut. */
export const longestOperationName = 100;
/** The subject of a part, such as the endpoint `GET /orders/{id}`. */
export type PartSubject = Readonly<z.infer<typeof partSubjectSchema>>;
/** A subject as people write it: `feature:checkout`. */
export const partName = ({ kind, id }: PartSubject): string => `${kind}:${id}`;

/** A subject as a caller names it. Whether the check has such a part is asked later. */
export const partInputSchema = z
  .string()
  .max(longestPartId + 20)
  .regex(
    /^(feature|endpoint|component|test|file):[^\n\r]+$/,
    'the subject of a part, such as feature:checkout, endpoint:GET /orders/{id}, component:api, test:orders › are priced or file:src/price.ts',
  )
  .transform((text): PartSubject => {
    const place = text.indexOf(':');
    return { kind: text.slice(0, place) as PartSubject['kind'], id: text.slice(place + 1) };
  });

/** So many bytes has a file beside an attestation at most. In base64 they fit into a request to the API, which takes 6 MB. */
export const mostAttested = 3 * 1024 * 1024;
/** A file in base64. What it is and whether it is kept is asked by the command. */
export const fileInputSchema = z
  .string()
  .min(1)
  .max(4 * Math.ceil(mostAttested / 3), `a file of at most ${mostAttested} bytes`)
  // Node reads other alphabets and leaves out what it does not know, so that only the same text again is base64.
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'the bytes of a file in base64, with = at its end')
  .transform((text): Uint8Array => Buffer.from(text, 'base64'))
  .meta({
    description: `A picture (PNG, JPEG), a PDF or a text that shows it, in base64; ${mostAttested} bytes at most.`,
    contentEncoding: 'base64',
  });

/** How risky a release is, and how much it touches. What nobody stated is not low. */
export const levels = ['low', 'medium', 'high', 'not-stated'] as const;

/** What Holdpoint can look at itself, where the stage names it. */
export const looks = ['probes', 'alarms', 'metrics', 'restarts', 'operations'] as const;
export type Look = (typeof looks)[number];

export const alarmStates = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type AlarmHealth = 'good' | 'bad' | 'unknown';
/**
 * What a state of a CloudWatch alarm says: the one place that decides it. In INSUFFICIENT_DATA "the alarm has just started, the metric is not
 * available, or not enough data is available": that is neither health nor an incident, so it ends no ALARM, excuses none and opens none. Who
 * wants missing data to be bad or good tells the alarm so (`treatMissingData`), and CloudWatch then says ALARM or OK. A state that
 * nobody knows is unknown, too. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const healthOf = (state: string): AlarmHealth => (state === 'OK' ? 'good' : state === 'ALARM' ? 'bad' : 'unknown');

const longestSubject = 200;
/**
 * How an observation names an alarm. CloudWatch takes names of 255 characters: a longer one than a subject has its digest at the end, because
 * cut, two of them could be the same, and an OK of one would end the other.
 */
export const subjectOfAlarm = (name: string): string =>
  name.length <= longestSubject ? cut(name, longestSubject) : `${cut(name, longestSubject - 17)} ${sha256(name).slice(0, 16)}`;

export const observationKinds = [
  'alarm',
  'restart',
  'incident',
  'error',
  'performance',
  'data',
  'security',
  'deployment',
  'other',
] as const;

/** What a schema parses, for values that nobody changes afterwards. */
export type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** The digest of a function's code: of a zip file Lambda gives it in base64, of an image in hex. Undefined when it is neither. */
export const codeDigest = (code: string): string | undefined => {
  if (/^[0-9a-f]{64}$/.test(code)) return `sha256:${code}`;
  const bytes = Buffer.from(code, 'base64');
  return bytes.length === 32 ? `sha256:${bytes.toString('hex')}` : undefined;
};

/** An account at a code host, or an address, in the form in which two of them are compared: hosts ignore small and capital letters. */
export const accountName = (written: string): string => excerpt(written.trim().toLowerCase(), 300);

/** What older records have in place of an account that the code host does not know. */
const placeholders: readonly string[] = ['unknown to github', 'unknown to gitlab'];
/** Whether the name stands for somebody whose account is not known. */
export const isPlaceholder = (account: string): boolean => placeholders.includes(accountName(account));

/** A reporter's clock may differ from another one by this much. Milliseconds. */
export const clockSkewMs = 5 * 60_000;

/** A reason that people write, of so many characters at least. Signs that show nothing are no reason. */
export const reasonOf = (leastCharacters: number, otherwise?: string) =>
  z
    .string()
    .trim()
    .min(leastCharacters, otherwise)
    .regex(/^(?:[^\p{L}\p{N}]*[\p{L}\p{N}]){5}/u, 'a reason in words');

/** What a piece of evidence says about one check: in answers, and in the outcome of an upload. */
export const judgedSchema = z.object({
  check: z.string(),
  verdict: z.string(),
  reason: z.string(),
  attempt: z.number(),
  comparedLater: z.string().exactOptional().meta({
    description: 'With what all reports of the check together are compared afterwards; the verdict of the check may then be another.',
  }),
});
export type Judged = Immutable<z.infer<typeof judgedSchema>>;
