import { describe, expect, test } from 'vitest';
import type { Notification } from '../../lib/ports.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { reportDeployment } from '../../lib/run/commands/report-deployment.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { readContext } from '../../lib/run/state/run-context.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, artifact, check, checklistOf, ci, dependenciesOf, gate, givenRun, personIn } from '../given.ts';
import { atFirstGate, machineOf } from '../machine.ts';
import { begin, hour, observation, prove, type Story, sign, toGoNoGo, toSignOff, toStability, toWindow } from '../story.ts';

type Kind = Notification['kind'];
type Sent = Notification & { readonly to: string };

const sentIn = (mails: FakeDependencies['controls']['mailer']['mails']): Sent[] =>
  mails.map((mail) => ({ ...(JSON.parse(mail.text) as Notification), to: mail.to.address.split('@')[0] ?? '' }));

const report = ({ deps, run }: Story, state: 'started' | 'finished' | 'failed') =>
  reportDeployment(deps, { run, state, environment: 'production', component: 'web', digest: artifact }, ci);

const settled = async (story: Story, act: Promise<unknown>): Promise<void> => {
  await act;
  await story.machine.settle();
};

const everybody = ['ole', 'petra', 'tove'];

const cases: readonly {
  readonly why: string;
  readonly given: () => Promise<Story>;
  readonly act: (story: Story) => Promise<unknown>;
  readonly kind: Kind;
  readonly to: readonly string[];
  readonly says?: Readonly<Record<string, unknown>>;
}[] = [
  {
    why: 'requested changes stop a gate, and only those who know of it can correct them; the requester knows',
    given: toGoNoGo,
    act: (story) => sign(story, 'changes-requested'),
    kind: 'changes-requested',
    to: ['ole', 'petra'],
    says: { by: 'Tove Technical', role: 'technical-lead' },
  },
  {
    why: 'a rejection before the deployment ends the run',
    given: toGoNoGo,
    act: (story) => sign(story, 'rejected'),
    kind: 'run-ended',
    to: everybody,
    says: { outcome: 'rejected', reason: 'rejected by Tove Technical as technical-lead' },
  },
  {
    why: 'a rejected sign-off opens an incident, and one mail says both',
    given: toSignOff,
    act: (story) => sign(story, 'rejected'),
    kind: 'incident-opened',
    to: everybody,
    says: { reason: 'rejected by Tove Technical as technical-lead' },
  },
  {
    why: 'a failed deployment blocks the gate at once, hours before its deadline',
    given: async () => {
      const story = await toWindow();
      await settled(story, report(story, 'started'));
      return story;
    },
    act: (story) => settled(story, report(story, 'failed')),
    kind: 'deployment-failed',
    to: everybody,
    says: { component: 'web' },
  },
  {
    why: 'an alarm after T0 blocks the review, and nobody looks at the page at night',
    given: toStability,
    act: (story) => settled(story, observation(story, 'bad-1', true, 'restart')),
    kind: 'gate-blocked',
    to: ['ole'],
  },
  {
    why: 'those who were asked to expect a release hear that it was rolled back',
    given: toStability,
    act: (story) =>
      settled(
        story,
        triggerRollback(
          story.deps,
          { request: anew(), run: story.run, trigger: 'data-corruption-detected', reason: 'Half of all orders are lost.' },
          personIn(story.deps, 'operations-lead'),
        ),
      ),
    kind: 'run-ended',
    to: everybody,
    says: { outcome: 'rolled-back' },
  },
  {
    why: 'a cancelled release must not be deployed by somebody who did not hear of it',
    given: toGoNoGo,
    act: (story) =>
      settled(
        story,
        cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead')),
      ),
    kind: 'run-ended',
    to: everybody,
    says: { outcome: 'cancelled', reason: 'cancelled by Ole Operations' },
  },
  {
    why: 'people owe attestations as soon as a gate waits for them',
    given: begin,
    act: (story) => prove(story, 'phase-1'),
    kind: 'attestations-due',
    to: ['ole', 'tove'],
  },
];

const later = async ({ deps, machine }: Story, minutes = 8): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    deps.controls.clock.advance(60_000);
    await sweep(deps);
    await machine.settle();
  }
};

/** What was mailed since the call. */
const watch = ({ deps }: Story) => {
  const before = new Set(deps.controls.mailer.mails);
  return (kind: Kind): Sent[] =>
    sentIn(deps.controls.mailer.mails.filter((mail) => !before.has(mail))).filter((mail) => mail.kind === kind);
};

const names = (mails: readonly Sent[]): string[] => mails.map(({ to }) => to).sort();

describe('an event that people must hear of', () => {
  test.each(cases)('$kind: $why', async ({ given, act, kind, to, says }) => {
    const story = await given();
    const mailed = watch(story);
    await act(story);
    expect(names(mailed(kind))).toEqual(to);
    expect(mailed(kind)[0]).toMatchObject(says ?? {});
    await later(story);
    expect(names(mailed(kind)), 'nobody gets it twice').toEqual(to);
  });

  // One of each way: a visit's own mail, one for each person, and the late scope.
  const ways = cases.filter(({ given, kind }) => given !== toSignOff && given !== toStability && kind !== 'changes-requested');

  test.each(ways)(
    '$kind is mailed after a crash at any write of its mailing, and twice at most: $why',
    async ({ given, act, kind, to }) => {
      for (const when of ['before', 'after'] as const) {
        for (let place = 1; ; place += 1) {
          const story = await given();
          const mailed = watch(story);
          let writes = 0;
          story.deps.controls.onCall((call, _caller, [written]) => {
            if (!isOfMailing(call, written)) return;
            writes += 1;
            if (writes === place) story.deps.controls.failNext(call, when);
          });
          await act(story);
          story.deps.controls.onCall(undefined);
          await later(story);
          if (writes < place) break;
          const counts = to.map((one) => names(mailed(kind)).filter((name) => name === one).length);
          const failure = `write ${place} failing ${when} it persisted: ${counts.join()}`;
          expect(Math.min(...counts), failure).toBeGreaterThan(0);
          expect(Math.max(...counts), failure).toBeLessThanOrEqual(2);
        }
      }
    },
    60_000,
  );
});

const isOfMailing = (call: string, written: unknown): boolean =>
  call === 'mailer.send' ||
  (call === 'store.insert' && /mail\.claimed|gate\.notified|notice\.sent/.test((written as { event: { type: string } }).event.type));

const twoOwners = () =>
  checklistOf(
    [gate('phase-1'), gate('phase-2')],
    [
      ...(['technical-lead', 'operations-lead', 'operator'] as const).map((role) =>
        check(`by-${role}`, 'phase-1', { owner: role, rule: { kind: 'attested/1', role, evidence: 'attestation' } }),
      ),
      check('b', 'phase-2'),
    ],
  );

describe('attestations that are due', () => {
  const checksFor = (story: Pick<Story, 'deps'>, to: string) =>
    sentIn(story.deps.controls.mailer.mails).flatMap((mail) =>
      mail.kind === 'attestations-due' && mail.to === to ? [mail.checks.map(({ id }) => id)] : [],
    );

  test('are listed in one mail for each person, who may hold several roles', async () => {
    const deps = dependenciesOf(twoOwners());
    await atFirstGate(deps);
    expect(checksFor({ deps }, 'ole')).toEqual([['by-operations-lead', 'by-operator']]);
    expect(checksFor({ deps }, 'tove')).toEqual([['by-technical-lead']]);
  });

  test('are mailed again to the one whose mail was not accepted, and to nobody else', async () => {
    const deps = dependenciesOf(twoOwners());
    const run = await givenRun(deps);
    const machine = machineOf(deps, run);
    deps.controls.onCall((call, _caller, [mail]) => {
      if (call === 'mailer.send' && (mail as { to: { address: string } }).to.address.startsWith('ole')) throw new Error('MessageRejected');
    });
    await machine.begin().catch(() => undefined);
    await machine.settle().catch(() => undefined);
    await later({ deps, run, machine }, 2).catch(() => undefined);
    expect([checksFor({ deps }, 'ole'), checksFor({ deps }, 'tove')].map(({ length }) => length)).toEqual([0, 1]);
    deps.controls.onCall(undefined);
    await later({ deps, run, machine }, 30);
    expect([checksFor({ deps }, 'ole'), checksFor({ deps }, 'tove')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('are not mailed before the window before T0 opens, when nobody may attest them', async () => {
    const deps = dependenciesOf(
      checklistOf(
        [gate('t-minus-2h', { role: 't0' }), gate('phase-5')],
        [
          check('backup', 't-minus-2h', { rule: { kind: 'attested/1', role: 'operations-lead', evidence: 'attestation' } }),
          check('b', 'phase-5'),
        ],
      ),
    );
    const run = await givenRun(deps, { plannedT0: new Date(deps.clock.now().getTime() + 10 * hour).toISOString() });
    const machine = machineOf(deps, run);
    await machine.begin();
    await machine.settle();
    expect(checksFor({ deps }, 'ole')).toEqual([]);
    deps.controls.clock.advance(8 * hour + 60_000);
    await sweep(deps);
    await later({ deps, run, machine }, 2);
    expect(checksFor({ deps }, 'ole')).toEqual([['backup']]);
  });

  test('of something that has not happened are mailed when it has happened', async () => {
    const story = await toWindow();
    await report(story, 'started');
    await story.machine.settle();
    const mailed = watch(story);
    const afterwards = story.deps.definitions
      .current()
      .checklist.items.filter(
        ({ gate: at, after, rule }) => at === 'deployment-window' && after === 'deployment.finished' && rule?.kind === 'attested/1',
      );
    await report(story, 'finished');
    await story.machine.settle();
    await later(story, 2);
    const named = mailed('attestations-due').flatMap((mail) => (mail.kind === 'attestations-due' ? mail.checks.map(({ id }) => id) : []));
    expect(new Set(named)).toEqual(new Set(afterwards.map(({ id }) => id)));
  });
});

describe('the mail about the end of a run', () => {
  const cancel = (story: Story) =>
    cancelRun(story.deps, { run: story.run, reason: 'The customer asked to wait.' }, personIn(story.deps, 'operations-lead'));

  test('waits for nothing, and nothing waits for it: a mail system that is down leaves the run ended, and is asked again', async () => {
    const story = await toGoNoGo();
    const mailed = watch(story);
    story.deps.controls.onCall((call) => {
      if (call === 'mailer.send') throw new Error('ServiceUnavailable');
    });
    await cancel(story);
    await story.machine.settle().catch(() => undefined);
    const context = await readContext(story.deps, story.run);
    expect([context.ok?.ended?.event.data.outcome, context.ok?.closed]).toEqual(['cancelled', true]);
    story.deps.controls.onCall(undefined);
    await later(story, 30);
    expect(names(mailed('run-ended'))).toEqual(everybody);
    expect([...story.deps.controls.due.items.keys()]).toEqual([]);
  });

  test('is given up after a day, so that a run that has ended does not stay due', async () => {
    const story = await toGoNoGo();
    story.deps.controls.onCall((call) => {
      if (call === 'mailer.send') throw new Error('ServiceUnavailable');
    });
    await cancel(story);
    for (let half = 0; half < 60; half += 1) {
      await story.machine.settle().catch(() => undefined);
      story.deps.controls.clock.advance(hour / 2);
      await sweep(story.deps);
    }
    expect([...story.deps.controls.due.items.keys()]).toEqual([]);
  });

  test('is not sent when an old run is looked at again', async () => {
    const story = await toGoNoGo();
    await cancel(story);
    await story.machine.settle();
    story.deps.controls.clock.advance(40 * 24 * hour);
    const mailed = watch(story);
    await reconcileGate(story.deps, { run: story.run });
    expect(mailed('run-ended')).toEqual([]);
  });
});
