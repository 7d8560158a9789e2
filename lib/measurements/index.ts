import type { Judged, Measurement, Measures } from './measures.ts';
import { metricSeriesMeasures } from './metric-series.ts';
import { probesMeasures } from './probes.ts';
import { seriesMeasures } from './series.ts';

export type { Measurement } from './measures.ts';

/** The evidence types that measure something. They are no part of the types' own modules, so that who reads facts bundles no parser. */
const all: readonly Measures[] = [seriesMeasures, metricSeriesMeasures, probesMeasures];

/** Their ids. */
export const measuringTypes: ReadonlySet<string> = new Set(all.map(({ evidence }) => evidence));

/** What a report measured; nothing where its type measures nothing, or it could not be read. */
export const measurementsOf = (facts: { readonly type: string }, judged: Judged): readonly Measurement[] =>
  all.flatMap((one) => one.read(facts, judged));
