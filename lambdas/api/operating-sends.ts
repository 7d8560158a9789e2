import type { OperatingForm } from '../../lib/api/operating-pages.ts';
import { firstInstantAt, isZone, lastInstantAt, localTimeAt } from '../../lib/checklist/local-time.ts';
import type { OperatingField } from '../../lib/console/operating-forms.ts';
import { instantInputSchema } from '../../lib/fields.ts';
import { type Outcome, ok } from '../../lib/outcome.ts';
import { openGateOf } from '../../lib/query/gate-state.ts';
import type { RunView, RunWords } from '../../lib/query/view.ts';
import { cancelRun } from '../../lib/run/commands/cancel-run.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { cancelSchema, freezeOverrideSchema, rescheduleSchema } from '../../lib/run/commands/inputs.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { instantOf } from './field-time.ts';
import { alreadyWritten, asTyped, type FormFields, type FormRefused, sendForm } from './form-sends.ts';
import type { PeopleDependencies } from './people-dependencies.ts';
import { zoneOf } from './reader-clock.ts';

/** `request`: the idempotency key of the form. `run`: as it is now. */
type Sent = { readonly run: RunView; readonly form: OperatingForm; readonly request: string };
/** Why nothing was recorded, and the field that was wrong. */
export type OperatingRefused = FormRefused<OperatingField>;

export const reasonOf = ({ reason }: Pick<OperatingForm, 'reason'>): string => asTyped(reason).trim();

/** Sends what the form says to its command, after the schema that API and CLI have, too. Undefined: it was recorded. */
export const sendOperatingAct = async (
  deps: PeopleDependencies,
  { run: view, form, request }: Sent,
  caller: PersonCaller,
): Promise<OperatingRefused | undefined> => {
  const { run } = view;
  const { act } = form;
  const reason = reasonOf(form);
  switch (act) {
    case 'cancel':
      return sendForm(ofReason, cancelSchema, { reason }, (input) => cancelRun(deps, { run, ...input }, caller));
    case 'resume':
    case 'end':
      return sendForm(ofReason, cancelSchema, { reason }, (input) => decideIncident(deps, { run, decision: act, ...input }, caller));
    case 'recall':
    case 'ask-again':
      return sendForm(ofReason, cancelSchema, { reason }, (input) =>
        recallApproval(deps, { run, gate: openGateOf(view)?.id ?? '', action: act, ...input }, caller),
      );
    case 'reschedule': {
      const t0 = t0Of(form, view, zoneOf(deps, caller.id));
      if (t0.refused !== undefined) return { refusal: t0.refused, field: 't0' };
      const refused = await sendForm(ofReason, rescheduleSchema, { plannedT0: t0.ok, reason }, (input) =>
        rescheduleRun(deps, { run, request, ...input }, caller),
      );
      return refused?.refusal.type === 'planned-t0' ? { ...refused, refusal: { ...refused.refusal, fix: mend } } : refused;
    }
    default:
      return sendForm(ofReason, freezeOverrideSchema, { freeze: form.freeze ?? '', reason }, (input) =>
        overrideFreeze(deps, { run, ...input }, caller),
      );
  }
};

const ofReason: FormFields<OperatingField> = {
  sentences: {
    reason: 'Write 10 characters at least and 2,000 at most.',
    t0: 'Give a date and a time, such as 2026-12-01 08:00.',
    freeze: 'Choose one of the freezes.',
  },
  fields: { reason: 'reason', plannedT0: 't0', freeze: 'freeze' },
  refused: ({ type }) => (type === 'planned-t0' ? 't0' : type === 'freeze-unknown' ? 'freeze' : undefined),
};

/** A text that is neither a local time nor an instant is left to the schema of the command. */
const t0Of = ({ when, t0 = '', zone = 'UTC' }: OperatingForm, { plannedT0 }: RunView, own: string): Outcome<string> => {
  if (when === 'when-released') return ok('when-released');
  if (t0.trim() === '') return wrong('Give a date and a time.');
  if (zone !== 'UTC' && (zone !== own || !isZone(zone))) return wrong('Say whose clock shows the time: yours or UTC.');
  const isLocal = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d)?$/.test(t0.trim());
  // As UTC: what the clock shows.
  const text = instantOf(t0);
  const shown = Date.parse(text);
  // The schema names what is an instant: `Date.parse` takes more, and reads it by the clock of the machine.
  if (Number.isNaN(shown) || !instantInputSchema.safeParse(text).success) return ok(text);
  const [first, last] = isLocal ? [firstInstantAt(shown, zone), lastInstantAt(shown, zone)] : [new Date(shown), new Date(shown)];
  if (isLocal && localTimeAt(first, zone) !== shown) return wrong(`Clocks in ${zone} leave this time out on that day. Give another one.`);
  if (first.getTime() !== last.getTime()) return wrong(`Clocks in ${zone} show this time twice on that day. Give it in UTC.`);
  return first.toISOString() === plannedT0 ? wrong('This is the planned T0 already.') : ok(first.toISOString());
};

const mend = 'Correct it in the form below and send it again.';
const wrong = (detail: string): Outcome<never> => ({ refused: { type: 'body-malformed', detail, fix: mend } });

/** The words that an act alone leaves. Those of the others do not say which of two decisions they belong to: then the page shows where the run is. */
const wordsOf: Readonly<Partial<Record<OperatingForm['act'], RunWords['kind']>>> = {
  cancel: 'cancellation-reason',
  recall: 'approval-recall',
  reschedule: 'reschedule-reason',
  'override-freeze': 'freeze-override-reason',
};

/** The same form again, after its first answer was lost: its words stand in the trail already. `since`: when the page was shown. */
export const isOwnRepeat = (
  run: Pick<RunView, 'words'>,
  { act, reason }: OperatingForm,
  from: { readonly by: string; readonly since: string },
): boolean => alreadyWritten(run, { ...from, text: reason }).some(({ kind }) => kind === wordsOf[act]);
