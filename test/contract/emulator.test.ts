import { beforeAll, describe } from 'vitest';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import type { LaneStore } from '../../lib/ports.ts';
import { laneStoreContract } from './lane-store.contract.ts';
import { createTables, type TestTables } from './tables.ts';
import { trailContract } from './trail.contract.ts';

describe('the adapters keep the contracts on the emulator', () => {
  let tables: TestTables;
  let store: LaneStore;
  beforeAll(async () => {
    tables = await createTables();
    store = createDynamoLaneStore(tables.client, { table: tables.names.audit });
  });
  laneStoreContract(() => store);
  trailContract('emulator', () => store);
});
