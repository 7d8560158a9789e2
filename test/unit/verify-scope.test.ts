import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft, EventType, Stored } from '../../lib/audit/event.ts';
import { byLane } from '../../lib/audit/event.ts';
import { genesis } from '../../lib/audit/lane.ts';
import { eventId, makeEvent, parseStored } from '../../lib/audit/make-event.ts';
import { verifyLane } from '../../lib/audit/verify-lane.ts';
import { verifyScope } from '../../lib/audit/verify-scope.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { refusalDraft } from '../contract/events.ts';

const scope = 'run/r1';
const at = new Date('2026-03-02T08:00:00.000Z');
const system = { kind: 'system', id: 'test' } as const;

/** Chains drafts by lane; the first event of the scope opens every lane after it. */
const chain = (drafts: readonly Draft[]): Stored[] => {
  const events: Stored[] = [];
  for (const draft of drafts) {
    const own = events.filter((stored) => stored.event.lane === draft.lane);
    events.push(makeEvent(draft as Draft<EventType>, { seq: own.length + 1, prev: own.at(-1)?.hash ?? events[0]?.hash ?? genesis }, at));
  }
  return events;
};
const lanes = ['run', 'check/phase-1/a', 'check/phase-1/b'];
const steps = (count: number): Draft[] =>
  Array.from({ length: count }, (_, index) => refusalDraft(scope, lanes[index % 3] ?? 'run', `${index}`));

/** A run whose lanes are closed and listed, as the commands close it, or as older versions did. */
const closedRun = (form: 'lane.ended' | 'lane.closed' = 'lane.ended', ended?: string): Stored[] => {
  const end: Draft = {
    scope,
    lane: 'run',
    step: 'ended',
    type: 'run.ended',
    actor: system,
    data: { outcome: 'cancelled', gate: 'phase-1' },
  };
  const open = [...steps(7), end];
  const hash = ended ?? chain(open).at(-1)?.hash ?? '';
  const others = lanes.slice(1).map((lane): Draft => {
    const place = { scope, lane, step: 'closed', actor: system } as const;
    return form === 'lane.ended' ? { ...place, type: form, data: { ended: hash } } : { ...place, type: form, data: {} };
  });
  const events = chain([...open, ...others]);
  const heads = [...byLane(events)]
    .filter(([lane]) => lane !== 'run')
    .map(([lane, own]) => ({ lane, seq: own.length, head: own.at(-1)?.hash ?? '' }));
  return chain([...open, ...others, { scope, lane: 'run', step: 'closed', type: 'run.closed', actor: system, data: { lanes: heads } }]);
};

describe('event', () => {
  it('has an id of its scope, lane and step and of nothing else', () => {
    const id = eventId('run/r1', 'gate/phase-1', 'opened');
    expect(id).toBe(sha256('run/r1\ngate/phase-1\nopened').slice(0, 32));
    expect(makeEvent(refusalDraft(scope, 'run', 's', 'one'), { seq: 1, prev: genesis }, at).event.id).toBe(
      makeEvent(refusalDraft(scope, 'run', 's', 'two'), { seq: 9, prev: genesis }, new Date(0)).event.id,
    );
  });

  it('is read back from its bytes', () => {
    const [stored] = chain(steps(1));
    expect(stored && parseStored(stored.bytes)).toEqual(stored);
    expect(stored?.hash).toBe(sha256(Buffer.from(stored?.bytes ?? '')));
  });

  it.each([
    ['no JSON', (bytes: string) => bytes.slice(1)],
    [
      'in another member order',
      (bytes: string) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(bytes) as object).reverse())),
    ],
    ['with white space', (bytes: string) => JSON.stringify(JSON.parse(bytes), null, 1)],
    ['with a member too many', (bytes: string) => canonical({ ...(JSON.parse(bytes) as object), note: 'x' })],
    ['of an unknown type', (bytes: string) => bytes.replace('request.refused', 'request.granted')],
  ])('is refused when its bytes are %s', (_, change) => {
    const [stored] = chain(steps(1));
    expect(() => parseStored(change(stored?.bytes ?? ''))).toThrow(expect.objectContaining({ name: 'IntegrityFault' }));
  });
});

describe('verification of a scope', () => {
  it('accepts what the commands write, open or closed, in any order', () => {
    expect(verifyScope(chain(steps(20)))).toBeUndefined();
    expect(verifyScope(closedRun())).toBeUndefined();
    expect(verifyScope(closedRun().toReversed())).toBeUndefined();
    expect(verifyScope(closedRun('lane.closed')), 'as it was stored before').toBeUndefined();
    expect(verifyScope([])).toBeUndefined();
  });

  it('accepts one opener from outside, and only the right one where it is told', () => {
    const outside = sha256('definition.published');
    const opened = makeEvent(refusalDraft(scope, 'run', '1'), { seq: 1, prev: outside }, at);
    const inside = makeEvent(refusalDraft(scope, 'gate/phase-1', '1'), { seq: 1, prev: opened.hash }, at);
    expect(verifyScope([opened, inside])).toBeUndefined();
    expect(verifyScope([opened, inside], outside)).toBeUndefined();
    expect(verifyScope([opened, inside], genesis)).toMatchObject({ lane: 'run', seq: 1 });
    const stray = makeEvent(refusalDraft(scope, 'check/phase-1/a', '1'), { seq: 1, prev: genesis }, at);
    expect(verifyScope([opened, inside, stray])).toMatchObject({ lane: 'check/phase-1/a', seq: 1 });
  });

  it('names a lane that was closed for another end than the run’s, and one that begins with its closing', () => {
    expect(verifyScope(closedRun('lane.ended', sha256('another end')))).toMatchObject({
      lane: 'check/phase-1/a',
      reason: 'closed for an end that the lane of the run does not hold',
    });
    const events = closedRun();
    const ended = events.find(({ event }) => event.type === 'run.ended')?.hash ?? '';
    const draft = { scope, lane: 'check/phase-1/c', step: 'closed', type: 'lane.ended', actor: system, data: { ended } } as const;
    const empty = makeEvent(draft, { seq: 1, prev: events[0]?.hash ?? '' }, at) as Stored;
    expect(verifyScope([...events, empty])).toMatchObject({ lane: 'check/phase-1/c', seq: 1, reason: 'the lane begins with its closing' });
  });

  it.each(['lane.ended', 'lane.closed'] as const)('names any event that is taken out of a run that was closed by %s', (form) => {
    const events = closedRun(form);
    const closing = events.length - 1;
    fc.assert(fc.property(fc.integer({ min: 0, max: closing - 1 }), (place) => verifyScope(events.toSpliced(place, 1)) !== undefined));
  });

  it('names the place of any event that is missing from the middle of a lane', () => {
    const events = chain(steps(12));
    const bad = verifyScope(events.filter((stored) => !(stored.event.lane === 'check/phase-1/a' && stored.event.seq === 2)));
    expect(bad).toMatchObject({ lane: 'check/phase-1/a', seq: 3, reason: 'got sequence 3, expected 2' });
  });

  it('names any event whose bytes, data or time were changed', () => {
    const events = chain(steps(12));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), fc.constantFrom('bytes', 'rehashed', 'event'), (place, way) => {
        const stored = events[place];
        if (stored === undefined) return false;
        const bytes = stored.bytes.replace('said no', 'said ok');
        const event = { ...stored.event, at: '2026-03-02T09:00:00.000Z' } as Stored['event'];
        const changed = { bytes: { ...stored, bytes }, rehashed: parseStored(bytes), event: { ...stored, event } }[way];
        const bad = verifyScope(events.with(place, changed));
        // A rehashed last event of an open lane links like any other: only a checkpoint or the closing of the run can tell it.
        const isTail = !events.some((other) => other.event.prev === stored.hash);
        return way === 'rehashed' && isTail ? bad === undefined : bad !== undefined && (bad.lane === stored.event.lane || place === 0);
      }),
    );
  });

  it('names a closing outside the lane of the run: nobody closes a cut run once more', () => {
    const events = closedRun();
    const cut = events.filter(({ event }) => event.lane !== 'check/phase-1/a');
    const heads = new Map(cut.map((stored) => [stored.event.lane, stored]));
    const lanes = [...heads].map(([lane, { event, hash }]) => ({ lane, seq: event.seq, head: hash }));
    const draft = {
      scope,
      lane: 'a',
      step: 'closed',
      type: 'run.closed',
      actor: { kind: 'system', id: 'reconciler' },
      data: { lanes },
    } as const;
    const forged = makeEvent(draft, { seq: 1, prev: cut[0]?.hash ?? genesis }, at);
    expect(verifyScope([forged as Stored, ...cut])).toMatchObject({ lane: 'a', seq: 1 });
  });

  it('names the end of a run whose closing is not there', () => {
    const [opened] = chain(steps(1));
    if (opened === undefined) throw new Error('one event was chained');
    const draft = {
      scope,
      lane: 'run',
      step: 'ended',
      type: 'run.ended',
      actor: { kind: 'system', id: 'reconciler' },
      data: { outcome: 'cancelled', gate: 'phase-1' },
    } as const;
    const ended = makeEvent(draft, { seq: 2, prev: opened.hash }, at);
    expect(verifyScope([opened, ended as Stored])).toMatchObject({
      lane: 'run',
      seq: 2,
      reason: expect.stringContaining('not closed') as unknown,
    });
  });

  it('names a step that is recorded twice', () => {
    const [one] = chain(steps(1));
    if (one === undefined) throw new Error('one event was chained');
    const two = makeEvent(refusalDraft(scope, 'run', '0'), { seq: 2, prev: one.hash }, at);
    expect(verifyScope([one, two])).toMatchObject({ lane: 'run', seq: 2, reason: expect.stringContaining('twice') as unknown });
  });

  it('names a lane that no event of the scope opened', () => {
    const stray = makeEvent(refusalDraft(scope, 'gate/phase-1', '1'), { seq: 1, prev: sha256('elsewhere') }, at);
    expect(verifyScope([...chain(steps(3)), stray])).toMatchObject({ lane: 'gate/phase-1', seq: 1 });
  });

  it('names an event of another scope', () => {
    const stray = makeEvent(refusalDraft('run/r2', 'gate/phase-1', '1'), { seq: 1, prev: genesis }, at);
    expect(verifyScope([...chain(steps(3)), stray])).toMatchObject({ lane: 'gate/phase-1', seq: 1, reason: 'of another scope' });
  });

  it('names what was put behind or beside a closed run', () => {
    const events = closedRun();
    const beside = makeEvent(refusalDraft(scope, 'gate/phase-1', '1'), { seq: 1, prev: events[0]?.hash ?? '' }, at);
    expect(verifyScope([...events, beside])).toMatchObject({ lane: 'gate/phase-1', seq: 1, reason: 'not known to the closing of the run' });
    const own = events.filter((stored) => stored.event.lane === 'check/phase-1/a');
    expect(own.at(-1)?.event.type).toBe('lane.ended');
    const behind = makeEvent(refusalDraft(scope, 'check/phase-1/a', 'late'), { seq: own.length + 1, prev: own.at(-1)?.hash ?? '' }, at);
    expect(verifyScope([...events, behind])).toMatchObject({ lane: 'check/phase-1/a', reason: 'follows lane.ended' });
  });

  it('names a fork of a lane', () => {
    const events = chain(steps(6));
    const fork = makeEvent(refusalDraft(scope, 'run', 'fork'), { seq: 2, prev: events[0]?.hash ?? '' }, at);
    expect(verifyScope([...events, fork])).toMatchObject({ lane: 'run', seq: 2, reason: 'got sequence 2, expected 3' });
  });

  it('checks a lane from any place with the hash before it', () => {
    const own = chain(steps(9)).filter((stored) => stored.event.lane === 'run');
    expect(verifyLane(own.slice(1), { seq: 2, prev: own[0]?.hash ?? '' })).toBeUndefined();
    expect(verifyLane(own.slice(1), { seq: 2, prev: genesis })).toMatchObject({ lane: 'run', seq: 2 });
  });
});
