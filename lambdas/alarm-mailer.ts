import * as z from 'zod';
import { type OperationalAlarm, renderOperationalAlarm } from '../lib/console/operational-alarm.ts';
import type { Mailer, Roster } from '../lib/ports.ts';
import { readStage } from './shell/aws-clients.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';
import { liveMailer } from './shell/messages.ts';
import { liveRoster } from './shell/roster.ts';

type Parts = { readonly roster: Pick<Roster, 'holders'>; readonly mailer: Mailer; readonly stage: string };

/** As SNS invokes a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const eventSchema = z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })).min(1) });
const alarmSchema = z
  .object({
    AlarmName: z.string(),
    AlarmDescription: z.string().nullish(),
    NewStateValue: z.string(),
    NewStateReason: z.string().nullish(),
    StateChangeTime: z.string(),
  })
  .transform(
    (alarm): OperationalAlarm => ({
      name: alarm.AlarmName,
      description: alarm.AlarmDescription ?? '',
      state: alarm.NewStateValue,
      reason: alarm.NewStateReason ?? '',
      at: alarm.StateChangeTime,
    }),
  );

/**
 * Mails what the topic of operations gets to every operations lead. One address that SES refuses keeps no mail from the others; its fault
 * is thrown at the end, so that Lambda repeats: a mail that comes twice is better than none.
 */
export const mailAlarm = async (
  { roster, mailer, stage }: Parts,
  event: unknown,
): Promise<{ readonly mailed: readonly string[] } | Declined> => {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) return { declined: 'not a notification of SNS' };
  const leads = roster.holders('operations-lead');
  const sent = await Promise.allSettled(
    parsed.data.Records.flatMap(({ Sns: { Message } }) =>
      leads.map(async ({ id, name, address }) => {
        const mail = renderOperationalAlarm(stage, alarmIn(Message), Message, name);
        await mailer.send({ about: null, to: { name, address }, ...mail });
        return id;
      }),
    ),
  );
  const failed = sent.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { mailed: sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])) };
};

const alarmIn = (message: string): OperationalAlarm | null => {
  try {
    return alarmSchema.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
};

const live = liveRoster('alarm-mailer', () => envOf('alarm-mailer', process.env).ROSTER_BUCKET);
let parts: Parts | undefined;

export const handler = eventHandler('alarm-mailer', async (event) => {
  await live.refresh();
  const stage = readStage();
  parts ??= {
    roster: live.roster,
    mailer: liveMailer(stage, envOf('alarm-mailer', process.env).MAIL_SET),
    stage: stage.name,
  };
  return mailAlarm(parts, event);
});
