import * as z from 'zod';
import { at, list, recordKind, text } from './kind.ts';

export const alarmTest = recordKind({
  id: 'alarm-test',
  description: 'Alarms that were driven over their threshold, and when each went off and came back',
  schema: z.strictObject({
    /** Every alarm that is configured: one that was not tested is not proved. */
    configured: list(text),
    tested: list(z.strictObject({ alarm: text, threshold: text, drivenAt: at, wentOffAt: at.nullable(), cameBackAt: at.nullable() })),
  }),
  limits: { minAlarms: { of: 'proved', name: 'alarms that went off and came back', is: 'least', bound: { least: 1 } } },
  content: ({ configured, tested }) => {
    const names = new Set(tested.map(({ alarm }) => alarm));
    const isProved = (one: (typeof tested)[number]): boolean => faultOf(one) === undefined;
    return {
      items: configured.length + tested.length,
      figures: { configured: configured.length, proved: tested.filter(isProved).length },
      measured: tested.map(({ drivenAt, wentOffAt, cameBackAt }) => cameBackAt ?? wentOffAt ?? drivenAt),
      once: tested.map(({ alarm }) => alarm),
      faults: [
        ...configured.filter((alarm) => !names.has(alarm)).map((alarm) => `${alarm} was not tested`),
        ...tested.flatMap((one) => faultOf(one) ?? []),
      ],
    };
  },
});

type Tested = { readonly alarm: string; readonly drivenAt: string; readonly wentOffAt: string | null; readonly cameBackAt: string | null };
const faultOf = ({ alarm, drivenAt, wentOffAt, cameBackAt }: Tested): string | undefined => {
  if (wentOffAt === null) return `${alarm} did not go off`;
  if (cameBackAt === null) return `${alarm} did not come back`;
  const inOrder = Date.parse(drivenAt) <= Date.parse(wentOffAt) && Date.parse(wentOffAt) <= Date.parse(cameBackAt);
  return inOrder ? undefined : `${alarm}: its times are not in order`;
};
