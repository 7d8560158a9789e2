import { describe, expect, test } from 'vitest';
import type { Stored } from '../../lib/audit/event.ts';
import { alarmDelivery } from '../../lib/feeds/alarm-change.ts';
import { healthOf } from '../../lib/fields.ts';
import { foldObservations, isRed, lastIncident, stableSince, wasOverBefore } from '../../lib/folds/observations.ts';
import { alarmsExercised } from '../../lib/rules/alarms-exercised.ts';
import { noAlarmRed } from '../../lib/rules/no-alarm-red.ts';
import { observedSince } from '../../lib/rules/observed.ts';
import { alarmsCascade } from '../../lib/rules/triggers/alarms-cascade.ts';
import { at, report, stored } from '../lane-events.ts';

const services = { services: [{ name: 'shop', alarmPrefix: 'shop-', environments: ['production'] }] };

/** As the feed records what CloudWatch says: one state each two minutes, from ten minutes after the deployment on. */
const fed = (states: readonly string[], alarm = 'shop-errors'): readonly Stored[] =>
  states.flatMap((to, place) => {
    const minutes = 12 + 2 * place;
    const change = { alarm, from: states[place - 1] ?? 'OK', to, reason: '', at: at(minutes) };
    const { observations, unknown = [] } = alarmDelivery(services as never, 'alarm', change);
    return [
      ...observations.map(({ service: _service, environment: _environment, ...one }) =>
        stored('observation/0', 'observation.recorded', minutes, { words: null, ...one } as never),
      ),
      ...unknown.map(({ service: _service, environment: _environment, ...one }) => stored('observation/0', 'alarm.unknown', minutes, one)),
    ].map((one) => ({ ...one, event: { ...one.event, actor: { kind: 'system', id: 'feed' } } }) as Stored);
  });

const deployment = [report('deployment.started', 0), report('deployment.finished', 1)];
const inputsOf = (observation: readonly Stored[]) =>
  ({
    release: { artifacts: [{ component: 'web', digest: 'sha256:1' }], alarms: [] },
    lanes: { deployment, observation },
    now: new Date(at(60)),
    windowEndsAt: Date.parse(at(59)),
    finding: () => undefined,
  }) as never;

/** What each reader of alarm states makes of the states that one alarm had. */
const readBy = (states: readonly string[]) => {
  const lane = fed(states);
  return {
    red: foldObservations(lane).some(isRed),
    incidents: observedSince(inputsOf(lane)).filter(({ bad }) => bad).length,
    stable: stableSince(at(1), lane) !== undefined,
    t0: noAlarmRed.judge(noAlarmRed.of({ look: 'alarms-ready' }), inputsOf(lane))?.verdict,
    exercised: alarmsExercised.judge(alarmsExercised.of({ minAlarms: 1 }), inputsOf(lane))?.verdict,
    outlasts: lane.length > 0 && !wasOverBefore({ subject: 'shop-errors' }, at(50), lane),
  };
};

const [ok, alarm, unknown] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

describe('the states of an alarm', () => {
  test.each([
    ['OK', 'good'],
    ['ALARM', 'bad'],
    ['INSUFFICIENT_DATA', 'unknown'],
    ['A_LATER_STATE', 'unknown'],
    ['ok', 'unknown'],
    ['', 'unknown'],
  ])('%j is %s', (state, health) => {
    expect(healthOf(state)).toBe(health);
  });

  test.each([
    // An alarm that had no data has made no incident, and nobody may take it for health.
    [[unknown], { red: false, incidents: 0, stable: true, t0: 'inconclusive', exercised: undefined, outlasts: false }],
    [[ok], { red: false, incidents: 0, stable: true, t0: 'pass', exercised: undefined, outlasts: false }],
    [[ok, unknown], { red: false, incidents: 0, stable: true, t0: 'inconclusive', exercised: undefined, outlasts: false }],
    [[ok, unknown, ok], { red: false, incidents: 0, stable: true, t0: 'pass', exercised: undefined, outlasts: false }],
    // What was in ALARM is not OK again by having no data. At the end of an announced time that makes no incident of its own.
    [[alarm], { red: true, incidents: 1, stable: false, t0: 'fail', exercised: undefined, outlasts: true }],
    [[alarm, unknown], { red: true, incidents: 1, stable: false, t0: 'fail', exercised: undefined, outlasts: false }],
    [[alarm, unknown, ok], { red: false, incidents: 1, stable: true, t0: 'pass', exercised: 'pass', outlasts: false }],
    [[alarm, ok, unknown], { red: false, incidents: 1, stable: true, t0: 'inconclusive', exercised: 'pass', outlasts: false }],
    [[alarm, unknown, alarm], { red: true, incidents: 2, stable: false, t0: 'fail', exercised: undefined, outlasts: true }],
    [[alarm, 'A_LATER_STATE'], { red: true, incidents: 1, stable: false, t0: 'fail', exercised: undefined, outlasts: false }],
  ])('%j is the same to every reader', (states, expected) => {
    expect(readBy(states as string[])).toEqual(expected);
  });

  test('without data make no cascade, and do not end one', () => {
    const three = (to: string) => ['shop-errors', 'shop-latency', 'shop-depth'].flatMap((name) => fed([to], name));
    const measured = (observation: readonly Stored[]) =>
      alarmsCascade.measure(alarmsCascade.of({ minAlarms: 3, withinSeconds: 300 }), { deployment, observation, measurement: [] });
    expect(measured(three(unknown as string))).toEqual([]);
    expect(measured(three(alarm as string))).toHaveLength(1);
  });

  test('an alarm that went red during the deployment and is red yet is the last incident, so that the cap of a review counts', () => {
    const red = fed([alarm as string]).map((one) => ({ ...one, event: { ...one.event, at: at(0.5) } }) as Stored);
    expect(lastIncident(at(1), red)?.subject).toBe('shop-errors');
    expect(lastIncident(at(1), [])).toBeUndefined();
  });

  test('since when the state of a red alarm is unknown is told, until CloudWatch says more', () => {
    expect(foldObservations(fed([alarm as string, unknown as string])).map(({ unknownSince }) => unknownSince)).toEqual([at(14)]);
    expect(foldObservations(fed([alarm as string, unknown as string, alarm as string])).map(({ unknownSince }) => unknownSince)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
