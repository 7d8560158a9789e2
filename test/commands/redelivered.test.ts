import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { functionNames, functions } from '../../lib/lambda-manifest.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { feedObservation } from '../../lib/run/commands/feed-observation.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { recordUnaccounted } from '../../lib/run/commands/record-unaccounted.ts';
import { takeUpload } from '../../lib/run/commands/take-upload.ts';
import { openGate } from '../../lib/run/gates/open-gate.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { production, productionScope } from '../environment.ts';
import { ci, dependenciesOf, givenRun, junitReport, reportOfRun, twoGates } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { request, withTargets } from '../rollback-given.ts';
import { type Story, toDeployment } from '../story.ts';
import { small as collected, collectorOf } from './collecting.ts';
import { noticeCameBack, noticed } from './noticed.ts';
import { rollbackWriters } from './rollback-writers.ts';
import { uploaded, uploadId } from './uploading.ts';

/** What calls a function, as it comes: at least once, late, and in any order with the others of its case. */
type Delivery = (story: Story) => Promise<unknown>;
type Case = { readonly name: string; readonly given: () => Promise<Story>; readonly deliveries: readonly Delivery[] };

const reported = async (): Promise<Story> => {
  const deps = dependenciesOf(twoGates);
  const story = { deps, ...(await atFirstGate(deps)) };
  await recordEvidence(deps, reportOfRun(story.run, deps, junitReport(3)), ci);
  return story;
};

const withUpload = async (): Promise<Story> => {
  const deps = dependenciesOf(twoGates);
  const story = { deps, ...(await atFirstGate(deps)) };
  await uploaded(deps, story.run, junitReport(3));
  return story;
};
const arrives: Delivery = ({ deps, run }) => takeUpload(deps, { run, upload: uploadId });

const entry = '2026-03-02T09:00:00.000Z';
const opened = async (): Promise<Story> => {
  const deps = dependenciesOf(twoGates);
  const run = await givenRun(deps);
  return { deps, run, machine: machineOf(deps, run) };
};
const opens: Delivery = ({ deps, run }) =>
  openGate(deps, {
    schemaVersion: 1,
    run,
    gate: 'phase-1',
    entry,
    token: deps.controls.workflow.issue('token'),
    execution: `execution/${run}`,
    graph: deps.definitions.current().graph,
  });

const seen =
  (id: string, bad: boolean, observedAt: string): Delivery =>
  ({ deps }) =>
    feedObservation(deps, {
      ...production,
      observation: id,
      kind: 'alarm',
      bad,
      subject: 'shop-errors',
      summary: 'an alarm changed',
      observedAt,
      via: 'alarm',
    });
const change =
  (event: string): Delivery =>
  ({ deps }) =>
    recordUnaccounted(deps, { ...production, event, what: 'alias moved', seenAt: '2026-03-02T07:00:00.000Z' });

const proves: Delivery = (story) => {
  const task = { kind: 'proof', step: 'revert-version', action: 'do', attempt: 1, proof: 1 } as const;
  return collect({ ...collectorOf(story), trail: story.deps.trail }, story.run, task);
};

const [actuated] = rollbackWriters.carryOut;
const [declared] = rollbackWriters.declareWithAws;
const own = (one: (typeof rollbackWriters.carryOut)[number] | undefined): Case => {
  if (one === undefined) throw new Error('the writer has no case');
  return { name: one.name, given: one.given, deliveries: [one.command] };
};

/** The functions that others call than people and CI. The mailer of alarms writes nothing to the trail. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  'event-upload': [{ name: 'a report that has arrived', given: withUpload, deliveries: [arrives] }],
  'gate-opener': [{ name: 'the opening of a gate', given: opened, deliveries: [opens] }],
  'event-reconciler': [
    {
      name: 'a request, and one of the sweep',
      given: reported,
      deliveries: [
        ({ deps, run }) => reconcileGate(deps, { run }),
        async ({ deps, run }) => {
          const [item] = await deps.due.list(new Date(deps.clock.now().getTime() + 86_400_000), 10);
          return reconcileGate(deps, item === undefined ? { run } : { run, item });
        },
      ],
    },
  ],
  'event-sweep': [{ name: 'the rule of every minute', given: reported, deliveries: [({ deps }) => sweep(deps)] }],
  'event-feed': [
    {
      name: 'the changes of an alarm',
      given: toDeployment,
      deliveries: [seen('red-1', true, '2026-03-02T09:00:00.000Z'), seen('ok-1', false, '2026-03-02T09:01:00.000Z')],
    },
    { name: 'changes that no run accounts for', given: toDeployment, deliveries: [change('e-1'), change('e-2')] },
    { name: 'a notice that came back', given: noticed, deliveries: [noticeCameBack] },
  ],
  'event-collector': [
    {
      name: 'a proof',
      given: async () => {
        const story = await collected();
        await request(story.deps, story.run, { step: 'revert-version', action: 'do', attempt: 1 }, 'platform');
        return { ...story, deps: withTargets(story.deps) };
      },
      deliveries: [proves],
    },
  ],
  'event-actuator': [own(actuated)],
  'rollback-declarer': [declared, ...rollbackWriters.actWithAws].map(own),
};

const rest = async ({ deps, machine }: Story): Promise<void> => {
  for (let minute = 0; minute < 3; minute += 1) {
    await machine.settle();
    deps.controls.clock.advance(90_000);
    await sweep(deps);
  }
  await machine.settle();
};

/** What stands in the trail, whatever the order and the times: lanes, types and what they say of good and bad. Where the run is. */
const endOf = async (story: Story, isMachine: boolean) => {
  const scopes = [`run/${story.run}`, productionScope];
  const events = (await Promise.all(scopes.map((scope) => story.deps.trail.read(scope, { prefix: '' })))).flat();
  return {
    at: isMachine ? story.machine.at() : '',
    // Reasons count what was there when they were given.
    events: [
      ...events
        .filter(({ event }) => event.type !== 'check.judged' && event.type !== 'mail.claimed')
        .map(({ event }) => `${event.scope} ${event.lane} ${event.type}`),
      // People on duty are paged until somebody acts: how often depends on when the run was looked at. Mails are compared one by one.
      ...new Set(
        events
          .filter(isType('mail.claimed'))
          .map(({ event }) => `${event.scope} ${event.data.purpose.replace(/[\d-]{10}T[\d:.]+Z/, 'an opening')}`),
      ),
    ].sort(),
    mails: story.deps.controls.mailer.mails.map(({ subject, to }) => `${subject} ${to.name}`).sort(),
  };
};

type Deliver = (story: Story, all: readonly Delivery[]) => Promise<void>;
type Way = { readonly first: Deliver; readonly again?: Deliver };

/** Each way takes the same time. */
const played = async ({ given, deliveries: all }: Case, { first, again }: Way) => {
  const story = await given();
  await first(story, all);
  await rest(story);
  await again?.(story, all);
  await rest(story);
  return endOf(story, story.machine.at() !== '');
};
const each = async (story: Story, all: readonly Delivery[]): Promise<void> => {
  for (const delivery of all) await delivery(story);
};

const ways: Readonly<Record<string, Way>> = {
  'in the other order': { first: (story, all) => each(story, all.toReversed()) },
  'each twice': {
    first: (story, all) =>
      each(
        story,
        all.flatMap((one) => [one, one]),
      ),
  },
  'again when all is done': { first: each, again: each },
  'twice at the same moment': {
    first: async (story, all) => {
      await Promise.all(all.flatMap((one) => [one(story), one(story)]));
    },
  },
};

describe('what is delivered', () => {
  test('has a case for each function that AWS calls', () => {
    const called = functionNames.filter((name) => functions[name].invoked === 'asynchronously' && name !== 'alarm-mailer');
    expect(Object.keys(cases).sort()).toEqual(['gate-opener', 'rollback-declarer', ...called].sort());
  });

  test.each(Object.entries(cases).flatMap(([name, all]) => all.map((one) => ({ ...one, function: name }))))(
    'to $function changes nothing more by coming again or in another order: $name',
    async (one) => {
      const once = await played(one, { first: each });
      for (const [name, way] of Object.entries(ways)) expect(await played(one, way), name).toEqual(once);
    },
    60_000,
  );
});
