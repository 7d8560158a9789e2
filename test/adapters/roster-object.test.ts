import { beforeEach, describe, expect, it } from 'vitest';
import { createRosterObject, type LiveRoster } from '../../lambdas/adapters/roster-object.ts';
import type { S3Answer, S3Request } from '../../lambdas/adapters/s3.ts';
import { rosterOf, stageWith } from '../../lambdas/adapters/stage-roster.ts';
import type { People } from '../../lib/checklist/stage.ts';
import { stageOf } from '../handlers/requests.ts';

const { roster: people, ...deployed } = stageOf();
const [first, ...others] = people;
if (first === undefined) throw new Error('the stage has people');
const renamed: People = [{ ...first, name: 'Another Name' }, ...others];

let now: number;
let answers: (Partial<S3Answer> | Error)[];
let asked: S3Request[];
let read: { version: string; digest: string; people: number }[];
let faults: unknown[];
let live: LiveRoster;

const holds = (value: unknown, version = 'v1'): Partial<S3Answer> => ({
  status: 200,
  bytes: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  etag: `"${version}"`,
  version,
});
const unchanged: Partial<S3Answer> = { status: 304 };
const gone: Partial<S3Answer> = { status: 403, code: 'AccessDenied' };

beforeEach(() => {
  now = Date.parse('2026-03-02T08:00:00.000Z');
  [answers, asked, read, faults] = [[], [], [], []];
  live = createRosterObject(
    async (request) => {
      asked.push(request);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('S3 was asked once more than expected');
      if (answer instanceof Error) throw answer;
      return { status: 200, code: '', request: '', etag: '', version: '', bytes: new Uint8Array(), length: 0, ...answer };
    },
    {
      bucket: 'people-of-the-stage',
      issuers: deployed.issuers,
      clock: { now: () => new Date(now) },
      report: { read: (roster) => read.push(roster), fault: (thrown) => faults.push(thrown) },
    },
  );
});
const minutesLater = async (minutes: number, ...more: (Partial<S3Answer> | Error)[]): Promise<void> => {
  now += minutes * 60_000;
  answers.push(...more);
  await live.refresh();
  expect(answers).toEqual([]);
};

describe('the roster in a bucket', () => {
  it('is read once, and then not again for a minute', async () => {
    await minutesLater(0, holds(people));
    await minutesLater(0.9);
    expect(asked).toEqual([{ method: 'GET', bucket: 'people-of-the-stage', key: 'roster.json' }]);
    expect(live.people()).toEqual(people);
    const { digest, size } = rosterOf({ roster: people });
    expect([live.roster.digest, live.roster.size, live.roster.person(first.id)?.name]).toEqual([digest, size, first.name]);
    expect(read).toEqual([{ version: 'v1', digest, people: people.length }]);
  });

  it('is asked for by its ETag afterwards, and reported again only when it has changed', async () => {
    await minutesLater(0, holds(people));
    await minutesLater(1, unchanged);
    await minutesLater(1, holds(people, 'v2'));
    await minutesLater(1, holds(renamed, 'v3'));
    expect(asked.map(({ headers }) => headers?.['if-none-match'])).toEqual([undefined, '"v1"', '"v1"', '"v2"']);
    expect(read.map(({ version }) => version)).toEqual(['v1', 'v3']);
    expect(faults).toEqual([]);
  });

  it('is seen by what was made from it before', async () => {
    await minutesLater(0, holds(people));
    const { roster } = live;
    const stage = stageWith(deployed, live.people);
    const before = roster.digest;
    await minutesLater(1, holds(renamed, 'v2'));
    expect([roster.person(first.id)?.name, stage.roster[0]?.name]).toEqual(['Another Name', 'Another Name']);
    expect(roster.digest).not.toBe(before);
    expect(roster.holders('technical-lead').map(({ id }) => id)).toEqual(
      renamed.filter(({ roles }) => roles.includes('technical-lead')).map(({ id }) => id),
    );
  });

  it('throws before it was read', () => {
    expect(() => live.people()).toThrow('was not read');
    expect(() => live.roster.digest).toThrow('was not read');
  });
});

describe('a roster that cannot be used', () => {
  const twice = [...people, { ...first, id: 'p-00000000', subjects: [], starters: [] }];
  const refused: readonly (readonly [string, Partial<S3Answer> | Error, RegExp])[] = [
    [
      'it was never uploaded, which S3 says as "denied"',
      gone,
      /roster\.json is missing, or may not be read .*403 AccessDenied.*npm run roster/,
    ],
    ['it is not there', { status: 404, code: 'NoSuchKey' }, /is missing/],
    ['S3 does not answer', new Error('no route'), /could not be read/],
    ['S3 has a fault', { status: 503, code: 'SlowDown' }, /S3 answered 503 SlowDown/],
    ['S3 redirects', { status: 307 }, /S3 answered 307/],
    ['it says "unchanged" of nothing', unchanged, /S3 answered 304/],
    ['it is not JSON', holds('{'), /no roster of this stage/],
    ['it is empty', holds(''), /no roster of this stage/],
    ['it is the stage file itself', holds({ ...deployed, roster: people }), /the whole file: .*expected array/],
    ['a person has a field that nobody knows', holds([{ ...first, admin: true }, ...others]), /0: .*admin/],
    ['a role is unknown', holds([{ ...first, roles: ['king'] }, ...others]), /0\.roles\.0/],
    ['it has nobody', holds([]), /need three different people/],
    ['a signer is missing', holds(people.filter(({ roles }) => !roles.includes('product-owner'))), /need three different people/],
    ['an address stands twice', holds(twice), /roster: the address .* appears twice/],
    ['a person could sign in as another', holds([...people, { ...first, id: 'p-00000000', address: 'else@example.com' }]), /the subject/],
  ];

  it.each(refused)('at the start lets nobody in: %s', async (_why, answer, says) => {
    answers.push(answer);
    await expect(live.refresh()).rejects.toMatchObject({ name: 'RosterUnusable', message: expect.stringMatching(says) as string });
    expect(() => live.people()).toThrow();
    // It is asked for again at once, so that the upload ends the fault.
    await minutesLater(0, holds(people));
    expect(live.people()).toEqual(people);
  });

  it.each(refused.filter(([why]) => !why.includes('unchanged')))(
    'later leaves the one before, and is reported each minute: %s',
    async (_why, answer, says) => {
      await minutesLater(0, holds(people));
      await minutesLater(1, answer);
      await minutesLater(0.5);
      await minutesLater(0.5, answer);
      expect(live.people()).toEqual(people);
      expect(faults.map((fault) => (fault as Error).name)).toEqual(['RosterUnusable', 'RosterUnusable']);
      expect((faults[0] as Error).message).toMatch(says);
      await minutesLater(1, holds(renamed, 'v2'));
      expect(live.people()).toEqual(renamed);
    },
  );

  it('is not outlived by the one before for more than an hour', async () => {
    await minutesLater(0, holds(people));
    await minutesLater(30, unchanged);
    await minutesLater(60, gone);
    expect(live.people()).toEqual(people);
    await expect(minutesLater(1, gone)).rejects.toMatchObject({ name: 'RosterUnusable' });
    expect(() => live.people()).toThrow();
    await expect(minutesLater(0, new Error('no route'))).rejects.toThrow('could not be read');
    await minutesLater(0, holds(people));
    expect(live.people()).toEqual(people);
  });
});
