import * as z from 'zod';
import { alarmStates, healthOf } from '../fields.ts';
import { foreignText, instant, insteadOfUpload, reportOf } from './collected.ts';
import { isHoldpointRecord } from './content.ts';
import { evidenceType, mostJson } from './kind.ts';
import { type Parsed, timeOfParts } from './report-time.ts';

const mostUnheard = 50;

const facts = z.strictObject({
  type: z.literal('alarm-state'),
  at: z.string().describe('read at'),
  /** Why the alarms could not be read; null when they were. */
  unread: z.string().nullable().describe('why they could not be read'),
  alarms: z
    .array(
      z.strictObject({
        name: z.string(),
        /** Null: there is no such alarm. */
        state: z.enum(alarmStates).nullable(),
        stateSince: z.string().nullable(),
        actionsEnabled: z.boolean(),
        actions: z.int().min(0),
      }),
    )
    .describe('alarms'),
  /** How often the alarms went off since an instant, and which of these times the run was not fed. Null where nobody asked. */
  history: z
    .strictObject({
      since: z.string().describe('since'),
      unread: z.string().nullable().describe('why it could not be read'),
      wentOff: z.int().min(0).describe('times that an alarm went off'),
      unheard: z.array(z.strictObject({ alarm: z.string(), at: z.string() })).describe('first times that were not reported'),
      unheardCount: z.int().min(0).describe('times that were not reported'),
    })
    .nullable()
    .describe('history'),
});
export type AlarmStateFacts = z.infer<typeof facts>;

const reportSchema = z.strictObject({
  schema: z.literal('holdpoint.alarm-state/1'),
  at: instant,
  unread: foreignText(200).nullable(),
  alarms: z
    .array(
      z.strictObject({
        name: foreignText(255),
        state: z.enum(alarmStates).nullable(),
        stateSince: instant.nullable(),
        actionsEnabled: z.boolean(),
        actions: z.int().min(0),
      }),
    )
    .max(1000),
  history: z
    .strictObject({
      since: instant,
      unread: foreignText(200).nullable(),
      /** Every time that an alarm went into ALARM; `heard`: the run has an observation of it. */
      wentOff: z.array(z.strictObject({ alarm: foreignText(255), at: instant, heard: z.boolean() })).max(10_000),
    })
    .nullable(),
});
/** What the collector writes. */
export type AlarmStateReport = z.input<typeof reportSchema>;

export const alarmState = evidenceType({
  id: 'alarm-state',
  description: "State of the service's CloudWatch alarms, and what their history says beside the feed",
  insteadOfUpload,
  fileNames: [],
  mediaTypes: ['application/json'],
  maxBytes: mostJson,
  facts,
  recognises: ({ json }) => isHoldpointRecord(json, 'alarm-state'),
  fieldWords: ({ alarms, unread }) => ({
    alarms: alarms.length,
    red: alarms.filter(({ state }) => state !== null && healthOf(state) === 'bad').length,
    unread,
  }),
  parse: (bytes) => parse(bytes),
  sample: 'collected-alarm-state.json',
});

const expected = '{ "schema": "holdpoint.alarm-state/1", "at", "unread", "alarms": [...], "history" }';

const parse = (bytes: Uint8Array): Parsed<AlarmStateFacts> => {
  const read = reportOf(reportSchema, bytes, expected);
  if (read.refused) return read;
  const { at, unread, alarms, history } = read.ok;
  const unheard = history?.wentOff.filter(({ heard }) => !heard).map(({ alarm, at: instantOf }) => ({ alarm, at: instantOf })) ?? [];
  const made = Date.parse(at);
  return {
    reportTime: timeOfParts([{ from: made, to: made }]),
    ok: {
      type: 'alarm-state',
      at,
      unread,
      alarms,
      history:
        history === null
          ? null
          : {
              since: history.since,
              unread: history.unread,
              wentOff: history.wentOff.length,
              unheard: unheard.slice(0, mostUnheard),
              unheardCount: unheard.length,
            },
    },
  };
};
