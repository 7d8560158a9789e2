import type { Stage } from '../../lib/checklist/stage.ts';
import type { Seal, World } from '../../lib/ports.ts';
import type { SignIn } from './sign-in.ts';

export type PeopleWorld = Pick<
  World,
  'clock' | 'random' | 'trail' | 'evidence' | 'people' | 'index' | 'due' | 'settler' | 'idempotency' | 'roster' | 'definitions' | 'stage'
>;
export type PeopleParts = { readonly world: PeopleWorld; readonly seal: Seal; readonly stage: Stage; readonly signIn: SignIn };
