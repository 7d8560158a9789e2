import type { Role } from '../../roles.ts';

/** Who calls, after authentication: claims mapped by the stage's configuration. */
export type CiCaller = {
  readonly kind: 'ci';
  /** The identity that the stage's configuration gives to the token's claims. */
  readonly id: string;
  readonly services: readonly string[];
  /** The person who started the job, from the roster; null when unmapped. */
  readonly person: string | null;
  /** sha256 of `<issuer>\n<jti>`: names the token without revealing it. */
  readonly token: string;
};
export type PersonCaller = {
  readonly kind: 'person';
  /** The random person id. */
  readonly id: string;
  readonly roles: readonly Role[];
  /** The time of the last interactive sign-in. */
  readonly signedInAt: Date;
};
export type Caller = CiCaller | PersonCaller;
