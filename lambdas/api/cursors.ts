import type * as z from 'zod';
import { shown } from '../../lib/api/problem.ts';
import { verifyValue } from '../../lib/api/signed-value.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { type Outcome, ok, refuse } from '../../lib/outcome.ts';
import type { Mac } from '../../lib/ports.ts';
import type { Caller } from '../../lib/run/state/caller.ts';

/** A cursor is bound to one list, its filters and its caller. */
export const filterOf = (caller: Caller, filters: object): string => sha256(canonical({ ...filters, caller: [caller.kind, caller.id] }));

/** The position in a cursor, which must be signed by us for this list, these filters and this caller. */
export const afterOf = async <T extends { readonly filter: string }>(
  mac: Mac,
  schema: z.ZodType<T>,
  filter: string,
  cursor: string | undefined,
): Promise<Outcome<T | undefined>> => {
  if (cursor === undefined) return ok(undefined);
  const after = await verifyValue(mac, 'cursor', schema, cursor);
  if (after !== undefined && after.filter === filter) return ok(after);
  return refuse('cursor-invalid', 'The cursor does not belong to this list.', {
    got: shown(cursor),
    expected: 'the value of `next` of the previous page, with the same filters and the same caller',
    fix: 'Start again without a cursor.',
  });
};
