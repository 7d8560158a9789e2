import { withInstants } from '../wording.ts';
import { plain } from './plain.ts';

const personId = /\bp-[a-z0-9]{8,32}\b/g;

/** Whose names are known. */
export type Named = { readonly people: readonly { readonly id: string; readonly name: string }[] };

/** A text with names in place of ids, where they are known. */
export const named = (text: string, { people = [] }: Partial<Named>): string =>
  text.replace(personId, (id) => people.find((one) => one.id === id)?.name ?? id);

/** The same, also with instants as people read them, and safe for one line. */
export const withNames = (text: string, about: Named): string => plain(withInstants(named(text, about)));
