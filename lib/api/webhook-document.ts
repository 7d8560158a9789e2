import * as z from 'zod';
import { type RefusalType, refusalTitles } from '../outcome.ts';
import { maxWebhookBytes } from './github-webhook.ts';
import { type FaultType, faultStatus, faultTitles, problemContentType, problemSchema, problemType, refusalStatus } from './problem.ts';
import { webhooks } from './webhooks.ts';

/** What the webhooks function refuses, and what can break it. */
const refused: readonly RefusalType[] = [
  'unauthenticated',
  'body-malformed',
  'body-too-large',
  'content-type',
  'environment-unknown',
  'limit-reached',
];
const brokenBy: readonly FaultType[] = ['fault', 'busy', 'unavailable', 'trail-damaged'];

const problems = [
  ...refused.map((type) => ({ status: refusalStatus[type], title: refusalTitles[type], type })),
  ...brokenBy.map((type) => ({ status: faultStatus(type), title: faultTitles[type], type })),
];

const problemsOf = (status: number) => ({
  description: problems
    .filter((one) => one.status === status)
    .map(({ title, type }) => `${title} (\`${problemType(type)}\`)`)
    .join('; '),
  content: { [problemContentType]: { schema: problemSchema } },
});

/** GitHub's webhook as the OpenAPI document describes it. */
export const githubWebhookPath = {
  operationId: 'takeGithubWebhook',
  method: 'post' as const,
  path: webhooks.github.path,
  summary: 'Take a webhook of GitHub',
  description:
    'GitHub says that a job waits at an environment which a protection rule of the stage holds (`deployment_protection_rule`). The webhook is signed with the webhook secret of the rule; it proves nothing, and GitHub is asked before the job is answered.',
  tags: ['webhooks'],
  security: [{ 'github-signature': [] }],
  request: {
    headers: z.object({ 'X-GitHub-Event': z.string().meta({ description: 'The event. Of others nothing is recorded.' }) }),
    body: {
      required: true,
      description: `The webhook as GitHub sends it, at most ${maxWebhookBytes} bytes.`,
      content: { 'application/json': { schema: z.looseObject({}).meta({ description: 'Documented by GitHub.' }) } },
    },
  },
  responses: {
    '202': {
      description: 'Taken: recorded, recorded before, or of an event of which nothing is recorded.',
      content: {
        'application/json': {
          schema: z.object({
            recorded: z.boolean(),
            event: z.string().optional(),
            alreadyRecorded: z.boolean().optional(),
            reason: z.string().optional(),
          }),
        },
      },
    },
    ...Object.fromEntries([...new Set(problems.map(({ status }) => status))].map((status) => [String(status), problemsOf(status)])),
  },
};
