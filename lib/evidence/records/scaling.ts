import * as z from 'zod';
import { counted } from '../../wording.ts';
import { amount, at, count, earliest, list, most, recordKind, text } from './kind.ts';

export const scaling = recordKind({
  id: 'scaling',
  description: 'Load and instances of a component over time: it grows under load, and shrinks again',
  schema: z.strictObject({
    component: text,
    /** In the order of their times. `load`: requests per minute. */
    samples: list(z.strictObject({ at, load: amount, instances: count, failedRequests: count })),
  }),
  limits: {
    minSamples: { of: 'samples', name: 'samples', is: 'least', bound: { least: 3 } },
    minGrowth: { of: 'growth', name: 'instances by which it grows', is: 'least', unit: 'instances', bound: { least: 1 } },
    maxFailedPct: { of: 'failedPct', name: 'failed requests', is: 'most', unit: '%', bound: { most: 5 } },
  },
  content: ({ component, samples }) => {
    const [first, last] = [samples[0], samples.at(-1)];
    const began = earliest(samples.map((one) => one.at));
    const largest = most(samples.map(({ instances }) => instances));
    const peak = most(samples.map(({ load }) => load));
    const requests = samples.reduce((sum, one) => sum + one.load, 0);
    const failed = samples.reduce((sum, one) => sum + one.failedRequests, 0);
    const back = samples.findIndex(({ at: time }, place) => place > 0 && Date.parse(time) <= Date.parse(samples[place - 1]?.at ?? time));
    return {
      items: samples.length,
      ...(began === undefined ? {} : { from: began }),
      figures: {
        samples: samples.length,
        peakLoad: peak,
        growth: first === undefined || largest === null ? null : largest - first.instances,
        failedPct: requests === 0 ? null : (failed * 100) / requests,
      },
      faults: [
        ...(back > 0 ? [`sample ${back + 1} is not later than the one before`] : []),
        ...samples.flatMap(({ load, failedRequests }, place) =>
          failedRequests > load ? [`sample ${place + 1} counts ${counted(failedRequests, 'failed request')} of ${load}`] : [],
        ),
        ...(first !== undefined && last !== undefined && last.instances > first.instances
          ? [`${component} did not shrink again: ${last.instances} instances at the end, ${first.instances} at the start`]
          : []),
        ...(first !== undefined && peak !== null && peak <= first.load ? [`the load of ${component} never grew`] : []),
      ],
    };
  },
});
