import { describe, expect, test } from 'vitest';
import type { DataOf, Stored } from '../../lib/audit/event.ts';
import { judgeComputed, type RunInputs } from '../../lib/registry/rules.ts';
import { at, report, told } from '../lane-events.ts';

type Start = DataOf<'run.started'>;
type Given = { components?: string[]; startOrder?: Start['startOrder'] };

const judge = (deployment: readonly Stored[], { components = ['web'], startOrder }: Given = {}) => {
  const inputs: RunInputs = {
    now: new Date(at(2000)),
    release: {
      artifacts: components.map((component) => ({ component, digest: 'sha256:1' })),
      ...(startOrder && { startOrder }),
    } as Start,
    lanes: { deployment, observation: [], measurement: [], notice: [], approval: [], rollback: [], environment: [] },
    windowEndsAt: undefined,
    entry: undefined,
    finding: () => undefined,
  };
  return judgeComputed({ kind: 'started-in-order/1' }, inputs);
};

describe('services started in correct order', () => {
  const [start, end] = ['deployment.started', 'deployment.finished'] as const;
  const queueFirst = [report(start, 0, 'queue'), report(end, 1, 'queue'), report(start, 2, 'web'), report(end, 3, 'web')];
  const both = {
    components: ['web', 'queue'],
    startOrder: [
      { component: 'web', after: ['queue'] },
      { component: 'queue', after: [] },
    ],
  };
  test.each<[string, readonly Stored[], Parameters<typeof judge>[1], string | undefined]>([
    ['the only component', [report(start, 0), report(end, 1)], {}, 'pass'],
    ['the only component, under way', [report(start, 0)], {}, undefined],
    ['in the order of the stage', queueFirst, both, 'pass'],
    ['the other way round', [report(start, 0), report(end, 1), report(start, 2, 'queue'), report(end, 3, 'queue')], both, 'fail'],
    ['while the first was under way', [report(start, 0, 'queue'), report(start, 1), report(end, 2, 'queue'), report(end, 3)], both, 'fail'],
    [
      'after the first had failed',
      [report(start, 0, 'queue'), report('deployment.failed', 1, 'queue'), report(start, 2), report(end, 3)],
      both,
      'fail',
    ],
    [
      'deployed again in the right order',
      [report(start, 0), report(end, 1), report(start, 2, 'queue'), report(end, 3, 'queue'), report(start, 4), report(end, 5)],
      both,
      'pass',
    ],
    ['the second has not started yet', queueFirst.slice(0, 2), both, undefined],
    ['the second is under way', queueFirst.slice(0, 3), both, undefined],
    ['the end of the first is not reported yet', [report(start, 0, 'queue'), report(start, 1), report(end, 2)], both, 'inconclusive'],
    ['the first is not reported at all yet', [report(start, 0), report(end, 1)], both, 'inconclusive'],
    ['the stage named no order', queueFirst, { components: ['web', 'queue'] }, 'inconclusive'],
    [
      'the stage does not know one of them',
      queueFirst,
      { components: ['web', 'queue'], startOrder: [{ component: 'web', after: [] }] },
      'inconclusive',
    ],
    [
      'no component depends on another',
      [report(start, 0), report(start, 1, 'queue'), report(end, 2), report(end, 3, 'queue')],
      {
        components: ['web', 'queue'],
        startOrder: [
          { component: 'web', after: [] },
          { component: 'queue', after: [] },
        ],
      },
      'pass',
    ],
    [
      'after one that this run does not deploy',
      [report(start, 0), report(end, 1)],
      { startOrder: [{ component: 'web', after: ['database'] }] },
      'pass',
    ],
  ])('%s: %s', (_why, lane, given, expected) => {
    // The place in the lane counts, whatever the clocks of the functions said.
    const inOrder = lane.map((one, n) => ({ ...one, event: { ...one.event, seq: n + 1 } }) as Stored);
    expect(judge(inOrder, given)?.verdict).toBe(expected);
  });

  const webFirst = [report(start, 0), report(start, 0.5, 'queue'), report(end, 1, 'queue'), report(end, 3)];
  const endLate = [report(start, 0, 'queue'), report(start, 2), report(end, 3), report(end, 4, 'queue')];
  test.each<[string, readonly Stored[], string, RegExp]>([
    ['platforms that told nothing', queueFirst, 'pass', /by CI's reports: no platform says/],
    ['platforms that told the same', [...queueFirst, told(0.9, 'queue'), told(2.9, 'web')], 'pass', /by what their platforms say$/],
    ['a late event of the first', [...queueFirst, told(2.9, 'web'), told(4, 'queue', { seenAt: at(0.9) })], 'pass', /platforms say$/],
    [
      'platforms that contradict CI',
      [...queueFirst, told(2.9, 'queue'), told(0.9, 'web')],
      'fail',
      /queue became live at 2026-03-02T10:02:54.000Z and web at 2026-03-02T10:00:54.000Z, by CI's reports queue had finished before web/,
    ],
    [
      'CI that contradicts the platforms',
      [...webFirst, told(0.9, 'queue'), told(2.9, 'web')],
      'fail',
      /queue became live at .*0:54.000Z and web at .*2:54.000Z, by CI's reports web was started first/,
    ],
    [
      'platforms that show that CI reported an end late',
      [...endLate, told(0.9, 'queue'), told(2.9, 'web')],
      'pass',
      /by what their platforms say$/,
    ],
    [
      'platforms that prove the wrong order before every end is reported',
      [...endLate.slice(0, 3), told(2.9, 'queue'), told(0.9, 'web')],
      'fail',
      /queue became live at .*2:54.000Z and web at .*0:54.000Z, by CI's reports web was started before queue had finished/,
    ],
    ['CI alone, which reported an end late', endLate, 'fail', /web was started before the deployment of queue had finished/],
    [
      'CI alone, whose last end is not reported',
      endLate.slice(0, 3),
      'inconclusive',
      /web was reported as started before the end of queue was.*when the end of every component is reported/,
    ],
    ['both the wrong way round', [...webFirst, told(2.9, 'queue'), told(0.9, 'web')], 'fail', /web must start after queue/],
    ['only one that told something', [...queueFirst, told(9, 'queue')], 'pass', /by CI's reports/],
    ['an event that tells of a beginning', [...queueFirst, told(9, 'queue', { live: false }), told(3, 'web')], 'pass', /by CI's reports/],
    ['an event of a rollback', [...queueFirst, told(9, 'queue', { during: 'rollback' }), told(3, 'web')], 'pass', /by CI's reports/],
    [
      'an event of the deployment before the last one',
      [...queueFirst, told(0.9, 'queue'), told(2.9, 'web'), report(start, 20, 'web'), report(end, 21, 'web')],
      'pass',
      /by CI's reports/,
    ],
  ])('by %s', (_why, lane, verdict, reason) => {
    const inOrder = lane.map((one, n) => ({ ...one, event: { ...one.event, seq: n + 1 } }) as Stored);
    const said = judge(inOrder, both);
    expect(said?.verdict).toBe(verdict);
    expect(said?.reason).toMatch(reason);
  });
});
