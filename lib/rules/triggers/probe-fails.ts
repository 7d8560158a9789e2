import * as z from 'zod';
import { isType, type Stored } from '../../audit/event.ts';
import { deploymentStartedAt } from '../../folds/deployment.ts';
import { firstInARow } from '../../folds/measurements.ts';
import { counted } from '../../wording.ts';
import { atLeast } from '../parameter-words.ts';
import { isNew, type Measured, type TriggerInputs, triggerRule } from './kind.ts';

/** One failed request is no failure: a look tries so often in a row as the stage file says (`inARow` of a probe, 3 by default). */
export const probeFails = triggerRule({
  kind: 'trigger-probe-fails/1',
  description: 'A critical probe failed at several looks in a row, at each of them so many times in a row as the stage file says.',
  parameters: { looksInARow: z.int().min(1) },
  words: { looksInARow: atLeast('failed looks in a row') },
  bounds: { looksInARow: { least: 1, most: 10 } },
  lanes: ['measurement', 'deployment'],
  concernedBy: (_rule, event) => isType('probe.measured')(event) && event.event.data.critical && event.event.data.outcome === 'failed',
  measure: ({ looksInARow }, inputs) => {
    const looks = criticalLooks(inputs);
    return [...new Set(looks.map(nameOf))].flatMap((name) => {
      const own = looks.filter((one) => nameOf(one) === name);
      const found = firstRow(own, looksInARow);
      return found === undefined ? [] : [found];
    });
  },
});

type Look = Stored<'probe.measured'>;

const nameOf = ({ event: { data } }: Look): string => JSON.stringify([data.probe, data.component, data.source]);

const criticalLooks = ({ deployment, measurement, ...decided }: TriggerInputs): readonly Look[] => {
  const started = deploymentStartedAt(deployment);
  if (started === undefined) return [];
  return measurement
    .filter(isType('probe.measured'))
    .filter(({ event: { at, data } }) => data.critical && data.at >= started && isNew(decided, at, data.evidence))
    .toSorted((a, b) => Date.parse(a.event.data.at) - Date.parse(b.event.data.at));
};

const firstRow = (looks: readonly Look[], needed: number): Measured | undefined => {
  const row = firstInARow(looks, needed, ({ event }) => event.data.outcome === 'failed');
  return row === undefined ? undefined : found(row);
};

const found = (row: readonly Look[]): Measured => {
  const [tries, failed] = [sum(row, 'tries'), sum(row, 'failed')];
  const looks = row.length === 1 ? '' : ` at ${row.length} looks in a row`;
  return {
    detail: `the critical probe ${row[0]?.event.data.probe} failed${looks}: ${failed} of ${counted(tries, 'try', 'tries')}`,
    evidence: [...new Set(row.map(({ event }) => event.data.evidence))],
  };
};

const sum = (row: readonly Look[], member: 'tries' | 'failed'): number => row.reduce((all, { event }) => all + event.data[member], 0);
