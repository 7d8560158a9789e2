import type { CheckAct, CheckForm } from '../../lib/api/check-pages.ts';
import type { CheckField } from '../../lib/console/check-forms.ts';
import { mostAttested } from '../../lib/fields.ts';
import type { Refusal } from '../../lib/outcome.ts';
import type { CheckView } from '../../lib/query/check-view.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { attestSchema, notApplicableSchema, revokeSchema, waiveSchema } from '../../lib/run/commands/inputs.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { instantOf } from './field-time.ts';
import { asTyped, type FormFields, type FormRefused, sendForm } from './form-sends.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

type Sent = { readonly run: string; readonly check: string; readonly form: CheckForm; readonly request: string };
/** Why nothing was recorded, and the field that was wrong. */
export type CheckRefused = FormRefused<CheckField>;

/** Sends what the form says to its command, after the schema that API and CLI have, too. Undefined: it was recorded. */
export const sendCheckAct = async (deps: PeopleDependencies, sent: Sent, caller: PersonCaller): Promise<CheckRefused | undefined> => {
  const { run, check, request, form } = sent;
  const about = { run, check, request };
  const reason = asTyped(form.reason);
  const named = form.subject === undefined || form.subject === '' ? {} : { subject: form.subject };
  switch (form.act) {
    case 'attest':
      return sendForm(
        ofCheck,
        attestSchema,
        {
          statement: reason,
          ...(isEmpty(form.until) ? {} : { validUntil: instantOf(form.until) }),
          ...(isEmpty(form.file) ? {} : { file: form.file }),
        },
        (input) => attest(deps, { ...about, ...input }, caller),
      );
    case 'waive':
      return sendForm(ofCheck, waiveSchema, { reason, until: instantOf(form.until ?? ''), ...named }, (input) =>
        waive(deps, { ...about, ...input }, caller),
      );
    case 'not-applicable':
      return sendForm(ofCheck, notApplicableSchema, { reason, ...named }, (input) =>
        declareNotApplicable(deps, { ...about, ...input }, caller),
      );
    default:
      return sendForm(ofCheck, revokeSchema, { reason, ...named }, (input) => revokeException(deps, { ...about, ...input }, caller));
  }
};

const isEmpty = (field: string | undefined): field is '' | undefined => field === undefined || field.trim() === '';

const ofCheck: FormFields<CheckField> = {
  sentences: {
    reason: 'Write 10 characters at least and 2,000 at most.',
    until: 'Give a date and a time in UTC, such as 2026-12-01 08:00.',
    subject: 'Choose one of the parts, or the whole check.',
    file: `Choose a picture (PNG or JPEG), a PDF or a text of at most ${mostAttested / 1024 / 1024} MB.`,
  },
  fields: { reason: 'reason', statement: 'reason', until: 'until', validUntil: 'until', subject: 'subject', file: 'file' },
  /** What the command says of one field. A check that may not be waived at all has no form. */
  refused: ({ type }: Refusal, input: unknown) => {
    if (type === 'part-unknown') return 'subject';
    if (type === 'waiver-not-allowed' || type === 'attestation-validity') return 'until';
    if (type === 'evidence-unreadable' || type === 'limit-reached') return 'file';
    const named = typeof input === 'object' && input !== null && 'subject' in input;
    return named && (type === 'not-applicable-not-allowed' || type === 'nothing-to-revoke') ? 'subject' : undefined;
  },
};

/** Whether the check has changed because of this very form, whose answer was lost: the same act by the same person since the page was shown. */
export const isOwnRepeat = ({ attempts, exceptions }: CheckView, act: CheckAct, person: string, shownAt: string): boolean => {
  if (act === 'attest') return attempts.some(({ by, judgedAt }) => by === person && judgedAt >= shownAt);
  const kind = act === 'waive' ? 'waiver' : act === 'revoke' ? 'revocation' : 'not-applicable';
  return exceptions.some((one) => one.kind === kind && one.by === person && one.at >= shownAt);
};
