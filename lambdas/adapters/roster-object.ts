import { rosterFlaws, rosterKey } from '../../lib/checklist/roster.ts';
import { type DeployedStage, type People, peopleSchema } from '../../lib/checklist/stage.ts';
import type { Clock, Roster } from '../../lib/ports.ts';
import type { S3, S3Answer, S3Request } from './s3.ts';
import { rosterOf } from './stage-roster.ts';

/** Milliseconds. A roster is used for `freshMs` without asking, and for `usableMs` when the bucket has no usable one any more. */
const freshMs = 60_000;
const usableMs = 3_600_000;

/** There is no roster that may be used. The name of this error is what the alarm on the logs searches for. */
export class RosterUnusable extends Error {
  override readonly name = 'RosterUnusable';
}

/** What the operators learn of the readings. The same people again are not reported. */
export type RosterReport = {
  read(roster: { readonly version: string; readonly digest: string; readonly people: number }): void;
  fault(thrown: unknown): void;
};

/** The people of the stage as the bucket has them. Before the first `refresh`, `people` and `roster` throw. */
export type LiveRoster = {
  /**
   * Reads the roster when the last reading is a minute old. A roster that is missing, refused or cannot be reached is reported, and the one
   * before is used for an hour. Throws `RosterUnusable` when there is no such roster.
   */
  refresh(): Promise<void>;
  readonly people: () => People;
  readonly roster: Roster;
};

type Parts = {
  readonly bucket: string;
  readonly issuers: DeployedStage['issuers'];
  readonly clock: Clock;
  readonly report: RosterReport;
};
type Kept = { readonly people: People; readonly roster: Roster; readonly etag: string; readonly confirmedAt: number };

/** The roster in an object of a bucket, read again by its ETag. */
export const createRosterObject = (s3: S3, { bucket, issuers, clock, report }: Parts): LiveRoster => {
  let kept: Kept | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  const current = (): Kept => {
    if (kept === undefined) throw new RosterUnusable('the roster was not read');
    return kept;
  };
  const read = async (now: number): Promise<Kept> => {
    const answer = await s3(requestOf(bucket, kept?.etag));
    if (answer.status === 304 && kept !== undefined) return { ...kept, confirmedAt: now };
    const people = peopleIn(answer, bucket, issuers);
    const roster = rosterOf({ roster: people });
    if (roster.digest !== kept?.roster.digest) report.read({ version: answer.version, digest: roster.digest, people: roster.size });
    return { people, roster, etag: answer.etag, confirmedAt: now };
  };
  return {
    refresh: async () => {
      const now = clock.now().getTime();
      if (kept !== undefined && now - askedAt < freshMs) return;
      askedAt = now;
      try {
        kept = await read(now);
      } catch (thrown) {
        const fault = thrown instanceof RosterUnusable ? thrown : new RosterUnusable('the roster could not be read', { cause: thrown });
        if (kept === undefined || now - kept.confirmedAt > usableMs) {
          kept = undefined;
          throw fault;
        }
        report.fault(fault);
      }
    },
    people: () => current().people,
    roster: {
      get digest() {
        return current().roster.digest;
      },
      get size() {
        return current().roster.size;
      },
      person: (id) => current().roster.person(id),
      holders: (role) => current().roster.holders(role),
      authorOf: (account) => current().roster.authorOf(account),
      named: (name) => current().roster.named(name),
    },
  };
};

const requestOf = (bucket: string, etag: string | undefined): S3Request => ({
  method: 'GET',
  bucket,
  key: rosterKey,
  ...(etag ? { headers: { 'if-none-match': etag } } : {}),
});

/** A roster is refused by the same rules at synthesis, so that a wrong upload lets nobody act as another. */
const peopleIn = ({ status, code, bytes, version }: S3Answer, bucket: string, issuers: DeployedStage['issuers']): People => {
  const object = `s3://${bucket}/${rosterKey}`;
  // Without the right to list the bucket, S3 says "denied" of an object that is not there.
  if (status === 404 || status === 403)
    throw new RosterUnusable(
      `${object} is missing, or may not be read (S3 answered ${[status, code].join(' ').trim()}): write it with \`npm run roster\` and upload it, as the README says under "Deploy"`,
    );
  if (status !== 200) throw new RosterUnusable(`S3 answered ${[status, code].join(' ').trim()} to the request for ${object}`);
  const parsed = peopleSchema.safeParse(jsonOf(bytes));
  const wrong = parsed.success
    ? rosterFlaws({ roster: parsed.data, issuers })
    : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole file'}: ${message}`);
  if (!parsed.success || wrong.length > 0)
    throw new RosterUnusable(
      `${object}${version === '' ? '' : `, version ${version},`} is no roster of this stage: ${wrong.join('; ')}. Upload one that \`npm run roster\` has checked`,
    );
  return parsed.data;
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
};
