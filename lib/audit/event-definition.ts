import * as z from 'zod';
import { digestSchema } from '../fields.ts';

/**
 * Who must vouch for an event with a MAC, so that no other writer of the table can forge it. `people`: the people function, for what
 * a signed-in person said or decided. `reconciler`: the reconciler, for what it decided and sent.
 */
export const authorityKinds = ['people', 'reconciler'] as const;
export type AuthorityKind = (typeof authorityKinds)[number];

/** `any-writer`: CI, the feeds and the opener may record it, too; a false one can only claim what such a report claims. */
type AuthorityRule<D> = AuthorityKind | 'any-writer' | ((data: D) => readonly AuthorityKind[]);

export type EventDefinition<S extends z.core.$ZodLooseShape = z.core.$ZodLooseShape> = {
  readonly data: z.ZodObject<S, z.core.$strict>;
  /** Any one of the kinds is enough; none is needed when the list is empty. */
  readonly authorities: (data: z.output<z.ZodObject<S, z.core.$strict>>) => readonly AuthorityKind[];
};

/**
 * Digest of the address from which a person sent what the event records. Absent where the gateway did not say it, and in events of older versions.
 * Every event for which the people function vouches has it; an event that a person or somebody else may record names it beside its other fields.
 */
export const addressed = { sourceAddress: digestSchema.optional() } as const;

type DefineEvent = {
  <S extends z.core.$ZodLooseShape>(authority: 'people', shape: S): EventDefinition<S & typeof addressed>;
  <S extends z.core.$ZodLooseShape>(
    authority: Exclude<AuthorityRule<z.output<z.ZodObject<S, z.core.$strict>>>, 'people'>,
    shape: S,
  ): EventDefinition<S>;
};
export const defineEvent: DefineEvent = <S extends z.core.$ZodLooseShape>(
  authority: AuthorityRule<z.output<z.ZodObject<S, z.core.$strict>>>,
  shape: S,
) => {
  const fixed = authority === 'any-writer' ? [] : [authority as AuthorityKind];
  const data = z.strictObject(authority === 'people' ? { ...shape, ...addressed } : shape);
  return { data, authorities: typeof authority === 'function' ? authority : () => fixed } as never;
};
