import type { Stored } from '../../audit/event.ts';
import type { Authorship } from '../../audit/events/approval.ts';
import { lanes } from '../../audit/lane.ts';
import type { Checklist, Gate, Item } from '../../checklist/definition.ts';
import { standingOf } from '../../evaluation/standing.ts';
import type { Dependencies, Roster } from '../../ports.ts';
import { listsCommits } from '../../registry/rules.ts';
import { readFacts } from '../../registry/stored-facts.ts';

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

/** The digests of the authors whom the lists name, each once. Null: there is no list, or one that does not say who wrote the commits. */
export const authorsIn = (checklist: Checklist, checks: Lanes): readonly string[] | null => {
  const named = listsIn(checklist, checks).map(({ event }) => event.data.authors);
  const digests = named.filter((digest) => digest !== undefined);
  return digests.length === 0 || digests.length < named.length ? null : [...new Set(digests)].sort();
};

type Reading = { readonly context: { readonly checklist: Checklist }; readonly allChecks: Lanes };

/** Whether the gate asks for a signer who is no author, and it is not known who they are: then nobody is asked. */
export const lacksAuthors = ({ context, allChecks }: Reading, { nonAuthors }: Pick<Gate, 'nonAuthors'>): boolean =>
  nonAuthors > 0 && authorsIn(context.checklist, allChecks) === null;

/** Why nobody is asked; undefined where people are. It begins with the title of the check whose record would say it. */
export const authorsBlocker = (inputs: Reading, gate: Pick<Gate, 'nonAuthors'>): string | undefined => {
  if (!lacksAuthors(inputs, gate)) return undefined;
  const [check] = checksListing(inputs.context.checklist);
  const why = 'nobody is asked before it is known who wrote the release';
  return check === undefined
    ? `${why}, and no check of the checklist takes the record reviews, which says it`
    : `${check.title}: its record says who wrote the release, and ${why}`;
};

/** The lanes in which the lists stand. */
export const authorLanes = (checklist: Checklist): readonly string[] =>
  checksListing(checklist).map(({ id, gate }) => lanes.check(gate ?? '', id));

/** `people`: ids of the roster. `others`: accounts that stand for nobody in it. */
export type Authors = { readonly people: readonly string[]; readonly others: readonly string[] };

/** Who they are. Null: not known, or what the lists say is kept no more. */
export const readAuthors = async (
  deps: Pick<Dependencies, 'evidence'> & { readonly roster: Pick<Roster, 'authorOf'> },
  { checklist, scope }: { readonly checklist: Checklist; readonly scope: string },
  checks: Lanes,
): Promise<Authors | null> => {
  if (authorsIn(checklist, checks) === null) return null;
  const accounts = new Set<string>();
  for (const { event } of listsIn(checklist, checks)) {
    const { facts, carried } = event.data;
    const named = facts === null ? undefined : await namedIn(deps, carried?.scope ?? scope, facts);
    if (named === undefined) return null;
    for (const account of named) accounts.add(account);
  }
  const found = [...accounts].map((account) => ({ account, person: deps.roster.authorOf(account) }));
  return {
    people: [...new Set(found.flatMap(({ person }) => person?.id ?? []))].sort(),
    others: found.flatMap(({ account, person }) => (person === undefined ? [account] : [])).sort(),
  };
};

/** Undefined where the facts name nobody, or a retention has taken them away. */
const namedIn = async (
  { evidence }: Pick<Dependencies, 'evidence'>,
  scope: string,
  digest: string,
): Promise<readonly string[] | undefined> => {
  const bytes = await evidence.get(scope, digest);
  const facts = bytes === undefined ? undefined : readFacts(bytes);
  return facts !== undefined && 'authors' in facts ? facts.authors : undefined;
};

/**
 * Whether these people had a hand in it: somebody who answers, and the one for whom they answer. Of a person for whom the roster names no
 * accounts it is known only where every author is somebody in the roster.
 */
export const authorshipOf = (authors: Authors | null, people: readonly string[], roster: Pick<Roster, 'person'>): Authorship => {
  if (authors === null) return 'unknown';
  if (people.some((id) => authors.people.includes(id))) return 'yes';
  const isKnown = authors.others.length === 0 || people.every((id) => roster.person(id)?.commitsAs !== undefined);
  return isKnown ? 'no' : 'unknown';
};
