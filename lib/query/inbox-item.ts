import * as z from 'zod';
import type { Immutable } from '../fields.ts';
import { noEvidence } from '../verdict.ts';

/** What can wait for a person. */
export const inboxKinds = [
  'approval',
  'rollback-decision',
  'rollback-data',
  'rollback-step',
  'incident',
  'check',
  'observation',
  'follow-up',
  'profile',
  'standing-evidence',
  'unaccounted-change',
] as const;

export const inboxItemSchema = z.object({
  id: z.string().meta({ description: 'Names the item: it is the same as long as the same is asked.' }),
  kind: z.enum(inboxKinds),
  title: z.string().meta({ description: 'What is asked, in one line.' }),
  detail: z.string().nullable().meta({ description: 'Why, or what is known of it. May hold text of others.' }),
  service: z.string(),
  environment: z.string().nullable().meta({ description: 'Null where it concerns all of the service.' }),
  run: z.string().nullable(),
  version: z.string().nullable(),
  gate: z.string().nullable(),
  gateTitle: z.string().nullable().default(null).meta({ description: 'The title of the gate, for people.' }),
  check: z.string().nullable(),
  role: z.string().nullable().meta({ description: 'The role in which the person is asked.' }),
  for: z.string().nullable().meta({ description: 'Of a deputy: the person for whom they may answer.' }),
  since: z.string(),
  until: z.string().nullable().meta({ description: 'When it is too late, or goes on without an answer; null where nothing ends it.' }),
  page: z.string().meta({ description: 'Path of the page where it is done or read.' }),
  command: z.string().meta({ description: 'What does it, or for an approval shows it, on the command line.' }),
});
export type InboxItem = Immutable<z.infer<typeof inboxItemSchema>>;

type Group<I> = readonly [I, ...I[]];

/** Checks of one gate that are asked of the person in one role and stand behind each other are one entry: a gate may ask for thirty. */
export const groupsOf = <I extends InboxItem>(items: readonly I[]): readonly Group<I>[] => {
  const groups: [I, ...I[]][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last !== undefined && isAskedWith(last[0], item)) last.push(item);
    else groups.push([item]);
  }
  return groups;
};

const isAskedWith = (one: InboxItem, other: InboxItem): boolean =>
  one.kind === 'check' &&
  other.kind === 'check' &&
  (['run', 'gate', 'role', 'for', 'since', 'until'] as const).every((member) => one[member] === other[member]);

/** The title of an item that is about one check, in its two parts: what to do, and the check. */
export const askedOf = ({ title }: Pick<InboxItem, 'title'>): readonly [what: string, check: string] => {
  const at = title.indexOf(': ');
  return [title.slice(0, Math.max(at, 0)), title.slice(at < 0 ? 0 : at + 2)];
};

/** Why it is asked, where the title does not say so already. */
export const detailOf = ({ detail }: Pick<InboxItem, 'detail'>): string | undefined =>
  detail === null || detail === noEvidence ? undefined : detail;

/** Before everything else: while these wait, users are harmed. */
const urgent: readonly InboxItem['kind'][] = ['rollback-decision', 'rollback-data', 'rollback-step', 'incident'];

/** What is urgent, then what ends first, then what has no end; of the same the oldest first. */
export const mostUrgentFirst = (a: InboxItem, b: InboxItem): number =>
  Number(urgent.includes(b.kind)) - Number(urgent.includes(a.kind)) ||
  compare(a.until ?? '9', b.until ?? '9') ||
  compare(a.since, b.since) ||
  compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
