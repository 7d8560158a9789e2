import * as z from 'zod';
import type { Immutable } from '../fields.ts';
import { IntegrityFault } from '../outcome.ts';
import type { Dependencies, RunSummary } from '../ports.ts';
import type { PersonCaller } from '../run/state/caller.ts';
import { decidingDeputies } from '../run/state/deputies.ts';
import { readContext } from '../run/state/run-context.ts';
import { type InboxItem, inboxItemSchema, mostUrgentFirst } from './inbox-item.ts';
import { inboxOfRun } from './inbox-of-run.ts';
import { inboxOfService } from './inbox-of-service.ts';
import { readRunIn } from './run-view.ts';

/** So many runs are read for one inbox: those that wait for a rollback decision, then the newest open ones, then the ended ones. */
export const mostRunsRead = 25;
/** Follow-ups are looked for among so many of the newest runs of a service. */
const newestRuns = 20;
/** So many items are listed at most. */
export const mostItems = 200;

export const inboxSchema = z.object({
  items: z.array(inboxItemSchema).meta({ description: `Most urgent first, ${mostItems} at most.` }),
  itemsLeftOut: z.number(),
  runsRead: z.number(),
  runsLeftOut: z.number().meta({ description: `Open runs that were not looked at: at most ${mostRunsRead} are.` }),
  unreadable: z.number().meta({ description: 'Runs and services whose audit trail is damaged: what waits there is not listed.' }),
});
export type Inbox = Immutable<z.infer<typeof inboxSchema>>;

type Reader = Pick<Dependencies, 'trail' | 'clock' | 'stage' | 'definitions' | 'index' | 'roster'>;
type Person = Pick<PersonCaller, 'id' | 'roles'>;

/** What waits for a person. It reads the open runs up to a limit, and of each service its profile, standing evidence and changes. */
export const readInbox = async (deps: Reader, person: Person): Promise<Inbox> => {
  const services = Object.keys(deps.stage.environments);
  const [runs, ofServices] = await Promise.all([
    runsToRead(deps, services),
    Promise.all(services.map((service) => readable(inboxOfService(deps, service, person)))),
  ]);
  const read = runs.slice(0, mostRunsRead);
  const ofRuns = await Promise.all(read.map(({ run }) => readable(readFor(deps, run, person))));
  const found = [...ofRuns, ...ofServices];
  const items = found.flatMap((one) => one ?? []).sort(mostUrgentFirst);
  return {
    items: items.slice(0, mostItems),
    itemsLeftOut: Math.max(0, items.length - mostItems),
    runsRead: read.length,
    runsLeftOut: runs.length - read.length,
    unreadable: found.filter((one) => one === undefined).length,
  };
};

/** Undefined where the audit trail is damaged: what waits elsewhere must be seen all the same. */
const readable = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((fault: unknown) => {
    if (fault instanceof IntegrityFault) return undefined;
    throw fault;
  });

const readFor = async (deps: Reader, run: string, person: Person): Promise<readonly InboxItem[]> => {
  const found = await readContext(deps, run);
  // A listed run that has no events is a mistake of the list, which is only a copy.
  if (found.refused !== undefined) return [];
  const now = deps.clock.now();
  const { starter } = found.ok.started.event.data;
  const stead = decidingDeputies(deps.roster, { starter, now }).find(({ deputy }) => deputy.id === person.id);
  return inboxOfRun({ run: await readRunIn(deps, found.ok), person, now, decidesFor: stead?.principal.id ?? null });
};

/** Ends after which people answer what became of the run. */
const endsWithFollowUps: readonly (string | null)[] = ['rolled-back', 'rolled-back-unverified', 'rollback-escalated'];

const runsToRead = async ({ index, stage }: Reader, services: readonly string[]): Promise<readonly RunSummary[]> => {
  const [deciding, open, listed] = await Promise.all([
    index.deciding(),
    Promise.all(
      services.flatMap((service) => (stage.environments[service] ?? []).map((environment) => index.open(service, environment, 'may-lag'))),
    ),
    Promise.all(services.map((service) => index.list({ service, limit: newestRuns }))),
  ]);
  const newestFirst = (runs: readonly RunSummary[]): readonly RunSummary[] =>
    runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  const ended = listed.flatMap(({ runs }) => runs.filter(({ outcome }) => endsWithFollowUps.includes(outcome)));
  const all = [...deciding, ...newestFirst(open.flat()), ...newestFirst(ended)];
  return [...new Map(all.map((one) => [one.run, one])).values()];
};
