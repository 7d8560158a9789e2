import type { Stored } from '../audit/event.ts';
import { excerpt } from '../canonical-json.ts';
import { isDeploymentReport, lastReportOf } from '../folds/deployment.ts';
import type { Judgement } from '../verdict.ts';
import { computedRule } from './kind.ts';

/**
 * Computed from the order of the deployment reports in their lane, which no clock decides. A component on which another one builds must
 * run, so its deployment must have finished, when the deployment of the other one starts.
 */
export const startedInOrder = computedRule({
  kind: 'started-in-order/1',
  description: 'Every component was started after those that the stage names as its predecessors.',
  parameters: {},
  bounds: {},
  lanes: ['deployment'],
  supplier: 'deployment',
  concernedBy: (_rule, event) => isDeploymentReport(event),
  judge: (_rule, { release: { artifacts, startOrder }, lanes: { deployment } }) => {
    const released = artifacts.map(({ component }) => component);
    const order = released.map((component) => ({ component, known: startOrder?.find((one) => one.component === component) }));
    for (const { component, known } of order) {
      const early = (known?.after ?? []).find((other) => released.includes(other) && !ranBefore(deployment, other, component));
      if (early !== undefined && startOf(deployment, component) !== undefined) return tooSoon(component, early);
    }
    if (released.some((component) => lastReportOf(deployment, component)?.event.type !== 'deployment.finished')) return undefined;
    if (released.length === 1) return { verdict: 'pass', reason: `${released[0]} is the only component` };
    const unknown = order.filter(({ known }) => known === undefined).map(({ component }) => component);
    if (unknown.length > 0)
      return {
        verdict: 'inconclusive',
        reason: excerpt(`when the run started, the stage named no start order for ${unknown.join(', ')}`, 300),
      };
    return { verdict: 'pass', reason: excerpt(`${released.length} components were started in the order of the stage`, 300) };
  },
});

const startOf = (lane: readonly Stored[], component: string): Stored | undefined =>
  lane.filter(isDeploymentReport).findLast(({ event }) => event.type === 'deployment.started' && event.data.component === component);

const ranBefore = (lane: readonly Stored[], first: string, then: string): boolean => {
  const seq = startOf(lane, then)?.event.seq ?? 0;
  const before = lane.filter(({ event }) => event.seq < seq);
  return lastReportOf(before, first)?.event.type === 'deployment.finished';
};

const tooSoon = (component: string, other: string): Judgement => ({
  verdict: 'fail',
  reason: excerpt(`${component} was started before the deployment of ${other} had finished; deploy ${component} again`, 300),
});
