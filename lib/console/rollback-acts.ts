import type { RollbackAct } from '../api/rollback-pages.ts';
import type { RunView } from '../query/view.ts';
import { dataRoles, endingRoles, operatingRoles, type Role, signerRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';

/**
 * What a person can send now, and for each act what it is about: the round, the step, the attempt. A form is bound to that, so that it is
 * refused once the run has gone on. The commands decide who may do what; here nobody is shown a form that they would refuse.
 */
export type Acts = { readonly [Act in RollbackAct]?: string };
type Rollback = NonNullable<RunView['rollback']>;
/** `decides`: a dated deputy of the operations lead, who may decide in their stead. */
type Viewer = Pick<PersonCaller, 'id' | 'roles'> & { readonly decides?: boolean };

/** Whether people must decide: roll back, or continue. A trigger can be decided before its gate has opened. */
export const isDecisionOpen = ({ rollback, rollbackTriggers }: Pick<RunView, 'rollback' | 'rollbackTriggers'>): boolean =>
  rollback !== null &&
  rollback.decision === null &&
  (rollback.waits?.for === 'decision' || (rollback.triggers.length > 0 && rollbackTriggers.length > 0));

const holdsOneOf = ({ roles }: Pick<Viewer, 'roles'>, wanted: readonly Role[]): boolean => wanted.some((role) => roles.includes(role));

/** What the person may send now. */
export const actsOf = (run: RunView, viewer: Viewer): Acts => {
  const { rollback, rollbackTriggers, starter } = run;
  const round = `round ${(rollback?.continued ?? 0) + 1}`;
  const isStarter = viewer.id === starter;
  const operates = holdsOneOf(viewer, operatingRoles);
  const isOpen = isDecisionOpen(run);
  // Who continues has seen every trigger.
  const seen = `${round}, ${rollback?.triggers.at(-1)?.at ?? 'a rejection'}`;
  const asksData = rollback?.waits?.for === 'data' && holdsOneOf(viewer, dataRoles) && !isStarter;
  return {
    ...(operates && rollbackTriggers.length > 0 ? { declare: round } : {}),
    ...(isOpen && (operates || viewer.decides) ? { 'roll-back': round } : {}),
    ...(isOpen && (holdsOneOf(viewer, signerRoles) || viewer.decides) && !isStarter ? { continue: seen } : {}),
    ...(asksData ? { restore: round, keep: round } : {}),
    ...(operates && rollback !== null ? stepActs(rollback, viewer) : {}),
    ...followUpActs(run, viewer),
  };
};

/** The step that the run waits for, where people can choose something about it. */
export const choosableStep = ({ waits, steps }: Rollback): Rollback['steps'][number] | undefined =>
  waits === null || waits.choices.length === 0 ? undefined : steps.find(({ id }) => id === waits.step);

/** Whether no step has begun, so that people can only end the rollback, or wait. */
export const canOnlyEnd = ({ waits }: Pick<Rollback, 'waits'>): boolean => waits?.choices.join() === 'end';

/** A person works on the attempt. */
export const isInHand = ({ attempt }: Rollback['steps'][number]): boolean => attempt?.by === 'person' && !attempt.answered;

const stepActs = (rollback: Rollback, viewer: Viewer): Acts => {
  const step = choosableStep(rollback);
  if (step === undefined) return {};
  const { attempt, chosen } = step;
  const about = [step.id, attempt?.action, attempt?.attempt, chosen?.at].join(' ');
  const choices = (rollback.waits?.choices ?? []).filter((choice) => choice !== 'end' || holdsOneOf(viewer, endingRoles));
  return Object.fromEntries(choices.map((choice) => [choice, about]));
};

/** The powers whose use the person can review now. */
export const reviewable = ({ followUps }: Pick<RunView, 'followUps'>, viewer: Viewer): RunView['followUps'] =>
  holdsOneOf(viewer, signerRoles)
    ? followUps.filter(({ kind, answer, usedBy }) => kind !== 'rollback-cause' && answer === null && !usedBy.includes(viewer.id))
    : [];

const followUpActs = (run: RunView, viewer: Viewer): Acts => {
  const asksCause = run.followUps.some(({ kind, answer }) => kind === 'rollback-cause' && answer === null);
  const powers = reviewable(run, viewer);
  return {
    ...(asksCause && holdsOneOf(viewer, operatingRoles) ? { cause: 'the cause' } : {}),
    ...(powers.length > 0 ? { review: powers.map(({ id }) => id).join(' ') } : {}),
  };
};
