import { describe, expect, it } from 'vitest';
import { authorityMessage, unauthorised } from '../../lib/audit/authority.ts';
import type { Draft, EventType, Stored } from '../../lib/audit/event.ts';
import { type AuthorityKind, authorityKinds } from '../../lib/audit/event-definition.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { makeEvent } from '../../lib/audit/make-event.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { createVerifier } from '../../lib/audit/verifier.ts';
import { fakeAuthority, fakeClock, fakeRandom } from '../fakes/services.ts';
import { fakeLaneStore } from '../fakes/stores.ts';

/** What a settlement vouches for is not asked about again, and nobody without the reconciler's key gains anything by it. */

const at = (minute: number): Date => new Date(Date.parse('2026-03-02T08:00:00.000Z') + minute * 60_000);
const scope = 'run/r1';
const reconciler = { kind: 'system', id: 'reconciler' } as const;
const keys = fakeAuthority(authorityKinds);

const signed = async (draft: Draft, seq: number, before: Stored | undefined, kind: AuthorityKind | null, minute = 0): Promise<Stored> => {
  const mac = kind === null ? null : await keys.sign(kind, authorityMessage(draft));
  return makeEvent(draft as Draft<EventType>, { seq, prev: before?.hash ?? genesis }, at(minute), mac) as Stored;
};
const headOf = ({ event: { lane, seq }, hash }: Stored) => ({ lane, seq, head: hash });

const notified = (gate: string, step: string): Draft<'gate.notified'> => ({
  scope,
  lane: `gate/${gate}`,
  step,
  type: 'gate.notified',
  actor: reconciler,
  data: { entry: at(0).toISOString(), notice: 'n', people: ['p-1'] },
});
const settled = (gate: string, judgedOn: readonly Stored[]): Draft<'gate.settled'> => ({
  scope,
  lane: `gate/${gate}`,
  step: 'settled',
  type: 'gate.settled',
  actor: reconciler,
  data: {
    gate,
    entry: at(0).toISOString(),
    settlement: 1,
    outcome: 'passed',
    end: null,
    resume: null,
    judgedOn: judgedOn.map(headOf),
    soundUntil: null,
    reason: 'r',
  },
});
const delivered = (gate: string, answer?: Stored): Draft<'gate.delivered'> => ({
  scope,
  lane: `gate/${gate}`,
  step: 'delivered',
  type: 'gate.delivered',
  actor: reconciler,
  data: {
    gate,
    entry: at(0).toISOString(),
    settlement: 1,
    how: 'sent',
    ...(answer === undefined ? {} : { settled: answer.hash }),
  },
});
const waived: Draft<'check.waived'> = {
  scope,
  lane: 'check/phase-1/a',
  step: 'waived',
  type: 'check.waived',
  actor: { kind: 'person', id: 'p-1' },
  data: { check: 'a', reason: genesis, until: at(99).toISOString(), by: 'p-1', role: 'technical-lead' },
};

/** Two gates: each has two mails and is settled on all that was there before. The waiver of a person stands before both. */
const twoGates = async () => {
  const waiver = await signed(waived, 1, undefined, 'people');
  const gate = async (name: string, minute: number, earlier: readonly Stored[]): Promise<Stored[]> => {
    const first = await signed(notified(name, '1'), 1, undefined, 'reconciler', minute);
    const second = await signed(notified(name, '2'), 2, first, 'reconciler', minute);
    return [first, second, await signed(settled(name, [...earlier, second]), 3, second, 'reconciler', minute)];
  };
  const one = await gate('phase-1', 1, [waiver]);
  const two = await gate('phase-2', 2, [waiver, ...one.slice(-1)]);
  return { waiver, one, two, all: [waiver, ...one, ...two] };
};
const counting = (signsFor: readonly AuthorityKind[]) => {
  const asked: AuthorityKind[] = [];
  const verifier = createVerifier({
    signsFor,
    verify: (kind, message, mac) => {
      asked.push(kind);
      return keys.verify(kind, message, mac);
    },
  });
  return { verifier, asked };
};

describe('a process that has verified nothing yet', () => {
  it('asks about the newest settlement and what no settlement names, and about every word of a person', async () => {
    const { all, two } = await twoGates();
    const later = await signed(notified('phase-2', '3'), 4, two[2], 'reconciler', 3);
    const { verifier, asked } = counting([]);
    expect(await verifier.firstBad([...all, later])).toBeUndefined();
    expect(asked.sort()).toEqual(['people', 'reconciler', 'reconciler']);
    expect(await verifier.firstBad([...all, later])).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  it('asks about no word of a person that it has vouched for itself, where it holds the key of the reconciler', async () => {
    const { all } = await twoGates();
    const { verifier, asked } = counting(['reconciler']);
    expect(await verifier.firstBad(all)).toBeUndefined();
    expect(asked).toEqual(['reconciler']);
  });

  it('knows what a settlement names also where it reads that lane later', async () => {
    const { one, two } = await twoGates();
    const { verifier, asked } = counting([]);
    expect(await verifier.firstBad(two.slice(2))).toBeUndefined();
    expect(await verifier.firstBad(one)).toBeUndefined();
    expect(asked).toEqual(['reconciler']);
  });

  it('asks about the record of a delivery alone, which names the settlement; one of an older version names none', async () => {
    const { one } = await twoGates();
    const kept = one.slice(-1);
    for (const [answer, requests] of [
      [kept[0], 1],
      [undefined, 2],
    ] as const) {
      const record = await signed(delivered('phase-1', answer), 4, one[2], 'reconciler', 3);
      const { verifier, asked } = counting([]);
      expect(await verifier.firstBad([...one, record])).toBeUndefined();
      expect(asked).toHaveLength(requests);
    }
  });

  it('learns from the closing of a run what every lane holds', async () => {
    const { one, two } = await twoGates();
    const heads = [one, two].flatMap((own) => own.slice(-1)).map(headOf);
    const closed = await signed(
      { scope, lane: 'run', step: 'closed', type: 'run.closed', actor: reconciler, data: { lanes: heads } },
      1,
      undefined,
      'reconciler',
      9,
    );
    const { verifier, asked } = counting([]);
    expect(await verifier.firstBad([closed, ...one, ...two])).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});

describe('a writer without the key', () => {
  it.each([[[]], [['reconciler' as const]]])(
    'vouches for nothing by a settlement of its own (the reader signs for %j)',
    async (signsFor) => {
      const forgedWaiver = await signed(waived, 1, undefined, null);
      const forged = makeEvent(settled('phase-1', [forgedWaiver]) as Draft, { seq: 1, prev: genesis }, at(5), 'A'.repeat(43)) as Stored;
      const { verifier } = counting(signsFor);
      for (let turn = 0; turn < 2; turn += 1) {
        expect(await verifier.firstBad([forged, forgedWaiver])).toMatchObject({ lane: 'gate/phase-1' });
        expect(await verifier.firstBad([forgedWaiver])).toMatchObject({ lane: 'check/phase-1/a' });
      }
    },
  );

  it('vouches for no settlement by the record of a delivery', async () => {
    const forged = makeEvent(settled('phase-1', []) as Draft, { seq: 1, prev: genesis }, at(5), 'A'.repeat(43)) as Stored;
    const record = makeEvent(delivered('phase-1', forged) as Draft, { seq: 2, prev: forged.hash }, at(6), 'A'.repeat(43)) as Stored;
    const { verifier } = counting([]);
    for (let turn = 0; turn < 2; turn += 1)
      expect(await verifier.firstBad([forged, record])).toMatchObject({ lane: 'gate/phase-1', seq: 1 });
  });

  it('has no event taken behind the head that a settlement names, nor in another event in its place', async () => {
    const { one, two } = await twoGates();
    const { verifier } = counting(['reconciler']);
    expect(await verifier.firstBad([...one, ...two])).toBeUndefined();
    const behind = makeEvent(notified('phase-1', 'x') as Draft, { seq: 4, prev: one[2]?.hash ?? '' }, at(6), 'A'.repeat(43)) as Stored;
    expect(await verifier.firstBad([...one, behind])).toMatchObject({ seq: 4 });
    const instead = makeEvent(notified('phase-1', 'x') as Draft, { seq: 2, prev: one[0]?.hash ?? '' }, at(6), 'A'.repeat(43)) as Stored;
    expect(await verifier.firstBad([...one.slice(0, 1), instead])).toMatchObject({ seq: 2 });
  });

  it('has no event without a MAC taken, whatever names it', async () => {
    const bare = await signed(notified('phase-1', '1'), 1, undefined, null);
    const over = await signed(settled('phase-2', [bare]), 1, undefined, 'reconciler', 1);
    const { verifier } = counting(['reconciler']);
    expect(await verifier.firstBad([bare, over])).toMatchObject({
      lane: 'gate/phase-1',
      reason: expect.stringContaining('no MAC') as unknown,
    });
  });
});

describe('the closing of lanes', () => {
  const ended = 'e'.repeat(64);
  const closing = (lane: string, step = 'closed', hash = ended, of = scope): Draft<'lane.ended'> => ({
    scope: of,
    lane,
    step,
    type: 'lane.ended',
    actor: reconciler,
    data: { ended: hash },
  });
  const withMac = (draft: Draft, mac: string | null): Stored =>
    makeEvent(draft as Draft<EventType>, { seq: 2, prev: genesis }, at(1), mac) as Stored;

  it('is signed once for all lanes of a run, and asked about once', async () => {
    const requests: string[] = [];
    const authority = {
      ...keys,
      sign: (kind: AuthorityKind, message: string) => {
        requests.push('sign');
        return keys.sign(kind, message);
      },
      verify: (kind: AuthorityKind, message: string, mac: string) => {
        requests.push('verify');
        return keys.verify(kind, message, mac);
      },
    };
    const store = fakeLaneStore();
    const parts = { store, clock: fakeClock(at(0).toISOString(), 1), random: fakeRandom('closing'), sleep: async () => undefined };
    const trail = createTrail({ ...parts, authority });
    for (let n = 0; n < 30; n += 1) await trail.append(closing(`check/phase-1/${n}`), { parentHash: genesis, after: null });
    expect(requests).toEqual(['sign']);
    expect(await createTrail({ ...parts, authority }).read(scope, { prefix: '' })).toHaveLength(30);
    expect(requests).toEqual(['sign', 'verify']);
  });

  it('is void in another lane’s step, in the lane of the run, for another end, in another run and under another key', async () => {
    const mac = await keys.sign('reconciler', authorityMessage(closing('check/phase-1/a')));
    expect(
      await unauthorised([withMac(closing('check/phase-1/b'), mac)], keys.verify),
      'the same MAC closes every lane of the run',
    ).toBeUndefined();
    const people = await keys.sign('people', authorityMessage(closing('check/phase-1/a')));
    for (const [draft, of] of [
      [closing('check/phase-1/b', 'judged/1'), mac],
      [closing('run'), mac],
      [closing('check/phase-1/b', 'closed', 'f'.repeat(64)), mac],
      [closing('check/phase-1/b', 'closed', ended, 'run/r2'), mac],
      [closing('check/phase-1/a'), people],
      [closing('check/phase-1/a'), null],
    ] as const)
      expect(await unauthorised([withMac(draft, of)], keys.verify)).toMatchObject({ seq: 2 });
  });
});
