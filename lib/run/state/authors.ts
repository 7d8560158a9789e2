import { isType, type Stored } from '../../audit/event.ts';
import type { Authorship } from '../../audit/events/approval.ts';
import { lanes } from '../../audit/lane.ts';
import { type Checklist, type Gate, goGateOf, type Item } from '../../checklist/definition.ts';
import { standingOf } from '../../evaluation/standing.ts';
import type { Dependencies, Roster } from '../../ports.ts';
import { type LiveVersion, listsCommits, notBehindLive } from '../../registry/rules.ts';
import { type NamedAuthors, namedAuthors, readFacts } from '../../registry/stored-facts.ts';
import type { RunContext } from './run-context.ts';

/** Who wrote what is released, as the record of the reviewed commits says it. Who signs is compared with them. */

type Lanes = ReadonlyMap<string, readonly Stored[]>;

/** The checks that such a list proves. */
export const checksListing = ({ items }: Pick<Checklist, 'items'>): readonly Item[] =>
  items.filter(({ gate, rule }) => gate !== null && rule !== null && listsCommits(rule));

/** The judgements that count of lists of commits; what Holdpoint itself says of the check lists none, and neither does a further source of it. */
const listsIn = (checklist: Checklist, checks: Lanes): readonly Stored<'check.judged'>[] =>
  checksListing(checklist)
    .flatMap(({ id, gate }) => standingOf(checks.get(lanes.check(gate ?? '', id)) ?? []))
    .filter(({ event: { data } }) => data.evidence !== null && data.source === undefined);

type AtGate = { readonly id: string };
type Reading = { readonly context: Pick<RunContext, 'checklist' | 'own'>; readonly allChecks: Lanes };

/**
 * What the run has read as live before this release. At go / no-go the last one counts. After that another version can be live that the release
 * does not follow, such as one that people adopted: then each that the run has seen.
 */
const livesSeen = ({ checklist, own }: Reading['context'], { id }: AtGate): readonly LiveVersion[] => {
  const read = own.filter(isType('live.read')).map(({ event }) => event.data.live ?? { version: null });
  return goGateOf(checklist)?.id === id ? read.slice(-1) : read;
};

/** Why a list does not say who wrote the release; undefined where it does. */
const faultOf = ({ event: { data } }: Stored<'check.judged'>, lives: readonly LiveVersion[]): string | undefined => {
  if (data.authorsUnknown !== undefined) return data.authorsUnknown;
  if (data.authors === undefined) return 'it does not name the authors of its commits';
  const wrong = lives.map((live) => notBehindLive(live, data.base ?? null));
  return wrong.includes(undefined) ? undefined : wrong.at(-1);
};

/** The digests of the authors whom the lists name, each once. Null: there is no list, or one that does not say who wrote the release. */
export const authorsIn = ({ context, allChecks }: Reading, gate: AtGate): readonly string[] | null => {
  const listed = listsIn(context.checklist, allChecks);
  const lives = livesSeen(context, gate);
  if (listed.length === 0 || listed.some((one) => faultOf(one, lives) !== undefined)) return null;
  return [...new Set(listed.flatMap(({ event }) => event.data.authors ?? []))].sort();
};

type Asking = AtGate & Pick<Gate, 'nonAuthors'>;

/** Whether the gate asks for a signer who is no author, and it is not known who they are: then nobody is asked. */
export const lacksAuthors = (inputs: Reading, gate: Asking): boolean => gate.nonAuthors > 0 && authorsIn(inputs, gate) === null;

const unknownAuthors = 'nobody is asked before it is known who wrote the release';

/** Why nobody is asked; undefined where people are. It begins with the title of the check whose record would say it. */
export const authorsBlocker = (inputs: Reading, gate: Asking): string | undefined => {
  if (!lacksAuthors(inputs, gate)) return undefined;
  const { checklist } = inputs.context;
  const [check] = checksListing(checklist);
  const lives = livesSeen(inputs.context, gate);
  const [fault] = listsIn(checklist, inputs.allChecks).flatMap((one) => faultOf(one, lives) ?? []);
  const why =
    fault === undefined
      ? 'send the record that `holdpoint reviews` writes, also where this check is waived, observed or dropped'
      : `the record \`reviews\` does not say it (${fault}): write it again with \`holdpoint reviews\` and send it`;
  return `${check?.title ?? 'Reviews'}: ${unknownAuthors}; ${why}`;
};

/** Whether the reason asks for the record that a check takes, whatever the check itself says. */
export const asksForAuthors = (reason: string, { title }: Pick<Item, 'title'>): boolean =>
  reason.startsWith(`${title}: ${unknownAuthors}; `);

/** The lanes in which the lists stand. */
export const authorLanes = (checklist: Checklist): readonly string[] =>
  checksListing(checklist).map(({ id, gate }) => lanes.check(gate ?? '', id));

/**
 * `people`: ids of the roster. `others`: accounts that stand for nobody in it. `isUnnamed`: somebody else had a hand in it, of whom the code host
 * knows no account.
 */
export type Authors = { readonly people: readonly string[]; readonly others: readonly string[]; readonly isUnnamed: boolean };

/** Who they are. Null: not known, or what the lists say is kept no more. */
export const readAuthors = async (
  deps: Pick<Dependencies, 'evidence'> & { readonly roster: Pick<Roster, 'authorOf'> },
  context: Pick<RunContext, 'checklist' | 'own' | 'scope'>,
  allChecks: Lanes,
  gate: AtGate,
): Promise<Authors | null> => {
  if (authorsIn({ context, allChecks }, gate) === null) return null;
  const accounts = new Set<string>();
  let isUnnamed = false;
  for (const { event } of listsIn(context.checklist, allChecks)) {
    const { facts, carried } = event.data;
    const named = facts === null ? undefined : await namedIn(deps, carried?.scope ?? context.scope, facts);
    if (named === undefined) return null;
    for (const account of named.accounts) accounts.add(account);
    isUnnamed ||= named.isUnnamed;
  }
  const found = [...accounts].map((account) => ({ account, person: deps.roster.authorOf(account) }));
  return {
    people: [...new Set(found.flatMap(({ person }) => person?.id ?? []))].sort(),
    others: found.flatMap(({ account, person }) => (person === undefined ? [account] : [])).sort(),
    isUnnamed,
  };
};

/** Undefined where the facts do not say it, or a retention has taken them away. */
const namedIn = async ({ evidence }: Pick<Dependencies, 'evidence'>, scope: string, digest: string): Promise<NamedAuthors | undefined> => {
  const bytes = await evidence.get(scope, digest);
  return bytes === undefined ? undefined : namedAuthors(readFacts(bytes));
};

/**
 * Whether these people had a hand in it: somebody who answers, and the one for whom they answer. Of a person for whom the roster names no
 * accounts it is known only where every author is somebody in the roster. Where an author has no account, only somebody who never commits is no author.
 */
export const authorshipOf = (authors: Authors | null, people: readonly string[], roster: Pick<Roster, 'person'>): Authorship => {
  if (authors === null) return 'unknown';
  if (people.some((id) => authors.people.includes(id))) return 'yes';
  const isNone = (id: string): boolean => {
    const accounts = roster.person(id)?.commitsAs;
    return authors.isUnnamed ? accounts?.length === 0 : authors.others.length === 0 || accounts !== undefined;
  };
  return people.every(isNone) ? 'no' : 'unknown';
};
