import type { ApprovalLink } from '../../lib/audit/approval-link.ts';
import type { Stored } from '../../lib/audit/event.ts';
import { sortKey } from '../../lib/audit/lane.ts';
import type { LaneRange, LaneStretch } from '../../lib/audit/lane-range.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import {
  type DueItem,
  type DueItems,
  dueKinds,
  type EndedSessions,
  type EvidenceStore,
  type Idempotency,
  type KeptWords,
  type LaneStore,
  type PeopleStore,
  type Quotas,
  type Random,
  type RunIndex,
  type RunSummary,
  type StoredAnswer,
  type TokenStore,
} from '../../lib/ports.ts';
import { isDeciding } from '../../lib/run-index.ts';
import type { EvidenceAddresses } from '../../lib/uploads.ts';
import { type Keep, keptByItself } from './kept.ts';

/** The audit table in memory: insert-only, ordered by sort key. `tables` lets a test change what no port can. */
export const fakeLaneStore = (keep: Keep = keptByItself): LaneStore & { readonly tables: Map<string, Map<string, Stored>> } => {
  const tables = keep(new Map<string, Map<string, Stored>>());
  // The keys of a scope in order, as they were when the table had so many items.
  const sorted = new Map<string, string[]>();
  const keysOf = (scope: string, items: ReadonlyMap<string, Stored>): readonly string[] => {
    const known = sorted.get(scope);
    if (known?.length === items.size) return known;
    const keys = [...items.keys()].sort();
    sorted.set(scope, keys);
    return keys;
  };
  const itemsOf = (scope: string): Map<string, Stored> => tables.get(scope) ?? tables.set(scope, new Map()).get(scope) ?? new Map();
  return {
    tables,
    insert: async (stored) => {
      const items = itemsOf(stored.event.scope);
      const key = sortKey(stored.event.lane, stored.event.seq);
      if (items.has(key)) return 'taken';
      const keys = [...keysOf(stored.event.scope, items)];
      keys.splice(placeIn(keys, key), 0, key);
      items.set(key, stored);
      sorted.set(stored.event.scope, keys);
      return 'inserted';
    },
    query: async (scope, range) => {
      const [from, to] = boundsOf(range);
      // A question makes no table.
      const items = tables.get(scope) ?? new Map<string, Stored>();
      const keys = keysOf(scope, items);
      const found = keys.slice(placeIn(keys, from), placeIn(keys, `${to}\0`)).flatMap((key) => items.get(key) ?? []);
      if ('last' in range) return found.slice(-range.last);
      return 'limit' in range ? found.slice(0, range.limit) : found;
    },
  };
};

/** How many of the keys, which are in order, come before this one. */
const placeIn = (keys: readonly string[], key: string): number => {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
};

const boundsOf = (range: LaneRange | LaneStretch): readonly [from: string, to: string] => {
  if (!('prefix' in range)) return [sortKey(range.lane, ('fromSeq' in range ? range.fromSeq : undefined) ?? 1), `${range.lane}#~`];
  const { prefix, after, before }: LaneStretch = range;
  return [after === undefined ? prefix : sortKey(after.lane, after.seq + 1), before === undefined ? `${prefix}\uffff` : sortKey(before, 0)];
};

export const fakeEvidence = (keep: Keep = keptByItself): EvidenceStore & { readonly objects: Map<string, Uint8Array> } => {
  const objects = keep(new Map<string, Uint8Array>());
  return {
    objects,
    put: async (scope, digest, bytes) => {
      if (sha256(bytes) !== digest) throw new TypeError(`evidence: got bytes of digest ${sha256(bytes)}, expected ${digest}`);
      const key = `${scope}/${digest}`;
      if (!objects.has(key)) objects.set(key, Uint8Array.from(bytes));
    },
    get: async (scope, digest) => {
      const bytes = objects.get(`${scope}/${digest}`);
      if (bytes !== undefined && sha256(bytes) !== digest)
        throw new IntegrityFault(`evidence ${scope}/${digest}: the stored bytes have another digest`);
      return bytes && Uint8Array.from(bytes);
    },
  };
};

/** Addresses as nobody else's are. */
export const fakeEvidenceAddresses = (): EvidenceAddresses => ({
  address: async (scope, digest, seconds) => `https://evidence.example.com/${scope}/${digest}?seconds=${seconds}`,
});

export const fakePeople = (
  random: Random,
  keep: Keep = keptByItself,
): PeopleStore & { readonly texts: Map<string, string>; erase(digest: string, at: string): void } => {
  const texts = keep(new Map<string, string>());
  const kept = keep(new Map<string, { readonly run: string; readonly salt: string }>());
  const erased = keep(new Map<string, string>());
  return {
    texts,
    erase: (digest, at) => {
      texts.delete(digest);
      erased.set(digest, at);
    },
    keep: async (run, text) => {
      const salt = random.token(32);
      const digest = sha256(salt + text);
      texts.set(digest, text);
      kept.set(digest, { run, salt });
      return digest;
    },
    read: async (digests) =>
      new Map(
        digests.flatMap((digest): [string, KeptWords][] => {
          const { run, salt } = kept.get(digest) ?? { run: '', salt: '' };
          const text = texts.get(digest);
          if (text !== undefined) return [[digest, { run, text, salt }]];
          const erasedAt = erased.get(digest);
          return erasedAt === undefined ? [] : [[digest, { run, text: null, erasedAt }]];
        }),
      ),
  };
};

export const fakeIndex = (keep: Keep = keptByItself): RunIndex => {
  const summaries = keep(new Map<string, RunSummary>());
  const claims = keep(new Map<string, string>());
  const links = keep(new Map<string, ApprovalLink>());
  const place = (summary: RunSummary): string => `${summary.startedAt}#${summary.run}`;
  const version = ({ seen = 0, asOf }: RunSummary): string => `${String(seen).padStart(8, '0')}#${asOf}`;
  return {
    put: async (summary) => {
      const known = summaries.get(summary.run);
      const isNewer = known === undefined || (known.outcome === null && version(known) <= version(summary));
      if (isNewer || summary.outcome !== null) summaries.set(summary.run, summary);
    },
    restore: async (summary) => {
      summaries.set(summary.run, summary);
    },
    get: async (run) => summaries.get(run),
    list: async ({ service, environment, limit, after }) => {
      const found = [...summaries.values()]
        .filter(
          (one) =>
            (service ?? one.service) === one.service &&
            (environment ?? one.environment) === one.environment &&
            (after === undefined || place(one) < after),
        )
        .sort((a, b) => (place(a) < place(b) ? 1 : -1));
      const runs = found.slice(0, Math.min(limit, 100));
      const last = runs.at(-1);
      return found.length > runs.length && last !== undefined ? { runs, next: place(last) } : { runs };
    },
    open: async (service, environment, _reading, without) =>
      [...summaries.values()]
        .filter((one) => !without?.has(one.run) && one.service === service && one.environment === environment && one.outcome === null)
        .sort((a, b) => (a.run < b.run ? -1 : 1)),
    deciding: async () => [...summaries.values()].filter(isDeciding).sort((a, b) => (place(a) < place(b) ? 1 : -1)),
    claim: async (key, run) => {
      const holder = claims.get(key);
      if (holder === undefined) claims.set(key, run);
      return holder ?? run;
    },
    putLink: async (linkHash, link) => {
      links.set(linkHash, link);
    },
    getLink: async (linkHash) => links.get(linkHash),
  };
};

/** `items` by their keys, and `deadlines` by run: what DynamoDB keeps in two kinds of items. */
export const fakeDue = (
  keep: Keep = keptByItself,
): DueItems & { readonly items: Map<string, DueItem>; readonly deadlines: Map<string, DueItem> } => {
  const items = keep(new Map<string, DueItem>());
  const deadlines = keep(new Map<string, DueItem>());
  const key = (item: DueItem): string => `${item.at}#${item.run}#${item.kind}#${item.id}`;
  return {
    items,
    deadlines,
    deadline: async (run) => deadlines.get(run),
    moveDeadline: async (run, was, next) => {
      const known = deadlines.get(run);
      if ((known && key(known)) !== (was && key(was))) return false;
      if (next === undefined) deadlines.delete(run);
      else deadlines.set(run, next);
      return true;
    },
    put: async (item) => {
      items.set(key(item), item);
    },
    done: async (item) => {
      items.delete(key(item));
    },
    list: async (now, limit, after, skipped) => {
      const found: DueItem[] = [];
      let unknown = 0;
      const due = [...items]
        .filter(([place, item]) => item.at <= now.toISOString() && (after === undefined || place > key(after)))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [, item] of due) {
        if (found.length === limit) break;
        if (dueKinds.includes(item.kind)) found.push(item);
        else unknown += 1;
      }
      if (unknown > 0) skipped?.(unknown);
      return found;
    },
  };
};

export const fakeTokens = (
  keep: Keep = keptByItself,
): TokenStore & { readonly items: Map<string, { readonly token: string; readonly execution: string }> } => {
  const items = keep(new Map<string, { readonly token: string; readonly execution: string }>());
  return {
    items,
    put: async ({ run, gate, entry, token, execution }) => {
      items.set(`${run}/${gate}#${entry}`, { token, execution });
    },
    get: async (run, gate, entry) => items.get(`${run}/${gate}#${entry}`),
  };
};

type Kept = { readonly body: string; readonly until: number; readonly answer: StoredAnswer | undefined };
const day = 86_400_000;

export const fakeEndedSessions = (keep: Keep = keptByItself): EndedSessions => {
  const ended = keep(new Set<string>());
  return {
    end: async (session) => {
      ended.add(session);
    },
    isEnded: async (session) => ended.has(session),
  };
};

export const fakeIdempotency = (keep: Keep = keptByItself): Idempotency => {
  const kept = keep(new Map<string, Kept>());
  return {
    begin: async (key, bodyDigest, now) => {
      const one = kept.get(key);
      const over = one !== undefined && one.until <= now.getTime();
      if (one !== undefined && one.body !== bodyDigest && !(over && one.answer !== undefined)) return { state: 'other-body' };
      if (one === undefined || over) {
        kept.set(key, { body: bodyDigest, until: now.getTime() + 60_000, answer: undefined });
        return { state: 'fresh' };
      }
      return one.answer === undefined ? { state: 'in-progress' } : { state: 'done', answer: one.answer };
    },
    finish: async (key, answer, now, keptMs = 35 * day) => {
      const one = kept.get(key);
      if (one !== undefined && one.answer === undefined) kept.set(key, { ...one, answer, until: now.getTime() + keptMs });
    },
    release: async (key) => {
      if (kept.get(key)?.answer === undefined) kept.delete(key);
    },
  };
};

type Counter = { readonly counts: ReadonlyMap<string, number>; readonly names: ReadonlyMap<string, ReadonlySet<string>> };

/** `counters` by key: what a caller has used up. */
export const fakeQuotas = (keep: Keep = keptByItself): Quotas & { readonly counters: Map<string, Counter> } => {
  const counters = keep(new Map<string, Counter>());
  return {
    counters,
    take: async (uses) => {
      for (const [use, { key, amounts, distinct }] of uses.entries()) {
        if (amounts.length === 0 && distinct === undefined) throw new TypeError(`quotas: got a use of ${key} that counts nothing`);
        const { counts, names }: Counter = counters.get(key) ?? { counts: new Map(), names: new Map() };
        const over = amounts.find(({ name, add, most }) => (counts.get(name) ?? 0) + add > most);
        if (over !== undefined) return { use, name: over.name, counted: counts.get(over.name) ?? 0 };
        const seen = names.get(distinct?.name ?? '') ?? new Set<string>();
        if (distinct !== undefined && !seen.has(distinct.value) && seen.size >= distinct.most)
          return { use, name: distinct.name, counted: seen.size };
        const next = new Map(counts);
        for (const { name, add } of amounts) next.set(name, (next.get(name) ?? 0) + add);
        const met = distinct === undefined ? names : new Map([...names, [distinct.name, new Set([...seen, distinct.value])]]);
        counters.set(key, { counts: next, names: met });
      }
      return undefined;
    },
  };
};
