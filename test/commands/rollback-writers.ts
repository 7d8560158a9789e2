import { isType, type Stored } from '../../lib/audit/event.ts';
import { actWithAws } from '../../lib/run/commands/act-with-aws.ts';
import { carryOut } from '../../lib/run/commands/carry-out.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { declareWithAws } from '../../lib/run/commands/declare-with-aws.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { fakePlatforms } from '../fakes/platforms.ts';
import { closedOf, rolledBack, stateCause } from '../follow-up-given.ts';
import { ci, personIn } from '../given.ts';
import { decidedBySilence, fixTarget, measured, request, sinceT0, stableDigest, withTargets } from '../rollback-given.ts';
import { type Story, toDeployment } from '../story.ts';
import type { Case } from './writers.ts';

/** The writers of the way back: each event is followed by a look of the reconciler, whatever the writer did afterwards. */
type RollbackWriter = 'decideRollback' | 'handleStep' | 'decideData' | 'carryOut' | 'declareWithAws' | 'actWithAws' | 'answerFollowUp';

/** The event is in the trail, and nothing of the writer's is still to be done. */
const looked =
  (type: string, isWriters: (stored: Stored) => boolean = () => true) =>
  async ({ deps, run }: Story): Promise<boolean> => {
    const late = new Date(deps.clock.now().getTime() + 86_400_000);
    const left = (await deps.due.list(late, 100)).filter((item) => item.run === run && item.kind === 'recheck');
    return (await sinceT0(deps, run)).some((stored) => stored.event.type === type && isWriters(stored)) && left.length === 0;
  };

/** Silence decides, too: the reconciler records that where the decision of the person got lost. */
const isOfPerson = (stored: Stored): boolean => isType('rollback.decided')(stored) && stored.event.data.how === 'person';

const prepared = (prepare: (story: Story) => Promise<unknown>) => async (): Promise<Story> => {
  const story = await toDeployment();
  const given = { ...story, deps: withTargets(story.deps) };
  await prepare(given);
  return given;
};

const revert = { step: 'revert-version', action: 'do', attempt: 1 } as const;

export const rollbackWriters: Readonly<Record<RollbackWriter, readonly Case[]>> = {
  decideRollback: [
    {
      name: 'the decision to roll back',
      given: prepared(({ deps, run }) => measured(deps, run)),
      command: ({ deps, run }) =>
        decideRollback(deps, { run, decision: 'roll-back', reason: 'Half of the orders fail.' }, personIn(deps, 'operations-lead')),
      event: 'rollback.decided',
      follows: looked('rollback.decided', isOfPerson),
    },
  ],
  handleStep: [
    {
      name: 'the answer of a listener of the bus',
      given: prepared(({ deps, run }) => request(deps, run, { ...revert, step: 'stop-requests' }, 'event')),
      command: ({ deps, run }) =>
        handleStep(deps, { run, step: 'stop-requests', answer: 'done', action: 'do', attempt: 1, detail: '' }, ci),
      event: 'rollback.step-done',
      follows: looked('rollback.step-done'),
    },
    {
      name: 'the choice of a person',
      given: prepared(({ deps, run }) => request(deps, run, revert, 'platform')),
      command: ({ deps, run }) =>
        handleStep(
          deps,
          { run, step: 'revert-version', answer: 'retry', reason: 'The alias was locked.' },
          personIn(deps, 'operations-lead'),
        ),
      event: 'rollback.step-handled',
      follows: looked('rollback.step-handled'),
    },
  ],
  decideData: [
    {
      name: 'the decision to keep the data',
      given: prepared(({ deps, run }) => decidedBySilence(deps, run)),
      command: ({ deps, run }) =>
        decideData(deps, { run, choice: 'keep', reason: 'The change is additive.' }, personIn(deps, 'operations-lead')),
      event: 'rollback.data-decided',
      follows: looked('rollback.data-decided'),
    },
  ],
  carryOut: [
    {
      name: 'an attempt of the actuator',
      given: prepared(async ({ deps, run }) => {
        await fixTarget(deps, run);
        await request(deps, run, revert, 'platform');
      }),
      command: ({ deps, run }) => {
        const platforms = fakePlatforms();
        platforms.aliasesOf.set('shop:live', { version: '8', split: false, revision: 1 });
        platforms.code.set('shop:7', stableDigest);
        return carryOut({ ...deps, platforms, sleep: async () => {} }, run, revert);
      },
      event: 'rollback.step-done',
      follows: looked('rollback.step-done'),
    },
  ],
  answerFollowUp: [
    {
      name: 'the last answer to what is asked after a rollback, which closes the trail',
      given: rolledBack,
      command: (story) => stateCause(story),
      event: 'follow-up.answered',
      follows: closedOf,
    },
  ],
  actWithAws: [
    {
      name: 'a decision with AWS credentials',
      given: prepared(({ deps, run }) => measured(deps, run)),
      command: ({ deps, run }) => actWithAws(deps, { run, decide: 'roll-back', reason: 'Nobody can check out.' }),
      event: 'rollback.decided',
      follows: looked('rollback.decided', isOfPerson),
    },
    {
      name: 'a decision about the data with AWS credentials',
      given: prepared(({ deps, run }) => decidedBySilence(deps, run)),
      command: ({ deps, run }) => actWithAws(deps, { run, data: 'keep', reason: 'The change is additive.' }),
      event: 'rollback.data-decided',
      follows: looked('rollback.data-decided'),
    },
    {
      name: 'a choice about a step with AWS credentials',
      given: prepared(({ deps, run }) => request(deps, run, revert, 'platform')),
      command: ({ deps, run }) => actWithAws(deps, { run, step: 'revert-version', choose: 'retry', reason: 'The alias was locked.' }),
      event: 'rollback.step-handled',
      follows: looked('rollback.step-handled'),
    },
  ],
  declareWithAws: [
    {
      name: 'a rollback that is declared with AWS credentials',
      given: toDeployment,
      command: ({ deps, run }) => declareWithAws(deps, { run, trigger: 'critical-feature-not-working', reason: 'Nobody can check out.' }),
      event: 'rollback.triggered',
      follows: looked('rollback.triggered'),
    },
  ],
};
