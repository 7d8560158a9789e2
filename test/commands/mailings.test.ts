import { describe, expect, test } from 'vitest';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { personIn } from '../given.ts';
import { begin, observation, prove, type Story, sign, toGoNoGo, toSignOff, toStability, toWindow } from '../story.ts';
import { answerFunctions, decideAs, declare, shopTargets } from '../way-back.ts';
import { type Kind, later, names, report, watch } from './sent-mails.ts';

const settled = async (story: Story, act: Promise<unknown>): Promise<void> => {
  await act;
  await story.machine.settle();
};

/** Declares a trigger, decides for the rollback, and has its functions answer. */
const rolledBack = async (story: Story): Promise<void> => {
  Object.assign(story.deps.stage, { targets: { shop: { production: shopTargets() } } });
  await declare(story);
  await decideAs(story, 'roll-back');
  await answerFunctions(story);
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
    says: { outcome: 'rejected', reason: 'rejected by Tove Technical as technical lead' },
  },
  {
    why: 'a workflow that broke off opens an incident, and people must know that nothing goes on by itself',
    given: toSignOff,
    act: async (story) => {
      await story.machine.breakOff();
      await story.machine.settle();
    },
    kind: 'incident-opened',
    to: everybody,
    says: { reason: null },
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
    act: rolledBack,
    kind: 'run-ended',
    to: ['petra', 'tove'],
    says: { outcome: 'rolled-back' },
  },
  {
    why: 'operations hears it by the mail that asks for the cause',
    given: toStability,
    act: rolledBack,
    kind: 'follow-ups-due',
    to: ['ole'],
    says: { ended: { outcome: 'rolled-back' } },
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
    to: ['ole'],
  },
];

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
