import { digestOf } from '../canonical-json.ts';
import type { Role } from '../roles.ts';
import { asWords } from '../wording.ts';
import type { Supply } from './supply.ts';
import type { Finding, RunView } from './view.ts';

/** So many checks have a field on the page at most, as their texts together must not be too large for a form; the others follow once these are attested. */
export const mostTogether = 12;

/** Checks for which a run waits, and those of the next gates that can be attested already: now, or later, with what must come first. */
export type Attestable = {
  readonly now: readonly Finding[];
  /** Those of `now` that have a field on the page of all. */
  readonly fields: readonly Finding[];
  readonly later: readonly { readonly finding: Finding; readonly supply: Supply }[];
};

/** What a person of these roles can attest. The mails about attestations name the same checks. */
export const attestableBy = (
  { gates, supplies, suppliesAhead }: Pick<RunView, 'gates' | 'supplies' | 'suppliesAhead'>,
  roles: readonly Role[],
  now: Date,
): Attestable => {
  const findings = gates.flatMap(({ checks }) => checks);
  const own = [...supplies, ...suppliesAhead]
    .filter(({ way, roles: wanted }) => way === 'attestation' && roles.some((role) => wanted.includes(role)))
    .flatMap((supply) => {
      const finding = findings.find(({ check }) => check === supply.check);
      return finding === undefined ? [] : { finding, supply };
    });
  const isLater = ({ after, from }: Supply): boolean => after !== null || (from !== null && now.toISOString() < from);
  const open = own.filter(({ supply }) => !isLater(supply)).map(({ finding }) => finding);
  return { now: open, fields: open.slice(0, mostTogether), later: own.filter(({ supply }) => isLater(supply)) };
};

/** Where a person attests a check: on the page of all where it has a field beside others, else on the page of the check. */
export const attestPageOf = (run: string, check: string, { fields }: Attestable): string =>
  fields.length > 1 && fields.some((one) => one.check === check)
    ? `/runs/${run}/attest#statement-${check}`
    : `/runs/${run}/checks/${check}#attest`;

/** What became of a check that a person cannot attest now: a sentence with ids of people, as those of the trail. */
export const whyNotAttestable = ({ gates, words }: Pick<RunView, 'gates' | 'words'>, check: string): string => {
  const over = 'The run no longer waits for your attestation of this check.';
  const finding = gates.flatMap(({ checks }) => checks).find((one) => one.check === check);
  if (finding === undefined) return over;
  const { statement, verdict } = finding;
  const said = statement === null ? undefined : (words ?? []).find(({ digest }) => digest === statement.digest);
  const when = said === undefined ? '' : ` at ${said.at}`;
  const who = statement === null ? '' : ` ${statement.by} ${decided(verdict)}${when}.`;
  return `${over}${who} Its verdict is ${asWords(verdict)}.`;
};

const decided = (verdict: Finding['verdict']): string => {
  if (verdict === 'waived') return 'waived it';
  return verdict === 'not-applicable' ? 'declared it not applicable' : 'attested it';
};

/** The words with which the person attested the check as it stands, and when; undefined where another did, or nobody. `text`: null once it was erased. */
export const ownStatement = (
  { gates, words }: Pick<RunView, 'gates' | 'words'>,
  check: string,
  person: string,
): { readonly at: string | null; readonly text: string | null } | undefined => {
  const finding = gates.flatMap(({ checks }) => checks).find((one) => one.check === check);
  const { statement } = finding ?? { statement: null };
  if (finding?.verdict !== 'pass' || statement?.by !== person) return undefined;
  const said = (words ?? []).find(({ digest }) => digest === statement.digest);
  return { at: said?.at ?? null, text: said?.text ?? null };
};

/** How a check is judged, in a few signs: a statement is about what its writer saw of it. */
export const stateOf = ({ check, verdict, attempt, facts, statement }: Finding): string =>
  digestOf([check, verdict, attempt, facts, statement?.digest ?? null]).slice(0, 12);
