import type { ReviewForm } from '../../lib/api/review-pages.ts';
import type { ReviewField } from '../../lib/console/review-forms.ts';
import type { SeenView } from '../../lib/query/seen-view.ts';
import { labelSchema, observationSchema } from '../../lib/run/commands/inputs.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import { instantOf } from './field-time.ts';
import { asTyped, type FormFields, type FormRefused, sendForm } from './form-sends.ts';
import type { PeopleDependencies } from './people-dependencies.ts';

type Sent = { readonly run: string; readonly form: ReviewForm; readonly request: string };
export type ReviewRefused = FormRefused<ReviewField>;

/** Sends what the form says to its command, after the schema that API and CLI have, too. Undefined: it was recorded. */
export const sendReviewAct = (deps: PeopleDependencies, sent: Sent, caller: PersonCaller): Promise<ReviewRefused | undefined> => {
  const { run, request, form } = sent;
  if (form.act === 'label') {
    const { observation = '' } = form;
    const said = { label: form.label, explanation: asTyped(form.reason ?? '') };
    return sendForm(ofReviews, labelSchema, said, (input) => labelObservation(deps, { run, observation, request, ...input }, caller));
  }
  const seen = {
    // A person has no producer that gives ids. The id of the form is that of the observation, so that it stays one however often it is sent.
    observation: `seen-${request.slice(0, 16)}`,
    kind: form.kind,
    bad: form.bad === 'yes' ? true : form.bad === 'no' ? false : undefined,
    subject: (form.subject ?? '').trim(),
    summary: (form.summary ?? '').trim(),
    observedAt: instantOf(form.observedAt ?? ''),
  };
  return sendForm(ofReviews, observationSchema, seen, (input) => observe(deps, { run, request, ...input }, caller));
};

const ofReviews: FormFields<ReviewField> = {
  sentences: {
    label: 'Choose what it was: true, false or explained.',
    reason: 'Write 10 characters at least and 2,000 at most.',
    kind: 'Choose one of the kinds.',
    bad: 'Say whether something was wrong, or all was well.',
    subject: 'Write where you saw it, in 200 characters at most.',
    summary: 'Write what it was, in 300 characters at most.',
    observedAt: 'Give a date and a time in UTC, such as 2026-12-01 08:00.',
  },
  fields: {
    label: 'label',
    explanation: 'reason',
    kind: 'kind',
    bad: 'bad',
    subject: 'subject',
    summary: 'summary',
    observedAt: 'observedAt',
  },
  refused: ({ type }) => (type === 'evidence-time' ? 'observedAt' : type === 'alarm-unnamed' ? 'subject' : undefined),
};

/** Whether the label is this very form's, whose answer was lost: the same one by the same person since the page was shown. */
export const isOwnLabel = (seen: SeenView, { label }: Pick<ReviewForm, 'label'>, person: string, shownAt: string): boolean =>
  seen.label === label && seen.labelledBy === person && (seen.labelledAt ?? '') >= shownAt;
