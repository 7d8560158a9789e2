import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
/** The block of the README that begins with this file's name. */
const workflowOf = (file: string): unknown =>
  parse(new RegExp(`\`\`\`yaml\\n(# ${file.replaceAll('.', '\\.')}\\n[\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? '', {
    strict: true,
  });

const texts = z.record(z.string(), z.string());
const stepSchema = z.union([
  z.strictObject({ uses: z.string().regex(/^[\w-]+\/[\w-]+@v\d+$/), with: z.record(z.string(), z.unknown()).optional() }),
  z.strictObject({ run: z.string().min(1), id: z.string().optional(), if: z.string().optional(), env: texts.optional() }),
]);
const jobSchema = z.strictObject({
  needs: z.string().optional(),
  if: z.string().optional(),
  concurrency: z.string().optional(),
  'runs-on': z.literal('ubuntu-latest'),
  environment: z.literal('production'),
  permissions: z.strictObject({
    contents: z.literal('read'),
    'pull-requests': z.literal('read').optional(),
    'id-token': z.literal('write'),
  }),
  outputs: texts.optional(),
  env: texts.optional(),
  steps: z.array(stepSchema).min(1),
});
/** The keys of GitHub's workflow syntax that the README uses. A wrong key or a missing right does not parse. */
const githubSchema = z.strictObject({
  name: z.string(),
  on: z.union([
    z.strictObject({ push: z.strictObject({ tags: z.array(z.string()).min(1) }) }),
    z.strictObject({ repository_dispatch: z.strictObject({ types: z.array(z.string()).min(1) }) }),
  ]),
  permissions: z.strictObject({ contents: z.literal('read') }),
  env: z.strictObject({ HOLDPOINT_URL: z.url() }),
  jobs: z.record(z.string(), jobSchema),
});
const rules = z.array(z.strictObject({ if: z.string() })).min(1);
const gitlabJobSchema = z.strictObject({
  stage: z.string(),
  timeout: z.string().optional(),
  rules: rules.optional(),
  resource_group: z.string().optional(),
  environment: z.strictObject({ name: z.literal('production'), action: z.literal('verify').optional() }),
  script: z.array(z.string()).min(1),
  artifacts: z.strictObject({ reports: z.strictObject({ dotenv: z.string() }) }).optional(),
});
const gitlabSchema = z
  .looseObject({
    stages: z.array(z.string()).min(1),
    workflow: z.strictObject({ rules }),
    variables: z.strictObject({ HOLDPOINT_URL: z.url(), GIT_DEPTH: z.literal('0').optional() }),
    default: z.strictObject({
      image: z.string(),
      id_tokens: z.strictObject({ HOLDPOINT_TOKEN: z.strictObject({ aud: z.url() }) }),
      before_script: z.array(z.string()),
    }),
  })
  .transform(({ stages, workflow, variables, default: common, ...jobs }) => ({
    stages,
    variables,
    common,
    jobs: z.record(z.string(), gitlabJobSchema).parse(jobs),
  }));

export const githubWorkflow = () => githubSchema.parse(workflowOf('.github/workflows/release.yml'));
export const gitlabPipeline = () => gitlabSchema.parse(workflowOf('.gitlab-ci.yml'));
/** Those that wait for a call of Holdpoint in place of a gate. */
export const calledWorkflow = () => githubSchema.parse(workflowOf('.github/workflows/deploy.yml'));
export const calledPipeline = () => gitlabSchema.parse(workflowOf('.gitlab-ci.yml, without a job that waits'));
