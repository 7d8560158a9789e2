import type * as z from 'zod';
import type { RollbackForm } from '../../lib/api/pages.ts';
import { refusalOf } from '../../lib/api/problem.ts';
import { rollbackStepSchema } from '../../lib/audit/events/rollback.ts';
import type { Outcome, Refusal } from '../../lib/outcome.ts';
import type { RunView } from '../../lib/query/view.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { dataSchema, followUpSchema, rollbackDecisionSchema, rollbackSchema, stepSchema } from '../../lib/run/commands/inputs.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

type Sent = { readonly run: string; readonly form: RollbackForm; readonly request: string };

/** Sends what the form says to its command, after the schema that API and CLI have, too. */
export const sendAct = async (deps: PeopleDependencies, sent: Sent, caller: PersonCaller): Promise<Outcome<unknown>> => {
  const { run, request, form } = sent;
  const reason = form.reason.replace(/\r\n?/g, '\n');
  const evidence = (form.evidence ?? '').split(/[\s,;]+/).filter((id) => id !== '');
  switch (form.act) {
    case 'declare': {
      const input = parsed(rollbackSchema, { trigger: form.trigger ?? '', reason, evidence, decide: form.decide === 'yes' });
      return input.refused === undefined ? triggerRollback(deps, { run, request, ...input.ok }, caller) : input;
    }
    case 'roll-back':
    case 'continue': {
      const input = parsed(rollbackDecisionSchema, { decision: form.act, reason });
      return input.refused === undefined ? decideRollback(deps, { run, ...input.ok }, caller) : input;
    }
    case 'restore':
    case 'keep': {
      const backupAt = form.act === 'restore' && form.backupAt?.trim() ? { backupAt: form.backupAt.trim() } : {};
      const input = parsed(dataSchema, { choice: form.act, reason, ...backupAt });
      return input.refused === undefined ? decideData(deps, { run, ...input.ok }, caller) : input;
    }
    case 'cause': {
      const link = form.link?.trim() ? { link: form.link.trim() } : {};
      const input = parsed(followUpSchema, { answer: 'stated', statement: reason, ...link });
      return input.refused === undefined ? answerFollowUp(deps, { run, followUp: 'cause', ...input.ok }, caller) : input;
    }
    case 'review': {
      const input = parsed(followUpSchema, { answer: form.verdict ?? '', statement: reason });
      return input.refused === undefined ? answerFollowUp(deps, { run, followUp: form.followUp ?? '', ...input.ok }, caller) : input;
    }
    default:
      return sendStep(deps, { run, form, reason, evidence }, caller);
  }
};

type StepSent = { readonly run: string; readonly form: RollbackForm; readonly reason: string; readonly evidence: readonly string[] };

const sendStep = async (deps: PeopleDependencies, { run, form, reason, evidence }: StepSent, caller: PersonCaller) => {
  const step = parsed(rollbackStepSchema, form.step ?? '');
  if (step.refused !== undefined) return step;
  const input = parsed(stepSchema, { answer: form.act, reason, ...(form.act === 'by-hand' ? { evidence } : {}) });
  return input.refused === undefined ? handleStep(deps, { run, step: step.ok, ...input.ok }, caller) : input;
};

/** A slip of the person is no malformed request: it says what to correct, on the page. */
const parsed = <T>(schema: z.ZodType<T>, input: unknown): Outcome<T> => {
  const found = schema.safeParse(input);
  if (found.success) return { ok: found.data };
  const { fix: _, ...refused } = refusalOf('body-malformed', found.error, input);
  return { refused: { ...refused, fix: 'Correct it in the form below and send it again.' } satisfies Refusal };
};

/**
 * Whether the run has gone on because of this very form, whose answer was lost: the same act by the same person since the page was shown.
 * Sending it again could be a second choice.
 */
export const isOwnRepeat = (
  { rollback, followUps }: RunView,
  { act, step, followUp }: Pick<RollbackForm, 'act' | 'step' | 'followUp'>,
  { id }: Pick<PersonCaller, 'id'>,
  shownAt: string,
): boolean => {
  if (rollback === null) return false;
  const isOwn = (made: { readonly by: string | null; readonly at: string } | null | undefined, choice: string | undefined): boolean =>
    made != null && made.by === id && made.at >= shownAt && choice === act;
  const chosen = rollback.steps.find((one) => one.id === step)?.chosen;
  const asked = act === 'cause' ? 'cause' : act === 'review' ? followUp : undefined;
  const answer = followUps.find(({ id: one }) => one === asked)?.answer;
  if (answer != null && answer.by === id && answer.at >= shownAt) return true;
  return (
    isOwn(rollback.decision, rollback.decision?.decision) || isOwn(rollback.data, rollback.data?.choice) || isOwn(chosen, chosen?.choice)
  );
};
