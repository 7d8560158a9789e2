import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Platforms } from '../../lib/actuators/ports.ts';
import { countCommands } from '../adapters/billed-requests.ts';
import { createEcsServices } from '../adapters/ecs-services.ts';
import { createStepBus } from '../adapters/eventbridge-steps.ts';
import { inTime, sdkTimes } from '../adapters/in-time.ts';
import { createAliases, createFunctions } from '../adapters/lambda-platform.ts';
import { liveAws, requestCounts } from './aws-clients.ts';
import { leftMs } from './time-left.ts';

/** The platforms of the actuators on AWS: in this account, or by the role that a target names. One try: an order repeats what is busy. */
export const livePlatforms = (given: { readonly bus: string; readonly source: string; readonly session: string }): Platforms => {
  const aws = liveAws({ session: given.session, tries: 1 });
  return {
    aliases: createAliases(aws.call),
    functions: createFunctions(aws.call),
    services: createEcsServices(aws.call),
    bus: createStepBus(
      countCommands(inTime(new EventBridgeClient({ requestHandler: sdkTimes }), leftMs), () => requestCounts.add('busEvents')),
      { bus: given.bus, source: given.source },
    ),
  };
};
