import { named } from '../../cli/names.ts';
import { hasEnded } from '../../query/gate-state.ts';
import type { RollbackView } from '../../query/rollback-view.ts';
import type { RunView } from '../../query/view.ts';
import { counted } from '../../wording.ts';
import { readEnvironment } from './preparation.ts';
import type { Probe } from './probe.ts';
import { startCustomers } from './release.ts';
import { Blocked, type LocalPerson, type Mail } from './stage.ts';
import { type Demo, holder, must, read } from './steps.ts';
import { type Wait, waitFor } from './waiting.ts';

/** Milliseconds. */
const limits = { trigger: 45_000, mail: 20_000, rollback: 120_000, freed: 20_000, asked: 20_000 } as const;

/**
 * The customers use the release, and some of their requests fail. Waits until Holdpoint has seen it. Then a person who was mailed decides, or the
 * trigger does by the run's profile, and Holdpoint takes the release back. `stable`: the digest of the version that must be live afterwards.
 */
export const rollBack = async (demo: Demo, stable: string, decides: 'person' | 'by-itself'): Promise<void> => {
  const customers = startCustomers(demo.stage, 'customers');
  try {
    await isTriggered(demo, customers);
    if (decides === 'person') await decide(demo);
    const taking = demo.output.part('release taken back');
    const { outcome, rollback } = await ended(demo);
    if (rollback?.decision?.how !== decides)
      throw new Blocked(`The rollback was decided ${rollback?.decision?.how ?? 'by nobody'}, and ${decides} is expected.`);
    const { requests, failed } = customers.counts();
    taking(`${outcome}; the customers sent ${requests} requests since the release, ${failed} of them failed or were turned away`);
    if (rollback !== null) demo.output.rollback(rollback, (id) => named(id, demo.stage));
    await readResult(demo, stable);
    await stateCause(demo);
  } finally {
    await customers.stop();
  }
};

/** What the demo waits for in this part, in the words of its progress. */
const waitIn = <T>(demo: Demo, what: string, wait: Pick<Wait<T>, 'limitMs' | 'look'>): Promise<T> =>
  waitFor({ ...wait, what: () => what, signal: demo.stage.workspace.signal, progress: (text) => demo.output.progress(text) });

const isTriggered = async (demo: Demo, customers: Probe): Promise<void> => {
  const { alarm } = demo.stage.shop;
  const seeing = demo.output.part('failure seen by the alarm and the critical probe');
  let red = false;
  const trigger = await waitIn(demo, 'the trigger', {
    limitMs: limits.trigger,
    look: async () => {
      if (!red) {
        red = await alarm.isRed();
        const { requests, failed } = customers.counts();
        const felt = requests === 0 ? '' : `: ${failed} of ${counted(requests, 'request')} of the customers failed`;
        if (red) demo.output.line(`the alarm ${alarm.name} is red${felt}`);
      }
      return (await read(demo)).rollback?.triggers[0];
    },
  });
  seeing(`${trigger.title}: ${trigger.detail ?? 'declared'}`);
};

/** The operations lead reads the mail and decides. Who started the run holds no role that may. */
const decide = async (demo: Demo): Promise<void> => {
  const { stage, run, output } = demo;
  const lead = holder(stage, 'operations-lead');
  const mail = await waitIn(demo, 'the mail about the decision', { limitMs: limits.mail, look: () => decisionMail(demo, lead) });
  output.line(`mail to ${lead.name}: ${mail.subject}`);
  const body = { decision: 'roll-back', reason: 'Customers cannot read their orders since the release.' } as const;
  const starter = holder(stage, 'developer');
  const refused = await (await stage.person(starter.id)).decideRollback({ params: { run }, body });
  if (refused.problem === undefined) throw new Error(`${starter.name}, who holds no operating role, could decide about the rollback`);
  output.line(`${starter.name}, who started the run, may not decide: ${refused.problem.detail}`);
  must('decide about the rollback', await (await stage.person(lead.id)).decideRollback({ params: { run }, body }));
  output.line(`${lead.name} decided to roll back`);
};

const decisionMail = async ({ stage, run }: Demo, { address }: LocalPerson): Promise<Mail | undefined> =>
  (await stage.mails()).find(({ to, text }) => to.includes(address) && text.includes(`holdpoint rollback-decision ${run}`));

const ended = (demo: Demo): Promise<RunView> => {
  let step: string | undefined;
  return waitFor({
    limitMs: limits.rollback,
    signal: demo.stage.workspace.signal,
    what: () => `the end of the rollback${step === undefined ? '' : `: ${step}`}`,
    progress: (text) => demo.output.progress(text),
    look: async () => {
      const view = await read(demo);
      step = stepOf(view.rollback);
      return hasEnded(view) ? view : undefined;
    },
  });
};

const stepOf = (rollback: RollbackView | null): string | undefined => rollback?.steps.find(({ outcome }) => outcome === 'open')?.title;

/** The trail of a run that was rolled back stays open until its cause is stated. The operations lead has found it. */
const stateCause = async (demo: Demo): Promise<void> => {
  const { stage, run, output } = demo;
  const lead = holder(stage, 'operations-lead');
  const asked = await waitIn(demo, 'what is asked after the rollback', {
    limitMs: limits.asked,
    look: async () => (await read(demo)).followUps.find(({ answer }) => answer === null),
  });
  output.line(`the audit trail is still open: ${asked.title.charAt(0).toLowerCase()}${asked.title.slice(1)}`);
  const body = {
    answer: 'stated',
    statement: 'Release 2 computes the price of an order in another way, and throws on some of the stored orders.',
  } as const;
  must('state the cause', await (await stage.person(lead.id)).answerFollowUp({ params: { run, followUp: asked.id }, body }));
  output.line(`${lead.name} stated the cause; the audit trail closes`);
};

/** What runs now, read from the platform, and where a rollback of the next release would lead. */
const readResult = async (demo: Demo, stable: string): Promise<void> => {
  const { stage, output, run } = demo;
  const live = await stage.shop.function.read('live');
  if (live.digest !== stable)
    throw new Blocked(`The alias live names version ${live.version} (${live.digest}), and ${stable} is expected.`);
  output.line(`the alias live names version ${live.version} again: ${live.digest.slice(0, 19)}`);
  const { target, holder: held } = await waitIn(demo, 'the end of the claim', {
    limitMs: limits.freed,
    look: async () => {
      const view = await readEnvironment(stage);
      return view.holder?.run === run ? undefined : view;
    },
  });
  const isStable = target?.components.some(({ digest }) => digest === stable) === true;
  output.line(
    `the next release could be taken back to ${target?.version ?? 'nothing'} (${target?.level ?? 'unknown'}), ${isStable ? 'still the stable version' : 'another version'}; the environment is ${held === null ? 'free' : `held by ${held.run}`}`,
  );
  if (!isStable) throw new Blocked('The rollback target of the next run is not the stable version.');
};
