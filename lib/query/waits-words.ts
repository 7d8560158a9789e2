import type { RunSummary, RunWaits } from '../ports.ts';
import { counted } from '../wording.ts';

/** What a run waits for and whom, in the words of the list of runs and of `holdpoint runs`. */

type Way = RunWaits['for'][number];

const ways: Readonly<Record<string, (checks: number) => string>> = {
  evidence: (checks) => `reports for ${counted(checks, 'check')}`,
  series: (checks) => `series for ${counted(checks, 'check')}`,
  attestation: (checks) => counted(checks, 'attestation'),
  signatures: (checks) => counted(checks, 'signature'),
  deployment: () => 'the report of the deployment',
  labels: () => 'labels of observations',
  alarms: () => 'alarms to be tried out',
  notices: () => 'mails of Holdpoint',
  target: () => 'a version to go back to',
  drill: () => 'a rehearsal of the rollback',
  explanations: () => 'explanations of changes',
  rollback: () => 'a step of the rollback',
  checks: () => 'other checks',
  look: () => 'a look of Holdpoint itself',
  decision: () => 'a decision',
  profile: () => 'the approval of the profile',
  environment: () => 'another run in the environment',
  time: () => 'time only',
};

const inWords = ({ way, roles, checks }: Way): string => {
  const what = ways[way]?.(checks) ?? 'something that this version does not know';
  return roles.length === 0 ? what : `${what} (${roles.map((role) => role.replaceAll('-', ' ')).join(', ')})`;
};

/** More than this nobody reads in a list. */
const mostNamed = 3;

/** "reports for 22 checks (technical lead), 2 attestations (operations lead)"; undefined where the entry does not say it, or no gate is open. */
export const waitsInWords = ({ waits, outcome }: Pick<RunSummary, 'waits' | 'outcome'>): string | undefined => {
  if (outcome !== null || waits == null) return undefined;
  const more = waits.for.length - mostNamed;
  return `${waits.for.slice(0, mostNamed).map(inWords).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** Since when it stands so: the opening of the gate, or the end; null where the entry does not say it. */
export const standsSince = ({ outcome, waits, milestones }: Pick<RunSummary, 'outcome' | 'waits' | 'milestones'>): string | null =>
  outcome === null ? (waits?.since ?? null) : (milestones?.endedAt ?? null);
