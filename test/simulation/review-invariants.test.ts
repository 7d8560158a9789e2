import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { at, stored as made } from '../lane-events.ts';
import { checklists } from './checklists.ts';
import type { Execution } from './machine.ts';
import { reviewsAtRest } from './review-invariants.ts';
import type { World } from './world.ts';

/** What the simulator's invariants about reviews say of a few events. In minutes after ten; the deployment finished at 1, the window is three hours. */
const entry = 'visit-1';
const gate = 'review-48h';
const window = 180;
const cap = 720;

const seen = (minutes: number, kind: 'restart' | 'alarm', bad: boolean, name = 'seen-1'): Stored =>
  made(`observation/${name}`, 'observation.recorded', minutes, {
    observation: name,
    kind,
    bad,
    subject: 'web',
    summary: 'seen',
    observedAt: at(minutes),
    words: null,
    via: 'ci',
  } as never);
const label = (minutes: number, said: 'true' | 'false' | 'explained'): Stored =>
  made('observation/seen-1', 'observation.labelled', minutes, { observation: 'seen-1', label: said, by: 'p', explanation: '' } as never);
const opened = made(`gate/${gate}`, 'gate.opened', 70, { gate, entry } as never);
const overdue = (minutes: number): Stored => made(`gate/${gate}`, 'gate.overdue', minutes, { gate, entry, mailed: [] } as never);
const settled = (minutes: number, reason = 'stable'): Stored =>
  made(`gate/${gate}`, 'gate.settled', minutes, { gate, entry, settlement: 1, outcome: 'passed', end: null, reason } as never);

type Played = { readonly upAt?: number | undefined; readonly outcome?: string; readonly on?: keyof typeof checklists };

/** `upAt`: everything was down from the end of the window until then. `outcome`: what the machine took. */
const brokenBy = (events: readonly Stored[], { upAt, outcome = 'passed', on = 'reviews' }: Played = {}): string[] => {
  const broken: string[] = [];
  const finished = made('deployment', 'deployment.finished', 1, { component: 'web', digest: 'sha256:1', producer: 'ci' } as never);
  const world = {
    order: [finished, opened, ...events].map((one) => ({ ...one, event: { ...one.event, scope: 'run/r' } })),
    checklist: checklists[on],
    outage: upAt === undefined ? undefined : { from: Date.parse(at(window)), until: Date.parse(at(upAt)) },
    stores: { workflow: { answers: [{ token: 'token', sent: { output: { outcome } } }] } },
    violate: (invariant: string) => broken.push(invariant),
  } as unknown as World;
  reviewsAtRest(world, 'r', { entered: [{ gate, entry, tokens: ['token'] }] } as unknown as Execution);
  return [...new Set(broken)];
};

const lateReason = 'stable; the window ended at 13:01, 3 h before this decision';
type Row = readonly [what: string, events: readonly Stored[], broken: readonly string[], upAt?: number];

describe('a review', () => {
  test.each([
    ['that waited for its window', [settled(1 + window)], []],
    ['that passed a minute early', [settled(window)], ['reviews-wait']],
    ['whose window a restart started anew', [seen(100, 'restart', true), label(101, 'true'), settled(100 + window)], []],
    ['that counted no restart', [seen(100, 'restart', true), label(101, 'true'), settled(1 + window)], ['reviews-wait']],
    ['over a restart that nobody labelled', [seen(100, 'restart', true), settled(1 + window)], ['reviews-wait']],
    ['whose restart was explained', [seen(100, 'restart', true), label(101, 'explained'), settled(1 + window)], []],
    ['over an alarm that is still red', [seen(100, 'alarm', true), label(101, 'true'), settled(100 + 2 * window)], ['reviews-wait']],
    [
      'that counted an alarm from its beginning',
      [seen(100, 'alarm', true), label(101, 'true'), seen(150, 'alarm', false, 'seen-2'), settled(100 + window)],
      ['reviews-wait'],
    ],
    [
      'that counted an alarm from its end',
      [seen(100, 'alarm', true), label(101, 'true'), seen(150, 'alarm', false, 'seen-2'), settled(150 + window)],
      [],
    ],
    ['that is hours late after an outage and says so', [settled(200 + window, lateReason)], [], 190 + window],
    ['that is hours late after an outage and hides it', [settled(200 + window)], ['late-reviews-say-so'], 190 + window],
    ['that is hours late without an outage', [settled(200 + window, lateReason)], ['reviews-run-at-once']],
    ['that is decided an hour after the outage', [settled(200 + window, lateReason)], ['reviews-run-at-once'], 140 + window],
    ['that is in time and says that it is late', [settled(2 + window, 'stable; the window ended at 13:01')], ['late-reviews-say-so']],
    [
      'on which one delivery was recorded twice',
      [seen(60, 'restart', false), seen(60, 'restart', false), settled(1 + window)],
      ['reviews-wait'],
    ],
  ] as readonly Row[])('%s', (...row) => {
    const [, events, broken, upAt] = row as unknown as Row;
    expect(brokenBy(events, { upAt })).toEqual(broken);
  });

  const unstable = [seen(cap - 20, 'restart', true), label(cap - 19, 'true')];
  test('that is unstable at its cap has asked people', () => {
    const passed = settled(cap - 20 + window);
    expect(brokenBy([...unstable, passed])).toEqual(['cap-asks-people']);
    expect(brokenBy([...unstable, overdue(cap + 2), passed])).toEqual([]);
    expect(brokenBy([settled(1 + window)]), 'nobody is asked about a stable one').toEqual([]);
  });
});

/** Three hours of window, a cap of eight. */
describe('a review whose cap opens a decision', () => {
  const capOfReview = 1 + 480;
  const unstable = [seen(capOfReview - 20, 'restart', true), label(capOfReview - 19, 'true')];
  const capped = (minutes: number, settlement = 1): Stored =>
    made(`gate/${gate}`, 'gate.settled', minutes, { gate, entry, settlement, outcome: 'capped', end: null, reason: 'not stable' } as never);
  const continued = (minutes: number): Stored =>
    made('rollback', 'rollback.decided', minutes, { round: 1, decision: 'continue', how: 'person', by: 'p', reason: null } as never);
  const asked = { on: 'capped', outcome: 'capped' } as const;

  test.each([
    ['asks at it', [...unstable, capped(capOfReview)], []],
    ['asks before it', [...unstable, capped(capOfReview - 1)], ['cap-asks-once']],
    ['asks although nothing has happened', [capped(capOfReview)], ['cap-asks-once']],
    ['asks again at once', [...unstable, continued(capOfReview + 5), capped(capOfReview + 6)], ['cap-asks-once']],
    ['asks again after as long', [...unstable, continued(capOfReview + 5), capped(capOfReview + 5 + 480)], []],
    ['asks at it although people continued before', [...unstable, continued(capOfReview - 5), capped(capOfReview)], []],
  ] as const)('that %s', (_what, events, broken) => {
    expect(brokenBy(events, asked)).toEqual(broken);
  });

  test('that goes on beyond it is found, also where it pages people', () => {
    const passed = settled(capOfReview - 20 + window);
    expect(brokenBy([...unstable, passed], { on: 'capped' })).toEqual(['cap-asks-people']);
    expect(brokenBy([...unstable, overdue(capOfReview + 2), passed], { on: 'capped' })).toEqual(['cap-asks-people']);
  });
});
