import * as z from 'zod';
import { nameSchema } from '../fields.ts';
import { oneLine } from './aws-places.ts';

/** Whom Holdpoint calls when a gate passed, is blocked, or the run has ended, so that no job has to wait: configured for each service. */

export const secretArn = z.string().regex(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+$/);

/** The address of an API, without a slash at the end. Secrets are sent to it, so that it is encrypted. */
export const apiAddress = z
  .url({ protocol: /^https$/ })
  .regex(/^[^?#@]*[^/?#@]$/, 'an https address without query, name, password, and slash at the end');

/** As GitHub names a repository. */
export const repositoryName = z.string().regex(/^\w[\w.-]{0,99}\/\w[\w.-]{0,99}$/, 'OWNER/NAME');

const common = {
  /** Names the callback in the trail. */
  id: nameSchema,
  /** Only for runs in these environments of the service; without it, for all. */
  environments: z.array(oneLine).min(1).optional(),
  /** Only for these gates; without it, for all. The end of a run is always sent: a pipeline that waits for a gate must learn that it will not come. */
  gates: z.array(oneLine).min(1).optional(),
  /** The full ARN of a secret in AWS Secrets Manager. */
  secretArn,
  /** Whether private and loopback addresses may be called. */
  privateAddresses: z.boolean().default(false),
};

export const callbacksSchema = z
  .array(
    z.discriminatedUnion('kind', [
      /** GitHub's event `repository_dispatch`. The secret is a token that may write the repository's contents. */
      z.strictObject({
        kind: z.literal('github'),
        ...common,
        repository: repositoryName,
        eventType: z.string().min(1).max(100).default('holdpoint'),
        api: apiAddress.default('https://api.github.com'),
      }),
      /** A pipeline trigger of GitLab. The secret is a trigger token of the project. */
      z.strictObject({
        kind: z.literal('gitlab'),
        ...common,
        /** Its number, or its path such as `group/shop`. */
        project: z.string().regex(/^(\d+|\w[\w.-]*(\/\w[\w.-]*)+)$/, 'the number of a project, or GROUP/NAME'),
        ref: z.string().regex(/^[\w./-]{1,200}$/, 'a branch or tag'),
        api: apiAddress.default('https://gitlab.com/api/v4'),
      }),
      /** Any other receiver: the secret is the address, which gets the message as JSON. */
      z.strictObject({ kind: z.literal('https'), ...common }),
    ]),
  )
  .max(10)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'every id once');
export type CallbackTarget = z.infer<typeof callbacksSchema>[number];

type Service = {
  readonly name: string;
  readonly environments: readonly string[];
  readonly callbacks?: readonly CallbackTarget[] | undefined;
};

/** What can never call: an environment that the service does not have, or a gate that the checklist does not have. */
export const callbackFlaws = (services: readonly Service[], gates: readonly string[]): readonly string[] =>
  services.flatMap(({ name, environments, callbacks = [] }) =>
    callbacks.flatMap((one) => [
      ...(one.environments ?? [])
        .filter((environment) => !environments.includes(environment))
        .map((environment) => `services: the callback ${one.id} of ${name} names the environment ${environment}, which it does not have`),
      ...(one.gates ?? [])
        .filter((gate) => !gates.includes(gate))
        .map((gate) => `services: the callback ${one.id} of ${name} names the gate ${gate}; expected ${gates.join(', ')}`),
    ]),
  );
