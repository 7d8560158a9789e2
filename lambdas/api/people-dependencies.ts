import type { Stage } from '../../lib/checklist/stage.ts';
import type { Dependencies, Mac } from '../../lib/ports.ts';
import type { SignIn } from './sign-in.ts';

export type PeopleDependencies = Pick<
  Dependencies,
  | 'clock'
  | 'random'
  | 'trail'
  | 'evidence'
  | 'people'
  | 'index'
  | 'due'
  | 'reconciler'
  | 'idempotency'
  | 'sessions'
  | 'quotas'
  | 'roster'
  | 'definitions'
  | 'stage'
>;
export type PeopleParts = { readonly deps: PeopleDependencies; readonly mac: Mac; readonly stage: Stage; readonly signIn: SignIn };
