import * as z from 'zod';
import { inboxSchema as inbox } from '../../query/inbox.ts';
import { roleSchema } from '../../roles.ts';
import { operation } from '../operation.ts';
import { noBody, none } from '../parameters.ts';
import { runViewSchema } from '../responses.ts';

export const inboxAnswerSchema = inbox
  .extend({ people: runViewSchema.shape.people })
  .meta({ id: 'Inbox', description: 'What waits for the person who asks.' });

export const meSchema = z.object({
  kind: z.enum(['person', 'ci']),
  id: z.string(),
  name: z.string().nullable().meta({ description: 'Of a person; null for a CI identity.' }),
  roles: z.array(roleSchema).readonly(),
  services: z
    .array(z.string())
    .readonly()
    .meta({ description: 'For which it may act. A role of a person counts for every service of the stage.' }),
  environments: z.array(z.string()).readonly().nullable().meta({ description: 'Of a CI identity that is bound to some; null: all.' }),
  signedInAt: z.string().nullable().meta({ description: 'The last sign-in with the provider; null for a CI identity.' }),
  mayDecideUntil: z
    .string()
    .nullable()
    .meta({ description: 'Until when the sign-in is young enough to approve and to make exceptions; null for a CI identity.' }),
});

/** What concerns the caller. */
export const inboxOperations = {
  readInbox: operation({
    method: 'GET',
    path: '/v1/inbox',
    function: 'audit',
    who: 'person',
    summary: 'Read what waits for me',
    description:
      'Most urgent first: approvals that invite the person, rollback decisions and steps that wait for one of the roles, open incidents, checks of open gates that the person supplies, bad observations without a label, follow-ups, proposed profiles, standing evidence to confirm, and changes to explain. At most 25 runs are read; `runsLeftOut` says when there are more, and `unreadable` how many trails are damaged.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The items.', schema: inboxAnswerSchema },
    refusals: ['role-missing'],
  }),
  readMe: operation({
    method: 'GET',
    path: '/v1/me',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read who I am',
    description: 'The person or the CI identity behind the token, with its roles and services.',
    params: none,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The caller.', schema: meSchema },
    refusals: [],
  }),
};
