import * as z from 'zod';
import { nameSchema } from '../../fields.ts';
import { profileAnswerSchema, profileParametersSchema } from '../../run/commands/inputs.ts';
import { operation } from '../operation.ts';
import { json, noBody, none, recorded } from '../parameters.ts';
import { profileAnsweredSchema, profileProposedSchema, profileViewSchema } from '../responses.ts';

/** Of a profile's file. */
const maxProfileBytes = 128 * 1024;

const ofService = z.strictObject({ service: nameSchema.meta({ description: 'A service of the stage.' }) });

/** What a service says of itself: proposed by a person, approved by two others. */
export const profileOperations = {
  readProfile: operation({
    method: 'GET',
    path: '/v1/services/{service}/profile',
    function: 'audit',
    who: 'any-caller',
    summary: 'Read the profile of a service',
    description:
      'The profile in force, the open proposal with its answers, and how the proposal differs from what is in force: checks with figures before and after, deviations, observed checks, features. People who hold a role are also shown the reasons.',
    params: ofService,
    query: none,
    body: noBody,
    answer: { status: 200, description: 'What is registered.', schema: profileViewSchema },
    refusals: ['service-unknown', 'definition-unknown', 'role-missing'],
  }),
  proposeProfile: operation({
    method: 'PUT',
    path: '/v1/services/{service}/profile',
    function: 'people',
    who: 'person',
    summary: 'Propose the profile of a service',
    description:
      'The body is the file, YAML or JSON, 128 KB at most. It is checked and applied to the checklist of the stage; a refusal lists every mistake with line and column. A later proposal takes the place of an open one. It is in force once a technical lead and an operations lead have approved it.',
    params: ofService,
    query: profileParametersSchema,
    body: {
      kind: 'raw',
      maxBytes: maxProfileBytes,
      holds: { name: 'profile', mediaTypes: ['application/yaml', 'application/json', 'application/octet-stream'] },
    },
    answer: {
      status: 200,
      description: 'Proposed, or only checked. The same content for the same checklist returns the same event.',
      schema: profileProposedSchema,
    },
    refusals: ['service-unknown', 'role-missing', 'profile-invalid', 'definition-unknown', 'limit-reached', 'body-too-large'],
  }),
  answerProfile: operation({
    method: 'POST',
    path: '/v1/services/{service}/profile/approval',
    function: 'people',
    who: 'person',
    summary: 'Approve or reject the profile of a service',
    description:
      'One technical lead and one operations lead approve the open proposal: two people, neither of whom has proposed it. One rejection ends it, with a reason. What is approved is the profile together with the definition that it gives.',
    params: ofService,
    query: none,
    body: json(profileAnswerSchema),
    answer: recorded(profileAnsweredSchema),
    refusals: [
      'service-unknown',
      'role-missing',
      'sign-in-stale',
      'profile-unknown',
      'profile-own',
      'profile-answered',
      'profile-outdated',
    ],
  }),
};
