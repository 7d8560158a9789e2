import * as z from 'zod';
import type { Channel } from '../../lib/audit/events/observation.ts';
import { sha256 } from '../../lib/canonical.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import { observationKinds } from '../../lib/fields.ts';
import { observationSchema } from '../../lib/run/commands/inputs.ts';

/** One observation as the feed hands it on, for one service and environment. */
export type Fed = z.output<typeof observationSchema> & {
  readonly service: string;
  readonly environment: string;
  readonly via: Exclude<Channel, 'api'>;
};
/** What one delivery said; what is not understood is named and never delivered again. */
export type Read = { readonly observations: readonly Fed[]; readonly refused: readonly string[] };

/** A year has four digits: what lies before or after has no instant that an event could hold. */
const instant = z
  .string()
  .transform((text) => (Number.isNaN(Date.parse(text)) ? '' : new Date(text).toISOString()))
  .refine((text) => /^\d{4}-/.test(text), 'an instant');

/** Our own bus: `observation.reported`, from anything that is no CloudWatch alarm. */
const busSchema = z.object({
  id: z.string().min(1),
  'detail-type': z.literal('observation.reported'),
  time: instant,
  detail: z.object({
    service: z.string(),
    environment: z.string(),
    observation: observationSchema.shape.observation.optional(),
    kind: z.enum(observationKinds),
    bad: z.boolean(),
    subject: observationSchema.shape.subject.transform((text) => text.toWellFormed()),
    summary: observationSchema.shape.summary.transform((text) => text.toWellFormed()),
    observedAt: instant.optional(),
  }),
});

const stateSchema = z.object({ value: z.string(), reason: z.string().optional(), timestamp: instant });
const alarmSchema = z.object({
  id: z.string(),
  source: z.literal('aws.cloudwatch'),
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  detail: z.object({ alarmName: z.string().min(1), state: stateSchema, previousState: z.object({ value: z.string() }).optional() }),
});

const recordsSchema = z.object({
  Records: z
    .array(z.object({ Sns: z.object({ MessageId: z.string(), Message: z.string() }) }))
    .min(1)
    .max(100),
});
const notificationSchema = z.object({
  AlarmName: z.string().min(1),
  NewStateValue: z.string(),
  OldStateValue: z.string().optional(),
  NewStateReason: z.string().optional(),
  StateChangeTime: instant,
});

type Change = { readonly alarm: string; readonly from: string; readonly to: string; readonly reason: string; readonly at: string };

/** Reads one delivery: an event of our own bus, a CloudWatch alarm event, or SNS records with alarm notifications. */
export const readFeed = (stage: Pick<Stage, 'services'>, event: unknown): Read => {
  const bus = busSchema.safeParse(event);
  if (bus.success) return fromBus(stage, bus.data);
  const alarm = alarmSchema.safeParse(event);
  if (alarm.success) {
    const { alarmName, state, previousState } = alarm.data.detail;
    return fromAlarm(stage, 'alarm', {
      alarm: alarmName,
      from: previousState?.value ?? 'unknown',
      to: state.value,
      reason: state.reason ?? '',
      at: state.timestamp,
    });
  }
  const records = recordsSchema.safeParse(event);
  if (records.success) return joined(records.data.Records.map(({ Sns }) => fromNotification(stage, Sns)));
  return { observations: [], refused: [`an event of no shape that the feed knows: ${kindOf(event)}`] };
};

const kindOf = (event: unknown): string => {
  const named = z.object({ 'detail-type': z.string() }).safeParse(event);
  return named.success ? named.data['detail-type'].slice(0, 100) : typeof event;
};

const joined = (reads: readonly Read[]): Read => ({
  observations: reads.flatMap((read) => read.observations),
  refused: reads.flatMap((read) => read.refused),
});

const fromBus = (stage: Pick<Stage, 'services'>, { id, time, detail }: z.output<typeof busSchema>): Read => {
  const { service, environment, observation, observedAt, ...said } = detail;
  const known = stage.services.find((candidate) => candidate.name === service)?.environments.includes(environment) ?? false;
  if (!known)
    return {
      observations: [],
      refused: [
        `an observation of service ${service.slice(0, 64)} in environment ${environment.slice(0, 64)}, which this stage does not have`,
      ],
    };
  return {
    observations: [{ ...said, service, environment, via: 'bus', observation: observation ?? nameOf(id), observedAt: observedAt ?? time }],
    refused: [],
  };
};

/** The producer's id, where it is a name that a lane can hold. */
const nameOf = (id: string): string =>
  observationSchema.shape.observation.safeParse(id).success ? id : `event-${sha256(id).slice(0, 32)}`;

const fromNotification = (
  stage: Pick<Stage, 'services'>,
  { MessageId, Message }: { readonly MessageId: string; readonly Message: string },
): Read => {
  const parsed = notificationSchema.safeParse(jsonOf(Message));
  if (!parsed.success) return { observations: [], refused: [`SNS message ${MessageId} is no CloudWatch alarm notification`] };
  const { AlarmName, OldStateValue, NewStateValue, NewStateReason, StateChangeTime } = parsed.data;
  return fromAlarm(stage, 'sns', {
    alarm: AlarmName,
    from: OldStateValue ?? 'unknown',
    to: NewStateValue,
    reason: NewStateReason ?? '',
    at: StateChangeTime,
  });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * A change of an alarm. The same change has the same id by whichever way it comes, so that an alarm wired to both ways counts once.
 * ALARM is bad, OK is good; "insufficient data" is neither a proof of health nor of harm, so it is told and not recorded.
 */
const fromAlarm = (stage: Pick<Stage, 'services'>, via: 'alarm' | 'sns', change: Change): Read => {
  const owners = stage.services
    .filter((candidate) => change.alarm.startsWith(candidate.alarmPrefix))
    .sort((a, b) => b.alarmPrefix.length - a.alarmPrefix.length);
  const service = owners[0];
  if (service === undefined)
    return { observations: [], refused: [`alarm ${change.alarm.slice(0, 100)} belongs to no service of this stage`] };
  if (change.to !== 'ALARM' && change.to !== 'OK')
    return { observations: [], refused: [`alarm ${change.alarm.slice(0, 100)} changed to ${change.to.slice(0, 40)}`] };
  const observation = `alarm-${sha256(`${change.alarm}\n${change.to}\n${change.at}`).slice(0, 32)}`;
  const summary = `${change.from} to ${change.to}${change.reason === '' ? '' : `: ${change.reason}`}`;
  return {
    observations: environmentsOf(service, change.alarm).map((environment) => ({
      service: service.name,
      environment,
      via,
      observation,
      kind: 'alarm',
      bad: change.to === 'ALARM',
      subject: cut(change.alarm, 200),
      summary: cut(summary, 300),
      observedAt: change.at,
    })),
    refused: [],
  };
};

/** An event takes well-formed text only, and a cut may go through a character. */
const cut = (text: string, length: number): string => text.slice(0, length).toWellFormed();

/** The environment that the alarm's name names as a word; all of them when it names none, for an alarm too many is better than one unseen. */
const environmentsOf = (service: Stage['services'][number], alarm: string): readonly string[] => {
  const words = alarm.toLowerCase().split(/[^a-z0-9]+/);
  const named = service.environments.filter((environment) => words.includes(environment.toLowerCase()));
  return named.length === 0 ? service.environments : named;
};
