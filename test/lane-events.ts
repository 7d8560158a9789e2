import type { DataOf, EventType, Stored } from '../lib/audit/event.ts';

/** Events of a run's lanes, for what is computed from them. */

/** A run that was deployed between 10:00 and 10:01; times are minutes after ten. */
export const at = (minutes: number): string =>
  new Date(Date.parse('2026-03-02T10:00:00.000Z') + Math.round(minutes * 60_000)).toISOString();

let events = 0;
export const stored = <T extends EventType>(lane: string, type: T, minutes: number, data: DataOf<T>): Stored => {
  events += 1;
  return {
    event: {
      v: 1,
      id: `event-${events}`,
      scope: 'run/r',
      lane,
      seq: events,
      prev: '',
      type,
      at: at(minutes),
      actor: { kind: 'ci', id: 'ci' },
      mac: null,
      data,
    },
    bytes: '',
    hash: '',
  } as unknown as Stored;
};

export const report = (
  type: 'deployment.started' | 'deployment.finished' | 'deployment.failed',
  minutes: number,
  component = 'web',
): Stored => stored('deployment', type, minutes, { component, digest: 'sha256:1', producer: 'ci' });
/** What the platform told of a component's deployment. */
export const told = (minutes: number, component: string, said: Partial<DataOf<'deployment.seen'>> = {}): Stored =>
  stored('deployment', 'deployment.seen', minutes, {
    event: `d-${events}`,
    what: 'ECS deployment',
    seenAt: at(minutes),
    digest: null,
    account: null,
    component,
    live: true,
    during: 'deployment',
    ...said,
  });
export const deployment = [report('deployment.started', 0), report('deployment.finished', 1)];

const actors = { feed: { kind: 'system', id: 'feed' }, person: { kind: 'person', id: 'p-1' }, ci: { kind: 'ci', id: 'ci' } } as const;
/** The same, as somebody else recorded it. */
export const saidBy = (who: keyof typeof actors, one: Stored): Stored =>
  ({ ...one, event: { ...one.event, actor: actors[who] } }) as Stored;

type Observation = Partial<DataOf<'observation.recorded'>>;
/** As a feed records it. */
export const seen = (minutes: number, said: Observation): Stored => saidBy('feed', observed(minutes, said));
const observed = (minutes: number, said: Observation): Stored =>
  stored('observation/1', 'observation.recorded', minutes, {
    observation: `o-${events}`,
    via: 'bus',
    kind: 'alarm',
    bad: true,
    subject: 'errors',
    summary: 'seen',
    words: null,
    observedAt: at(minutes),
    ...said,
  });
export const alarm = (minutes: number, subject: string, said: Observation = {}): Stored => seen(minutes, { subject, ...said });
export const label = (observation: string, said: 'true' | 'false' | 'explained', minutes: number): Stored =>
  stored('observation/1', 'observation.labelled', minutes, { observation, label: said, by: 'p-1', explanation: 'e'.repeat(64) });

export const probe = (minutes: number, outcome: 'passed' | 'failed' | 'unsteady', said: Partial<DataOf<'probe.measured'>> = {}): Stored =>
  stored('measurement', 'probe.measured', minutes, {
    evidence: `report-${events}`,
    source: 'holdpoint',
    component: null,
    probe: 'orders',
    critical: true,
    at: at(minutes),
    outcome,
    tries: 3,
    failed: outcome === 'failed' ? 3 : 0,
    ...said,
  });

type Window = DataOf<'figures.measured'>['windows'][number];
export const figures = (
  name: string,
  from: number,
  to: number,
  windows: readonly Partial<Window>[],
  said: Partial<DataOf<'figures.measured'>> = {},
): Stored =>
  stored('measurement', 'figures.measured', to, {
    evidence: `report-${name}-${from}`,
    source: name,
    component: null,
    name,
    passed: true,
    from: at(from),
    to: at(to),
    points: 100,
    errorRatePct: 1,
    p95Ms: 200,
    requestsPerMinute: null,
    windows: windows.map((window, n) => ({ from: at(from + n), points: 10, errorRatePct: 1, p95Ms: 200, ...window })),
    ...said,
  });
/** What the run has taken of the last stable release. */
export const taken = (figure: Partial<DataOf<'baseline.taken'>['figures'][number]> = {}): Stored =>
  stored('measurement', 'baseline.taken', 1, {
    from: { kind: 'run', run: 'earlier', version: '1.2.2', stableAt: at(-2000), event: 'live-1' },
    figures: [
      {
        component: null,
        p95Ms: 200,
        errorRatePct: 1,
        series: { name: 'stability', from: at(-4000), to: at(-2560), points: 100 },
        ...figure,
      },
    ],
  });
/** What the run has taken where no release became stable. */
export const nothingTaken = stored('measurement', 'baseline.taken', 1, {
  from: { kind: 'none', why: 'no release has become stable' },
  figures: [],
});
export const baseline = figures('baseline', -60, -58, []);
