import * as z from 'zod';
import { at, faultsOf, list, type RecordPart, recordKind, text } from './kind.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const readBack = recordKind({
  id: 'read-back',
  description: 'The artifact that runs in an environment, as its platform tells it',
  schema: z.strictObject({
    /** Where it was read: a function and its alias, a service, a deployment. */
    components: list(
      z.strictObject({
        component: text,
        platform: text,
        deployed: digest,
        running: digest.nullable(),
        /** Since when it runs there, where the platform tells it. Tests that were made since then count, and otherwise those since the reading. */
        since: at.optional(),
      }),
    ),
  }),
  limits: { minRunning: { of: 'running', name: 'components that run', is: 'least', bound: { least: 1 } } },
  content: ({ components }) => {
    const parts = components.map(
      ({ component, platform, deployed, running }): RecordPart => ({
        kind: 'component',
        id: component,
        fault:
          running === deployed
            ? null
            : `${component}: ${running === null ? `${platform} runs nothing of it` : `${platform} runs another digest`}`,
      }),
    );
    const times = components.flatMap(({ since }) => since ?? []);
    const last = times.length < components.length ? undefined : times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
    return {
      items: components.length,
      ...(last === undefined ? {} : { from: last }),
      subjects: components.map(({ deployed }) => deployed),
      figures: { running: components.filter(({ deployed, running }) => running === deployed).length },
      once: components.map(({ component, platform }) => `${component} on ${platform}`),
      faults: faultsOf(parts),
      parts,
    };
  },
});
