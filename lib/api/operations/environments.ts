import * as z from 'zod';
import { nameSchema } from '../../fields.ts';
import { announcementSchema, explanationSchema, freeSchema, targetInputSchema } from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { json, noBody, none, recorded } from '../parameters.ts';
import {
  changeExplainedSchema,
  environmentFreedSchema,
  environmentViewSchema,
  targetNamedSchema,
  workAnnouncedSchema,
} from '../responses.ts';

const place = {
  service: nameSchema.meta({ description: 'A service of the stage.' }),
  environment: nameSchema.meta({ description: 'One of its environments.' }),
};
const inEnvironment = z.strictObject(place);
const changeParam = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'the id of an audit event: 32 characters, lower-case hex')
  .meta({ description: 'Id of a change that the environment lists.' });

/** What concerns an environment and no single run. */
export const environmentOperations = {
  readEnvironment: operation({
    method: 'GET',
    path: '/v1/environments/{service}/{environment}',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read an environment',
    description:
      'Which run holds the environment, what is live in it, where a rollback would lead, the newest drill of the service, the planned work that is announced, and the deployments that were seen without a released run. People who hold a role are also shown the explanations.',
    params: inEnvironment,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'The environment.', schema: environmentViewSchema },
    refusals: ['environment-unknown', 'role-missing'],
  }),
  adoptTarget: operation({
    method: 'POST',
    path: '/v1/environments/{service}/{environment}/target',
    function: 'people',
    who: 'person',
    summary: 'Name a rollback target',
    description:
      'For the first release of a service: names the version that runs as the one to go back to, or accepts that a rollback takes the service away. One operations lead and one technical lead send the same; the second request adopts what the first one proposed within seven days. Where Holdpoint can read the platform, the version becomes a target when the platform has confirmed it, at T0 of the next run.',
    params: inEnvironment,
    query: none,
    body: json(targetInputSchema),
    answer: recorded(targetNamedSchema),
    refusals: ['environment-unknown', 'role-missing', 'sign-in-stale', 'target-known'],
  }),
  freeEnvironment: operation({
    method: 'POST',
    path: '/v1/environments/{service}/{environment}/free',
    function: 'people',
    who: 'person',
    summary: 'Free an environment',
    description:
      'Takes the environment from a run that has ended, or of which nothing was recorded for three hours. Every end of a run frees its environment by itself, except a rollback that could not be carried out.',
    params: inEnvironment,
    query: none,
    body: json(freeSchema),
    answer: recorded(environmentFreedSchema),
    refusals: ['environment-unknown', 'role-missing', 'sign-in-stale', 'environment-free', 'environment-in-use'],
  }),
  explainChange: operation({
    method: 'POST',
    path: '/v1/environments/{service}/{environment}/changes/{change}/explanation',
    function: 'people',
    who: 'person',
    summary: 'Explain a change',
    description: 'Says what a deployment was that was seen without a released run. Until then no run passes T0 there.',
    params: z.strictObject({ ...place, change: changeParam }),
    query: none,
    body: json(explanationSchema),
    answer: recorded(changeExplainedSchema),
    refusals: ['environment-unknown', 'role-missing', 'starter-excluded', 'change-unknown'],
  }),
  announceWork: operation({
    method: 'POST',
    path: '/v1/environments/{service}/{environment}/announcements',
    function: 'people',
    who: 'any-caller',
    summary: 'Announce planned work',
    description:
      'Says before it happens that an alarm will be tested or that a component will be restarted, for four hours at most. What the feeds report of it within that time is shown with who announced it and why, and counts for no trigger and no review, and nobody has to label it; an alarm that is still red at the end counts from then on. For people who operate the service, except who started a run that is open there; CI jobs are refused.',
    params: inEnvironment,
    query: none,
    body: json(announcementSchema),
    answer: recorded(workAnnouncedSchema),
    refusals: ['environment-unknown', 'role-missing', 'starter-excluded', 'announced-subject', 'announced-window', 'limit-reached'],
  }),
};
