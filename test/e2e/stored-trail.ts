import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { createKmsAuthority } from '../../lambdas/adapters/kms-authority.ts';
import { createKmsMac } from '../../lambdas/adapters/kms-mac.ts';
import { ownAws } from '../../lambdas/shell/aws-clients.ts';
import type { Stored } from '../../lib/audit/event.ts';
import { scopes } from '../../lib/audit/lane.ts';
import type { BadEvent } from '../../lib/audit/verify-lane.ts';
import { verifyRun } from '../../lib/audit/verify-run.ts';
import { outputOf } from '../../lib/local/deploy.ts';
import type { LeanStage } from './lean-stage.ts';

/** Reads the table of a stage and asks its keys, as an auditor of the account does: past all functions of Holdpoint. */
export const verifiedTrail = async (
  { status: { outputs }, stage }: LeanStage,
  run: string,
): Promise<{ readonly events: readonly Stored[]; readonly bad: BadEvent | undefined }> => {
  const store = createDynamoLaneStore(new DynamoDBClient({}), { table: outputOf(outputs, 'AuditTable') });
  const [events, late, standing] = await Promise.all(
    [scopes.run(run), scopes.late(run), scopes.service(stage.service)].map((scope) => store.query(scope, { prefix: '' })),
  );
  const macOf = (output: string) => createKmsMac(ownAws().call, { key: outputOf(outputs, output) });
  const keys = { people: macOf('PeopleKeyId'), reconciler: macOf('ReconcilerKeyId') };
  const { verify } = createKmsAuthority(keys, { signsFor: null });
  return { events: events ?? [], bad: await verifyRun({ events: events ?? [], late: late ?? [], standing: standing ?? [] }, verify) };
};
