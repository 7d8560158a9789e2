import { beforeEach, describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import type { Api } from '../../lib/api/mount.ts';
import { eventListSchema } from '../../lib/api/responses.ts';
import type { Stored } from '../../lib/audit/event.ts';
import { genesis, lanes } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { mostByTime } from '../../lib/query/events.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { personIn } from '../given.ts';
import { metered } from '../metered.ts';
import { ask, bearer } from './requests.ts';
import { askedRun } from './small-run.ts';

/** A run with more events than are listed in order of time: what a page reads follows from the page. */

let deps: FakeDependencies;
let api: Api;
let run = '';
/** How many events came out of the table. */
let take: () => number;

/** Observations of an hour, one after the other, as the commands would record them. */
const observe = async (from: number, to: number): Promise<void> => {
  const heads = new Map<string, Stored>();
  for (const stored of await deps.store.query(`run/${run}`, { prefix: lanes.observations })) heads.set(stored.event.lane, stored);
  for (let n = from; n < to; n += 1) {
    const lane = lanes.observation(`seen-${n}`);
    const last = heads.get(lane);
    const at = new Date(Date.UTC(2026, 2, 3) + n * 700);
    const stored = makeEvent(
      {
        scope: `run/${run}`,
        lane,
        step: `seen-${n}`,
        type: 'observation.recorded',
        actor: { kind: n % 1000 === 7 ? 'person' : 'ci', id: n % 1000 === 7 ? 'p-rare0001' : 'shop' },
        data: {
          observation: `seen-${n}`,
          via: 'api',
          kind: 'other',
          bad: false,
          subject: 'web',
          summary: 'as it should be',
          words: null,
          observedAt: at.toISOString(),
        },
      },
      { seq: (last?.event.seq ?? 0) + 1, prev: last?.hash ?? genesis },
      at,
    );
    heads.set(lane, stored as Stored);
    await deps.store.insert(stored as Stored);
  }
};

const get = (query: Readonly<Record<string, string>>) =>
  ask(api, {
    method: 'GET',
    path: `/v1/runs/${run}/audit/events`,
    identity: bearer(personIn(deps, 'auditor')),
    query: new URLSearchParams(query).toString(),
  });

/** All pages, with what each of them read. */
const pages = async (query: Readonly<Record<string, string>> = {}) => {
  const ids: string[] = [];
  const reads: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    take();
    const answer = await get({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    const { events, next } = eventListSchema.parse(answer.json);
    ids.push(...events.map(({ id }) => id));
    reads.push(take());
    cursor = next;
  }
  return { ids, reads };
};

beforeEach(async () => {
  const small = await askedRun();
  deps = small.deps;
  run = small.run;
  const meter = metered(deps);
  take = meter.takeEvents;
  api = auditApi({ deps: meter.deps, mac: fakeMac() });
});

describe('5,000 events of one run', () => {
  beforeEach(() => observe(0, 5_000));

  test('are listed each once, and a page reads what it shows', async () => {
    const stored = await deps.store.query(`run/${run}`, { prefix: '' });
    const { ids, reads } = await pages({ limit: '100' });
    expect(ids).toEqual(stored.map(({ event }) => event.id));
    const [first = 0, ...others] = reads;
    console.info(`events read for pages of 100: first ${first}, then at most ${Math.max(...others)}`);
    // The first page learns that there are too many for the order of time. The run's own lane is read for each.
    expect(first).toBeLessThanOrEqual(mostByTime + 10);
    expect(Math.max(...others)).toBeLessThanOrEqual(110);
  });

  test('are examined in pieces where a filter leaves most of them out', async () => {
    const { ids, reads } = await pages({ limit: '100', actor: 'p-rare0001' });
    expect(ids).toHaveLength(5);
    expect(Math.max(...reads.slice(1))).toBeLessThanOrEqual(1_110);
  });

  test('in one lane are listed in order of time, and nothing else is read', async () => {
    const lane = lanes.observation('seen-1');
    const stored = await deps.store.query(`run/${run}`, { lane });
    const { ids, reads } = await pages({ limit: '500', lane });
    expect(ids).toEqual(stored.map(({ event }) => event.id));
    expect(Math.max(...reads)).toBeLessThanOrEqual(stored.length + 10);
  });
});

test('a list that was begun in order of time goes on so while the run grows, and is refused when it has outgrown that order', async () => {
  await observe(0, mostByTime - 200);
  const first = eventListSchema.parse((await get({ limit: '500' })).json);
  const cursor = first.next ?? '';
  await observe(mostByTime - 200, mostByTime + 500);
  const second = eventListSchema.parse((await get({ limit: '500', cursor })).json);
  const times = [...first.events, ...second.events].map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  await observe(mostByTime + 500, 2 * mostByTime + 1);
  expect((await get({ limit: '500', cursor })).json).toMatchObject({ type: expect.stringMatching(/cursor-invalid$/) as unknown });
});
