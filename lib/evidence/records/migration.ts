import * as z from 'zod';
import { amount, list, recordKind, text } from './kind.ts';

const ran = z.strictObject({ ended: z.enum(['done', 'failed', 'not-run']), seconds: amount });

export const migration = recordKind({
  id: 'migration',
  description: 'Migration scripts that ran in staging, up and down',
  schema: z.strictObject({
    scripts: list(
      z.strictObject({
        name: text,
        up: ran,
        /** A script that cannot be undone says why; its way back is the backup. */
        down: z.union([ran, z.strictObject({ impossible: text })]),
      }),
    ),
  }),
  limits: { minScripts: { of: 'scripts', name: 'scripts', is: 'least', bound: { least: 1 } } },
  content: ({ scripts }) => ({
    items: scripts.length,
    figures: {
      scripts: scripts.length,
      undone: scripts.filter(({ down }) => 'ended' in down && down.ended === 'done').length,
      impossible: scripts.filter(({ down }) => 'impossible' in down).length,
    },
    once: scripts.map(({ name }) => name),
    faults: scripts.flatMap(({ name, up, down }) => [
      ...(up.ended === 'done' ? [] : [`${name}: ${up.ended}`]),
      ...('ended' in down && down.ended !== 'done' ? [`${name}, undone: ${down.ended}`] : []),
    ]),
  }),
});
