import * as z from 'zod';
import { list, recordKind, text } from './kind.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const readBack = recordKind({
  id: 'read-back',
  description: 'The artifact that runs in an environment, as its platform tells it',
  schema: z.strictObject({
    /** Where it was read: a function and its alias, a service, a deployment. */
    components: list(z.strictObject({ component: text, platform: text, deployed: digest, running: digest.nullable() })),
  }),
  limits: { minRunning: { of: 'running', is: 'least', bound: { least: 1 } } },
  content: ({ components }) => ({
    items: components.length,
    subjects: components.map(({ deployed }) => deployed),
    figures: { running: components.filter(({ deployed, running }) => running === deployed).length },
    faults: components.flatMap(({ component, platform, deployed, running }) => {
      if (running === deployed) return [];
      return [`${component}: ${running === null ? `${platform} runs nothing of it` : `${platform} runs another digest`}`];
    }),
  }),
});
