import * as z from 'zod';
import { instantSchema } from '../../fields.ts';
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
  /** A deployment that the platform reported and for which the run accounts. `event`: the id that its source gave the deployment. */
  'deployment.seen': defineEvent('any-writer', {
    event: z.string(),
    what: z.string(),
    seenAt: instantSchema,
    digest: z.string().nullable(),
    account: z.string().nullable(),
    /** The component whose platform it is; null where the stage file names none. */
    component: z.string().nullable(),
    /** Whether what was deployed is what runs from `seenAt` on; otherwise the deployment has begun, or it is not known. */
    live: z.boolean(),
    during: z.enum(['deployment', 'rollback']),
  }),
} as const;
