import type { Role } from '../../roles.ts';

/** Who calls, after authentication: claims mapped by the stage's configuration. */
export type CiCaller = {
  readonly kind: 'ci';
  /** The identity that the stage's configuration gives to the token's claims. */
  readonly id: string;
  readonly services: readonly string[];
  /** The environments for which it may act; absent: all. */
  readonly environments?: readonly string[];
  /** The person who started the job, from the roster; null when it is not known. */
  readonly person: string | null;
  /** Why the token cannot say who started the job: it was run again, or the CI system names nobody. */
  readonly unnamed?: 'rerun' | 'nobody';
  /** A digest that names the token without revealing it: of its issuer and `jti`, or of the claims that are unique for it. */
  readonly token: string;
};
export type PersonCaller = {
  readonly kind: 'person';
  /** The random person id. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** The time of the last interactive sign-in. */
  readonly signedInAt: Date;
  /** The address from which they call, as the gateway saw it; absent where it did not say. */
  readonly address?: string;
};
export type Caller = CiCaller | PersonCaller;
