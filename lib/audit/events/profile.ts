import * as z from 'zod';
import { digestSchema } from '../../fields.ts';
import { profileRoles } from '../../roles.ts';
import { defineEvent } from '../event-definition.ts';

export const profileAnswers = ['approved', 'rejected'] as const;
export type ProfileAnswer = (typeof profileAnswers)[number];

/**
 * The profile that a run pins at its start. `base`: the checklist to which it was applied, which a new deployment of the stage may have
 * changed since the approval. `proposal`: the event `profile.proposed`. proposed: it was not approved yet, so that the run's first gate waits.
 */
export const pinnedProfileSchema = z.strictObject({
  digest: digestSchema,
  base: digestSchema,
  proposal: z.string(),
  state: z.enum(['in-force', 'proposed']),
});
export type PinnedProfile = z.infer<typeof pinnedProfileSchema>;

/** What people approve: the profile together with the definition that it gives. */
const about = { profile: digestSchema, definition: digestSchema } as const;

/** Events of the scope `service/<service>`, lane `profile`. */
export const profileEvents = {
  /** A later proposal takes the place of an open one. `base`: the checklist to which the profile was applied. */
  'profile.proposed': defineEvent('people', { ...about, base: digestSchema, by: z.string() }),
  /** `proposal`: the event that is answered. `roles`: the approving roles that the person held. `reason`: digest of the words. */
  'profile.answered': defineEvent('people', {
    ...about,
    proposal: z.string(),
    answer: z.enum(profileAnswers),
    by: z.string(),
    roles: z.array(z.enum(profileRoles)).min(1),
    reason: digestSchema.nullable(),
  }),
} as const;
