import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Place, Platforms, Reply } from '../../lib/actuators/ports.ts';
import { type AssumeRole, createAssumeRole } from '../adapters/assumed-role.ts';
import { countCommands } from '../adapters/billed-requests.ts';
import { createEcsServices } from '../adapters/ecs-services.ts';
import { createStepBus } from '../adapters/eventbridge-steps.ts';
import { createAliases, createFunctions, type LambdaAt, regionIn } from '../adapters/lambda-platform.ts';
import type { Credentials, SignedAccess } from '../adapters/signed-post.ts';
import { clock, requestCounts } from './aws-clients.ts';
import { defaultProvider } from './credentials.ts';
import { s3EndpointOf } from './env.ts';

/** The platforms of the actuators on AWS: in this account, or by the role that a target names. */
export const livePlatforms = (given: { readonly bus: string; readonly source: string; readonly session: string }): Platforms => {
  const { region: own } = s3EndpointOf(process.env);
  const endpoint = process.env.AWS_ENDPOINT_URL || undefined;
  const credentials = defaultProvider();
  const assume: AssumeRole = createAssumeRole({ credentials, clock, region: own, endpoint }, { session: given.session });
  /** Asked before each call, so that a session that ends is renewed. */
  const as = async ({ role }: Place): Promise<Reply<Credentials>> => (role === undefined ? { ok: await credentials() } : assume(role));
  const accessTo = async (place: Place): Promise<Reply<SignedAccess>> => {
    const found = await as(place);
    if (found.ok === undefined) return found;
    return { ok: { credentials: async () => found.ok, clock, region: place.region ?? own, endpoint } };
  };
  const lambdaAt: LambdaAt = async (place, name) => {
    const found = await as(place);
    if (found.ok === undefined) return found;
    return { ok: new LambdaClient({ region: place.region ?? regionIn(name) ?? own, credentials: found.ok, maxAttempts: 1 }) };
  };
  return {
    aliases: createAliases(lambdaAt),
    functions: createFunctions(lambdaAt),
    services: createEcsServices(accessTo),
    bus: createStepBus(
      countCommands(new EventBridgeClient({}), () => requestCounts.add('busEvents')),
      { bus: given.bus, source: given.source },
    ),
  };
};
