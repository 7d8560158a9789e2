import * as z from 'zod';
import { defineEvent } from '../event-definition.ts';

export const deploymentStates = ['started', 'finished', 'failed'] as const;

const report = defineEvent('any-writer', { component: z.string(), digest: z.string(), producer: z.string() });

export const deploymentEvents = {
  /** The deployment may start and the run can no longer be cancelled. In the run's own lane, as a cancellation: the first of both counts. */
  'deployment.admitted': defineEvent('any-writer', { component: z.string() }),
  'deployment.started': report,
  'deployment.finished': report,
  'deployment.failed': report,
  /** What the platform says that it runs. `before`: read before the deployment, so that there is something to go back to. */
  'deployment.read-back': defineEvent('any-writer', {
    component: z.string(),
    before: z.boolean(),
    /** Null where the platform cannot be read; `detail` says why. */
    digest: z.string().nullable(),
    reference: z.string().nullable(),
    detail: z.string(),
  }),
} as const;
