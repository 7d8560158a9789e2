import * as z from 'zod';

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

export const defineEvent = <S extends z.core.$ZodLooseShape>(
  authority: AuthorityRule<z.output<z.ZodObject<S, z.core.$strict>>>,
  shape: S,
): EventDefinition<S> => {
  const fixed = authority === 'any-writer' ? [] : [authority as AuthorityKind];
  return { data: z.strictObject(shape), authorities: typeof authority === 'function' ? authority : () => fixed };
};
