import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { nameSchema, subjectOfAlarm } from '../../fields.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { PersonCaller } from '../state/caller.ts';
import type { RunContext } from '../state/run-context.ts';
import { notStarter } from './authorize.ts';
import type { ObservationInput } from './inputs.ts';

type Refused = { readonly refused: Refusal };

/** What the event names where a person reports anything else: their words can be erased, and the trail cannot. */
const inTheirWords = 'named in the words';

/**
 * What the event of a person's report is about. An alarm has its own name in the event, as a feed gives it: under one name for all, an OK of
 * one alarm would end all others, and three of them would count as one. A name is no text of a person, so only what can be one is taken.
 */
export const subjectOfReport = async (
  { trail }: Pick<Dependencies, 'trail'>,
  context: RunContext,
  { kind, bad, subject }: Pick<ObservationInput, 'kind' | 'bad' | 'subject'>,
  caller: PersonCaller,
): Promise<{ readonly subject: string } | Refused> => {
  if (kind !== 'alarm') return { subject: inTheirWords };
  const no = bad ? undefined : notStarter(context, caller, 'report that an alarm is OK');
  if (no !== undefined) return no;
  const name = subjectOfAlarm(subject);
  if (nameSchema.safeParse(name).success || (context.started.event.data.alarms ?? []).some((one) => subjectOfAlarm(one) === name))
    return { subject: name };
  const seen = (await trail.read(context.scope, { prefix: lanes.observations })).filter(isType('observation.recorded'));
  // What a person named may be a text of theirs from before their alarms had names.
  if (seen.some(({ event: { data } }) => data.kind === 'alarm' && data.words === null && data.subject === name)) return { subject: name };
  return refuse('alarm-unnamed', 'An alarm is reported by its own name, so that no other alarm is taken for it.', {
    got: subject,
    expected:
      'the name of one alarm: letters, digits, dot, underscore and hyphen, 64 characters at most, or as the stage file or an earlier observation of the run has it',
    fix: 'Give the name of the alarm where it is asked what you saw it on, and write what it means into the summary. What is no alarm is of another kind, such as error.',
  });
};
