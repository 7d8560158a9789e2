import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { defineEvent } from '../event-definition.ts';
import { endSchema, runningSchema } from './run.ts';

/** How far a release came that is live in an environment. */
export const liveLevels = ['adopted', 'deployed', 'deployment-success', 'production-stable'] as const;

/** Events of the scope `environment/<service>/<environment>`. */
export const environmentEvents = {
  /** In lane `claim`: the run holds the environment alone. `supersedes`: the run that held it before, whose review it ends. */
  'environment.claimed': defineEvent('reconciler', {
    run: z.string(),
    why: z.enum(['t0', 'rollback']),
    supersedes: z.string().nullable(),
  }),
  /** In lane `claim`: the run passed Deployment Success; a newer run may claim the environment from now on. */
  'environment.shared': defineEvent('reconciler', { run: z.string() }),
  /** In lane `claim`: `by` is the person who freed it where no execution could. */
  'environment.freed': defineEvent(({ by }) => (by === null ? ['reconciler'] : ['people']), {
    run: z.string(),
    end: endSchema.nullable(),
    by: z.string().nullable(),
    reason: digestSchema.nullable(),
  }),
  /** In lane `live`: what is live now, and how far it came. */
  'environment.live': defineEvent('reconciler', {
    run: z.string(),
    version: z.string(),
    level: z.enum(liveLevels),
    components: z.array(runningSchema),
    /** A run whose waiting windows were shortened is no rollback target of one whose were not. */
    waitScale: z.number(),
    /** Whether a rollback trigger was recorded in the run. */
    triggered: z.boolean(),
  }),
} as const;
