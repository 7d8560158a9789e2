import { type AlarmHealth, healthOf } from '../fields.ts';
import { oneLine } from './mail-text.ts';
import { written } from './written-mail.ts';

/** A change of an alarm on Holdpoint itself, as CloudWatch tells it. */
export type OperationalAlarm = {
  readonly name: string;
  readonly description: string;
  readonly state: string;
  readonly reason: string;
  readonly at: string;
};

const sentence: Readonly<Record<AlarmHealth, string>> = {
  bad: 'Something is wrong with Holdpoint itself.',
  good: 'This is over.',
  unknown: 'CloudWatch does not know whether something is wrong with Holdpoint itself.',
};

/** The mail about it. `null`: the topic got something else, which is `text`. */
export const renderOperationalAlarm = (stage: string, alarm: OperationalAlarm | null, text: string, name: string) => {
  const small = [`Sent by the stage ${oneLine(stage)} of Holdpoint, because you hold the role operations lead.`];
  if (alarm === null)
    return written({ subject: `Holdpoint ${oneLine(stage)}: a message`, paragraphs: [oneLine(text).slice(0, 4_000)], small }, name);
  return written(
    {
      subject: `Holdpoint ${oneLine(stage)}: ${oneLine(alarm.state)}: ${oneLine(alarm.name)}`,
      paragraphs: [
        `${sentence[healthOf(alarm.state)]} Alarm: ${oneLine(alarm.name)}, since ${oneLine(alarm.at)}.`,
        ...[alarm.description, alarm.reason].map(oneLine).filter((paragraph) => paragraph !== ''),
      ],
      small,
    },
    name,
  );
};
