import { createRosterObject, type LiveRoster } from '../adapters/roster-object.ts';
import { createS3, type S3 } from '../adapters/s3.ts';
import { clock, readStage, requestCounts } from './aws-clients.ts';
import { defaultProvider } from './credentials.ts';
import { s3EndpointOf } from './env.ts';
import { createLog } from './log.ts';
import { leftMs } from './time-left.ts';

/** Shorter than for evidence: with two requests to an issuer it has to end within the nine seconds of the authorizer. */
const limits = { tries: 3, tryMs: 1_000, allMs: 2_500, pauseMs: 50 } as const;

/** The roster for one function, read at its first use. A handler refreshes it before each call, so that one call sees one roster. */
export const liveRoster = (functionName: string, bucket: () => string): LiveRoster => {
  let made: LiveRoster | undefined;
  const live = (): LiveRoster => {
    if (made === undefined) {
      const log = createLog(functionName);
      const send = createS3({ ...s3EndpointOf(process.env), credentials: defaultProvider(), clock, limits, leftMs });
      const s3: S3 = (request) => {
        requestCounts.add('objectsRead');
        return send(request);
      };
      const report = {
        read: (fields: object) => log.info('roster read', { ...fields }),
        fault: (thrown: unknown) => log.fault(thrown, {}),
      };
      made = createRosterObject(s3, { bucket: bucket(), issuers: readStage().issuers, clock, report });
    }
    return made;
  };
  return {
    refresh: async () => live().refresh(),
    people: () => live().people(),
    get roster() {
      return live().roster;
    },
  };
};
