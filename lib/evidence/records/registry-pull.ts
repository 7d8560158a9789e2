import * as z from 'zod';
import { faultsOf, list, type RecordPart, recordKind, text } from './kind.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const registryPull = recordKind({
  id: 'registry-pull',
  description: 'Artifacts that the role of the deployment fetched from the registry, with the digests that came',
  schema: z.strictObject({
    registry: text,
    /** The role that fetched: the one that deploys. */
    by: text,
    artifacts: list(z.strictObject({ component: text, asked: digest, got: digest.nullable() })),
  }),
  limits: { minFetched: { of: 'fetched', name: 'artifacts that were fetched', is: 'least', bound: { least: 1 } } },
  content: ({ registry, artifacts }) => {
    const parts = artifacts.map(
      ({ component, asked, got }): RecordPart => ({
        kind: 'component',
        id: component,
        fault: got === asked ? null : `${component}: ${got === null ? `${registry} did not give it` : `${registry} gave another digest`}`,
      }),
    );
    return {
      items: artifacts.length,
      subjects: artifacts.map(({ asked }) => asked),
      figures: { fetched: artifacts.filter(({ asked, got }) => got === asked).length },
      once: artifacts.map(({ component, asked }) => `${component} with the digest ${asked.slice(7, 19)}`),
      faults: faultsOf(parts),
      parts,
    };
  },
});
