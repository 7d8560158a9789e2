import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { type Given, standingIn } from '../../lib/evaluation/standing-evidence.ts';

/** A piece of one source that counts, for the same check. */
const piece = (by: string | null, day: number): Given => ({
  stored: {
    event: {
      data: {
        ...{ evidence: 'record', source: 'operations', serves: ['performance'] },
        ...{ producer: { run: `day-${day}`, attempt: 1 }, madeAt: `2026-03-0${day}T08:00:00.000Z` },
      },
    },
  } as unknown as Stored<'evidence.recorded'>,
  environment: 'production',
  by,
  state: 'counts',
  decided: null,
  withdrawn: null,
});

describe('a later piece of the same source', () => {
  test.each<[string, string | null, string | null, number]>([
    ['a job replaces that of a job', null, null, 1],
    ['a person replaces that of a job', null, 'p-1', 1],
    ['a person replaces that of a person', 'p-1', 'p-2', 1],
    ['a job leaves that of a person, and counts beside it', 'p-1', null, 2],
  ])('of %s', (_what, earlier, later, standing) => {
    const pieces = [piece(earlier, 1), piece(later, 2)];
    expect(standingIn(pieces)).toEqual(pieces.slice(-standing));
  });
});
