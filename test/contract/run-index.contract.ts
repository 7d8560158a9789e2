import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ApprovalLink } from '../../lib/audit/approval-link.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { RunIndex, RunSummary } from '../../lib/ports.ts';

const summary = (change: Partial<RunSummary> & Pick<RunSummary, 'run' | 'service'>): RunSummary => ({
  environment: 'production',
  version: '1.0.0',
  commit: 'a'.repeat(40),
  startedAt: '2026-03-02T08:00:00.000Z',
  definition: 'b'.repeat(64),
  gate: 'phase-1',
  outcome: null,
  blocked: false,
  asOf: '2026-03-02T08:00:00.000Z',
  ...change,
});
/** Runs started a minute apart, oldest first. */
const some = (service: string, count: number, change: Partial<RunSummary> = {}): readonly RunSummary[] =>
  Array.from({ length: count }, (_, minute) =>
    summary({ run: randomUUID(), service, startedAt: `2026-03-02T08:${String(minute).padStart(2, '0')}:00.000Z`, ...change }),
  );
const all = async (
  index: RunIndex,
  filter: { readonly service?: string; readonly environment?: string },
  limit: number,
): Promise<{ runs: readonly RunSummary[]; pages: number }> => {
  const runs: RunSummary[] = [];
  let after: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page: Awaited<ReturnType<RunIndex['list']>> = await index.list({ ...filter, limit, ...(after === undefined ? {} : { after }) });
    expect(page.runs.length).toBeLessThanOrEqual(limit);
    runs.push(...page.runs);
    if (page.next === undefined) return { runs, pages };
    after = page.next;
  }
};

export const runIndexContract = (index: () => RunIndex): void => {
  describe('run index', () => {
    it('gives back a summary, and nothing for a run that it does not know', async () => {
      const [one] = some(randomUUID(), 1);
      if (one === undefined) throw new Error('one summary was made');
      expect(await index().get(one.run)).toBeUndefined();
      await index().put(one);
      expect(await index().get(one.run)).toEqual(one);
    });

    it('never replaces a summary by an older one', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      const newer = { ...first, gate: 'phase-2', asOf: '2026-03-02T09:00:00.000Z' };
      for (const put of [first, newer, first]) await index().put(put);
      expect(await index().get(first.run)).toEqual(newer);
      const again = { ...newer, gate: 'phase-3' };
      await index().put(again);
      expect(await index().get(first.run)).toEqual(again);
    });

    it('takes the reading that saw more events for newer, whatever the clocks say', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      const behind = { ...first, gate: 'phase-3', seen: 7, asOf: '2026-03-02T08:59:58.000Z' };
      const stale = { ...first, gate: 'phase-2', seen: 4, asOf: '2026-03-02T09:00:00.000Z' };
      for (const put of [first, behind, stale]) await index().put(put);
      expect(await index().get(first.run)).toEqual(behind);
    });

    it('restores a run whatever stands there', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      const right = { ...first, gate: 'phase-2', seen: 4 };
      for (const wrong of [
        { ...first, gate: 'phase-9', seen: 99 },
        { ...first, outcome: 'incident' },
        { ...first, startedAt: '2026-03-01T08:00:00.000Z', environment: 'staging' },
      ]) {
        await index().put(wrong);
        await index().restore(right);
        expect(await index().get(first.run)).toEqual(right);
        expect((await index().list({ service: first.service, limit: 10 })).runs).toEqual([right]);
        expect(await index().open(first.service, 'production')).toEqual([right]);
        expect(await index().open(first.service, 'staging')).toEqual([]);
      }
    });

    it('replaces another end by the recorded one', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      await index().put({ ...first, outcome: 'incident', seen: 9, asOf: '2026-03-02T10:00:00.000Z' });
      const recorded = { ...first, outcome: 'production-stable', asOf: '2026-03-02T09:00:00.000Z' };
      await index().put(recorded);
      expect(await index().get(first.run)).toEqual(recorded);
    });

    it('never opens a run again that has ended, however the clocks of those who write differ', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      const ended = { ...first, outcome: 'cancelled', asOf: '2026-03-02T09:00:00.000Z' };
      const slow = { ...first, gate: 'phase-2', asOf: '2026-03-02T09:00:01.000Z' };
      for (const put of [slow, ended, slow]) await index().put(put);
      expect(await index().get(first.run)).toEqual(ended);
      expect(await index().open(first.service, first.environment)).toEqual([]);
    });

    it('keeps the newest of summaries that are written at once', async () => {
      const [first] = some(randomUUID(), 1);
      if (first === undefined) throw new Error('one summary was made');
      const versions = Array.from({ length: 10 }, (_, second) => ({
        ...first,
        asOf: `2026-03-02T09:00:0${second}.000Z`,
        outcome: second === 9 ? 'cancelled' : null,
      }));
      await Promise.all(versions.toReversed().map((version) => index().put(version)));
      expect(await index().get(first.run)).toEqual(versions.at(-1));
      expect(await index().open(first.service, first.environment)).toEqual([]);
      expect((await index().list({ service: first.service, limit: 10 })).runs).toEqual(versions.slice(-1));
    });

    it('lists newest first, page by page, without an empty page at the end', async () => {
      const service = randomUUID();
      const runs = some(service, 7);
      for (const run of runs) await index().put(run);
      expect(await all(index(), { service }, 3)).toEqual({ runs: runs.toReversed(), pages: 3 });
      expect(await all(index(), { service }, 7)).toEqual({ runs: runs.toReversed(), pages: 1 });
      expect(await index().list({ service: randomUUID(), limit: 5 })).toEqual({ runs: [] });
    });

    it('lists runs of every service together', async () => {
      const [old] = some(randomUUID(), 1, { startedAt: '2999-01-01T00:00:00.000Z' });
      const [young] = some(randomUUID(), 1, { startedAt: '2999-01-02T00:00:00.000Z' });
      if (old === undefined || young === undefined) throw new Error('two summaries were made');
      await index().put(old);
      await index().put(young);
      expect((await index().list({ limit: 2 })).runs).toEqual([young, old]);
    });

    it('filters by environment over pages', async () => {
      const service = randomUUID();
      const runs = some(service, 9).map((run, place) => ({ ...run, environment: place % 3 === 0 ? 'staging' : 'production' }));
      for (const run of runs) await index().put(run);
      const staging = await all(index(), { service, environment: 'staging' }, 2);
      expect(staging.runs).toEqual(runs.filter((run) => run.environment === 'staging').toReversed());
      expect((await all(index(), { service, environment: 'production' }, 2)).runs).toHaveLength(6);
    });

    it('knows the open runs of a service and environment', async () => {
      const service = randomUUID();
      const [a, b, c] = some(service, 3);
      if (a === undefined || b === undefined || c === undefined) throw new Error('three summaries were made');
      for (const run of [a, b, { ...c, environment: 'staging' }]) await index().put(run);
      expect((await index().open(service, 'production')).map((one) => one.run).toSorted()).toEqual([a.run, b.run].toSorted());
      expect(await index().open(service, 'production', 'may-lag', new Set([a.run]))).toEqual([b]);
      await index().put({ ...a, outcome: 'cancelled', asOf: '2026-03-02T10:00:00.000Z' });
      expect(await index().open(service, 'production')).toEqual([b]);
      expect((await index().list({ service, limit: 10 })).runs).toHaveLength(3);
    });

    it('knows the runs that wait for a rollback decision, newest first, whatever came before and after', async () => {
      const service = randomUUID();
      const [a, b, c] = some(service, 3);
      if (a === undefined || b === undefined || c === undefined) throw new Error('three summaries were made');
      const own = async () => (await index().deciding()).filter((one) => one.service === service);
      const at = (run: RunSummary, gate: string, seen: number, outcome: string | null = null): RunSummary => ({
        ...run,
        gate,
        seen,
        outcome,
      });
      for (const run of [a, b, c]) await index().put(run);
      expect(await own()).toEqual([]);
      const waiting = [a, b].map((run) => at(run, 'rollback-decision', 2));
      for (const run of waiting) await index().put(run);
      expect(await own()).toEqual(waiting.toReversed());
      await index().put(at(a, 'monitoring-4h', 3));
      expect((await own()).map(({ run }) => run)).toEqual([b.run]);
      await index().put(at(a, 'rollback-decision', 4));
      expect((await own()).map(({ run }) => run)).toEqual([b.run, a.run]);
      await index().put(at(b, 'rollback-decision', 5, 'rolled-back'));
      await index().put(at(a, 'stop-requests', 6));
      expect(await own()).toEqual([]);
      await index().restore(at(c, 'rollback-decision', 7));
      expect((await own()).map(({ run }) => run)).toEqual([c.run]);
    });

    it('gives a claim to the first for ever', async () => {
      const key = randomUUID();
      const holders = await Promise.all(Array.from({ length: 10 }, (_, place) => index().claim(key, `run-${place}`)));
      expect(new Set(holders).size).toBe(1);
      expect(await index().claim(key, 'too-late')).toBe(holders[0]);
      expect(await index().claim(randomUUID(), 'other')).toBe('other');
    });

    it('finds an approval by the hash of its link', async () => {
      const link: ApprovalLink = {
        run: 'r1',
        gate: 'go-no-go',
        round: 1,
        role: 'technical-lead',
        person: 'p-1',
        expires: '2026-03-03T08:00:00.000Z',
      };
      const hash = sha256(randomUUID());
      expect(await index().getLink(hash)).toBeUndefined();
      await index().putLink(hash, link);
      expect(await index().getLink(hash)).toEqual(link);
    });
  });
};
