import { fakeLaneStore } from '../fakes/stores.ts';
import { describe } from 'vitest';
import { laneStoreContract } from './lane-store.contract.ts';
import { trailContract } from './trail.contract.ts';

describe('the fakes keep the contracts', () => {
  const store = fakeLaneStore();
  laneStoreContract(() => store);
  trailContract('fake', () => store);
});
