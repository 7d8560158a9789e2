import { onDemand } from '../../lib/on-demand.ts';
import type { Workflow } from '../../lib/ports.ts';

/** Most calls do not answer the workflow, so the client of Step Functions loads with the first answer. */
export const liveWorkflow = (stateMachine: string): Workflow => {
  const workflow = onDemand(async () => (await import('./step-functions.ts')).stepFunctions(stateMachine));
  return {
    start: async (...given) => (await workflow()).start(...given),
    describe: async (...given) => (await workflow()).describe(...given),
    succeed: async (...given) => (await workflow()).succeed(...given),
    fail: async (...given) => (await workflow()).fail(...given),
  };
};
