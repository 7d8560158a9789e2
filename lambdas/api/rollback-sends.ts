import { refusalOf } from '../../lib/api/problem.ts';
import type { RollbackForm } from '../../lib/api/rollback-pages.ts';
import { rollbackStepSchema } from '../../lib/audit/events/rollback.ts';
import type { RollbackField } from '../../lib/console/rollback-forms.ts';
import type { RefusalType } from '../../lib/outcome.ts';
import type { RunView } from '../../lib/query/view.ts';
import { answerFollowUp } from '../../lib/run/commands/answer-follow-up.ts';
import { decideData } from '../../lib/run/commands/decide-data.ts';
import { decideRollback } from '../../lib/run/commands/decide-rollback.ts';
import { handleStep } from '../../lib/run/commands/handle-step.ts';
import { dataSchema, followUpSchema, rollbackDecisionSchema, rollbackSchema, stepSchema } from '../../lib/run/commands/inputs.ts';
import { triggerRollback } from '../../lib/run/commands/trigger-rollback.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { alreadyWritten, asTyped, type FormFields, type FormRefused, sendForm } from './form-sends.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

type Sent = { readonly run: string; readonly form: RollbackForm; readonly request: string };
/** Why nothing was recorded, and the field that was wrong. */
export type RollbackRefused = FormRefused<RollbackField>;

/** Sends what the form says to its command, after the schema that API and CLI have, too. Undefined: it was recorded. */
export const sendAct = async (deps: PeopleDependencies, sent: Sent, caller: PersonCaller): Promise<RollbackRefused | undefined> => {
  const { run, request, form } = sent;
  const reason = asTyped(form.reason);
  const shown = form.shown?.trim() ? { shown: form.shown.trim() } : {};
  const evidence = (form.evidence ?? '').split(/[\s,;]+/).filter((id) => id !== '');
  switch (form.act) {
    case 'declare':
      return sendForm(
        ofRollback,
        rollbackSchema,
        { trigger: form.trigger ?? '', reason, evidence, ...shown, decide: form.decide === 'yes' },
        (input) => triggerRollback(deps, { run, request, ...input }, caller),
      );
    case 'roll-back':
    case 'continue':
      return sendForm(ofRollback, rollbackDecisionSchema, { decision: form.act, reason }, (input) =>
        decideRollback(deps, { run, ...input }, caller),
      );
    case 'restore':
    case 'keep': {
      const backupAt = form.act === 'restore' && form.backupAt?.trim() ? { backupAt: form.backupAt.trim() } : {};
      return sendForm(ofRollback, dataSchema, { choice: form.act, reason, ...backupAt }, (input) =>
        decideData(deps, { run, ...input }, caller),
      );
    }
    case 'cause':
    case 'review': {
      const isCause = form.act === 'cause';
      const link = isCause && form.link?.trim() ? { link: form.link.trim() } : {};
      const answer = isCause ? 'stated' : (form.verdict ?? '');
      return sendForm(ofRollback, followUpSchema, { answer, statement: reason, ...link }, (input) =>
        answerFollowUp(deps, { run, followUp: isCause ? 'cause' : (form.followUp ?? ''), ...input }, caller),
      );
    }
    default: {
      const step = rollbackStepSchema.safeParse(form.step ?? '');
      // The page writes the step into its form, so no field of a person can be wrong.
      if (!step.success) return { refusal: refusalOf('body-malformed', step.error, form.step) };
      const said = { answer: form.act, reason, ...(form.act === 'by-hand' ? { evidence } : {}) };
      return sendForm(ofRollback, stepSchema, said, (input) => handleStep(deps, { run, step: step.data, ...input }, caller));
    }
  }
};

const ofRollback: FormFields<RollbackField> = {
  sentences: {
    reason: 'Write 10 characters at least and 2,000 at most.',
    trigger: 'Choose one of the triggers.',
    evidence: 'Give ids of events of this run, 20 at most: each has 32 characters, 0 to 9 and a to f.',
    shown: 'Name what shows it, in 5 to 500 characters: ids of rows, a query, or a link.',
    backupAt: 'Give a date and a time in UTC, such as 2026-03-02T03:00:00Z.',
    link: 'Give an address that begins with https://, without spaces, in 500 characters at most.',
    followUp: 'Choose what is reviewed.',
    verdict: 'Say whether its use was justified.',
  },
  fields: {
    reason: 'reason',
    statement: 'reason',
    trigger: 'trigger',
    evidence: 'evidence',
    shown: 'shown',
    backupAt: 'backupAt',
    link: 'link',
    answer: 'verdict',
  },
  refused: ({ type }) => refusedFields[type],
};

const refusedFields: Readonly<Partial<Record<RefusalType, RollbackField>>> = {
  'trigger-unknown': 'trigger',
  'event-unknown': 'evidence',
  'no-evidence': 'shown',
  'follow-up-unknown': 'followUp',
  'follow-up-answer': 'verdict',
  'follow-up-own': 'followUp',
  'follow-up-answered': 'followUp',
};

/**
 * Whether the run has gone on because of this very form, whose answer was lost: the same act by the same person in the same words since the page
 * was shown. Sending it again could be a second choice.
 */
export const isOwnRepeat = (
  run: RunView,
  { act, step, followUp, reason }: Pick<RollbackForm, 'act' | 'step' | 'followUp' | 'reason'>,
  { id }: Pick<PersonCaller, 'id'>,
  shownAt: string,
): boolean => {
  const { rollback, followUps } = run;
  if (rollback === null || alreadyWritten(run, { by: id, since: shownAt, text: reason }).length === 0) return false;
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
