import * as z from 'zod';
import { list, recordKind, text } from './kind.ts';

/** `ready` is what counts; a producer that cannot map its platform's word says `unknown`. */
const states = ['ready', 'creating', 'failed', 'missing', 'unknown'] as const;

export const resources = recordKind({
  id: 'resources',
  description: 'Deployed resources, their state, and whether they differ from their template',
  schema: z.strictObject({
    resources: list(
      z.strictObject({
        name: text,
        kind: text,
        state: z.enum(states),
        /** The version that can be read back, where the resource has versions. */
        version: text.optional(),
        drift: z.enum(['none', 'drifted', 'unknown']).optional(),
      }),
    ),
  }),
  limits: {
    minReady: { of: 'ready', name: 'resources that are ready', is: 'least', bound: { least: 1 } },
    minVersioned: { of: 'versioned', name: 'resources with a version', is: 'least', bound: {} },
    minCompared: {
      of: 'compared',
      name: 'resources that were compared with the template',
      is: 'least',
      unit: 'compared with the template',
      bound: {},
    },
  },
  content: ({ resources: all }) => ({
    items: all.length,
    figures: {
      ready: all.filter(({ state }) => state === 'ready').length,
      versioned: all.filter(({ version }) => version !== undefined).length,
      compared: all.filter(({ drift }) => drift === 'none').length,
    },
    doubts: {
      ...doubt(
        'versioned',
        all.find(({ version }) => version === undefined),
        'has no version, so nothing can be read back',
      ),
      ...doubt(
        'compared',
        all.find(({ drift }) => drift === undefined),
        'was not compared with its template',
      ),
    },
    once: all.map(({ name, kind }) => `${kind} ${name}`),
    faults: all.flatMap(({ name, kind, state, drift }) => [
      ...(state === 'ready' ? [] : [`${kind} ${name} is ${state}`]),
      ...(drift === undefined || drift === 'none'
        ? []
        : [`${kind} ${name}: ${drift === 'drifted' ? 'differs from its template' : 'whether it differs from its template is not known'}`]),
    ]),
  }),
});

/** One thing without the figure's proof leaves the figure open: the check is about each of them. */
const doubt = (
  figure: string,
  lacking: { readonly name: string; readonly kind: string } | undefined,
  why: string,
): Record<string, string> => (lacking === undefined ? {} : { [figure]: `${lacking.kind} ${lacking.name} ${why}` });
