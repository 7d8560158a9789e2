import * as z from 'zod';
import { at, list, most, recordKind, text } from './kind.ts';

export const heartbeat = recordKind({
  id: 'heartbeat',
  description: 'When each tool of monitoring last received something',
  schema: z.strictObject({ tools: list(z.strictObject({ name: text, lastReceivedAt: at.nullable() })) }),
  limits: {
    minTools: { of: 'tools', name: 'tools of monitoring', is: 'least', bound: { least: 1 } },
    maxSilentSeconds: { of: 'longestSilentSeconds', name: 'longest silence of a tool', is: 'most', unit: 's', bound: { most: 86_400 } },
  },
  content: ({ tools }, made) => ({
    items: tools.length,
    figures: {
      tools: tools.length,
      longestSilentSeconds: most(
        tools.flatMap(({ lastReceivedAt }) => (lastReceivedAt === null ? [] : [Math.max(0, made - Date.parse(lastReceivedAt)) / 1000])),
      ),
    },
    once: tools.map(({ name }) => name),
    faults: tools.filter(({ lastReceivedAt }) => lastReceivedAt === null).map(({ name }) => `${name} has received nothing`),
  }),
});
