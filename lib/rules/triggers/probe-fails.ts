import * as z from 'zod';
import { isType, type Stored } from '../../audit/event.ts';
import { deploymentStartedAt } from '../../folds/deployment.ts';
import { type Measured, type TriggerInputs, triggerRule } from './kind.ts';

/** One failed request is no failure: networks lose some. What counts is a row, also one that several reports show. */
export const probeFails = triggerRule({
  kind: 'trigger-probe-fails/1',
  description: 'A critical probe was answered otherwise than expected several times in a row.',
  parameters: { failuresInARow: z.int().min(1) },
  bounds: { failuresInARow: { least: 2, most: 20 } },
  lanes: ['measurement', 'deployment'],
  concernedBy: (_rule, event) => isType('probe.measured')(event) && event.event.data.critical && event.event.data.failedInARow > 0,
  measure: ({ failuresInARow }, inputs) => {
    const probed = criticalProbes(inputs);
    return [...new Set(probed.map(nameOf))].flatMap((name) => {
      const found = firstRow(
        probed.filter((one) => nameOf(one) === name),
        failuresInARow,
      );
      return found === undefined ? [] : [found];
    });
  },
});

type Probed = Stored<'probe.measured'>;

const nameOf = ({ event: { data } }: Probed): string => JSON.stringify([data.probe, data.component, data.source]);

const criticalProbes = ({ deployment, measurement, since = '' }: TriggerInputs): readonly Probed[] => {
  const started = deploymentStartedAt(deployment);
  if (started === undefined) return [];
  return measurement
    .filter(isType('probe.measured'))
    .filter(({ event: { at, data } }) => data.critical && data.at >= started && at > since)
    .toSorted((a, b) => Date.parse(a.event.data.at) - Date.parse(b.event.data.at));
};

const firstRow = (reports: readonly Probed[], needed: number): Measured | undefined => {
  let row = 0;
  let shown: readonly Probed[] = [];
  for (const report of reports) {
    const { failedInARow, requests, probe } = report.event.data;
    const goesOn = failedInARow >= requests;
    row = (goesOn ? row : 0) + failedInARow;
    shown = failedInARow === 0 ? [] : [...(goesOn ? shown : []), report];
    if (row >= needed)
      return {
        detail: `the critical probe ${probe} failed ${row} times in a row`,
        evidence: [...new Set(shown.map(({ event }) => event.data.evidence))],
      };
  }
  return undefined;
};
