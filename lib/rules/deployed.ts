import { excerpt } from '../canonical-json.ts';
import { isDeploymentReport, lastReportOf } from '../folds/deployment.ts';
import { computedRule } from './kind.ts';

export const deployed = computedRule({
  kind: 'deployed/1',
  description: 'Every component was reported as deployed, with the digest that the run releases.',
  parameters: {},
  bounds: {},
  lanes: ['deployment'],
  concernedBy: (_rule, event) => isDeploymentReport(event),
  judge: (_rule, { release: { artifacts }, lanes }) => {
    const last = artifacts.map(({ component }) => {
      const event = lastReportOf(lanes.deployment, component)?.event;
      return { component, report: event?.type, digest: event?.data.digest ?? '' };
    });
    const failed = last.find(({ report }) => report === 'deployment.failed');
    if (failed !== undefined) return { verdict: 'fail', reason: `the deployment of ${failed.component} was reported as failed` };
    if (last.some(({ report }) => report !== 'deployment.finished')) return undefined;
    const digests = last.map(({ component, digest }) => `${component} ${digest.slice(7, 19)}`).join(', ');
    return {
      verdict: 'pass',
      reason: excerpt(
        `${artifacts.length} of ${artifacts.length} components deployed; the digests read back are the run's: ${digests}`,
        300,
      ),
    };
  },
});
