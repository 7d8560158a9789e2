import type { Judged, Measurement, Measures, SomeFacts } from './measures.ts';
import { metricSeriesMeasures } from './metric-series.ts';
import { probesMeasures } from './probes.ts';
import { seriesMeasures } from './series.ts';

export type { Measurement } from './measures.ts';

/** The evidence types that measure something. They are no part of the types' own modules, so that who reads facts bundles no parser. */
const all: readonly Measures[] = [seriesMeasures, metricSeriesMeasures, probesMeasures];

/** Whether reports that the rules on this type of evidence judge measure something. */
export const isMeasuring = (type: string): boolean => all.some(({ evidence }) => evidence === type);

/** What a report measured; nothing where its type measures nothing, or it could not be read. */
export const measurementsOf = (facts: SomeFacts, judged: Judged): readonly Measurement[] => all.flatMap((one) => one.read(facts, judged));
