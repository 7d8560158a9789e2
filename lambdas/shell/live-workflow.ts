import type { Workflow } from '../../lib/ports.ts';
import { lazily } from './aws-clients.ts';

/** Most calls do not answer the workflow, so the client of Step Functions loads with the first answer. */
export const liveWorkflow = (stateMachine: string): Workflow => {
  const workflow = lazily(async () => (await import('./step-functions.ts')).stepFunctions(stateMachine));
  return {
    start: async (...given) => (await workflow()).start(...given),
    describe: async (...given) => (await workflow()).describe(...given),
    succeed: async (...given) => (await workflow()).succeed(...given),
    fail: async (...given) => (await workflow()).fail(...given),
  };
};
