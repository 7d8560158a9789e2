import { isType, type Stored } from '../audit/event.ts';
import type { Item } from '../checklist/definition.ts';
import { isMigrationNote } from './own-subjects.ts';
import { standingOf } from './standing.ts';

/**
 * The events of a check without the notes that evidence shows migrations, and what the newest note says that nothing took back. A note is no
 * proof and no failure of the check: it only keeps declarations that the check is not applicable from counting. Those for a part are left out.
 */
export const withoutNotes = (
  { unless }: Pick<Item, 'unless'>,
  events: readonly Stored[],
): { readonly events: readonly Stored[]; readonly shown: string | undefined } => {
  const isNote = (stored: Stored): boolean => isType('check.judged')(stored) && isMigrationNote(stored.event.data);
  const notes = unless === undefined ? [] : events.filter(isNote);
  if (notes.length === 0) return { events, shown: undefined };
  const shown = standingOf(events).findLast(({ event }) => isMigrationNote(event.data))?.event.data.reason;
  const isDeclaredPart = (stored: Stored): boolean => isType('check.not-applicable')(stored) && stored.event.data.subject !== undefined;
  return { events: events.filter((one) => !isNote(one) && !(shown !== undefined && isDeclaredPart(one))), shown };
};
