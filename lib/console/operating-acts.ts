import type { OperatingAct } from '../api/operating-pages.ts';
import { approvalsNow, hasEnded, incidentId, openGateOf } from '../query/gate-state.ts';
import type { GateView, RunView } from '../query/view.ts';
import { operatingRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';

/** Null where the person can do it now; else why not, as a sentence. The command decides anew. */
export type OperatingActs = Readonly<Record<OperatingAct, string | null>>;

/** The newest round of an open gate's requests, and whether it was recalled; undefined where nobody is asked. */
const roundOf = (gate: GateView | undefined): { readonly round: number; readonly recalled: boolean } | undefined => {
  if (gate === undefined) return undefined;
  const own = approvalsNow(gate);
  const round = Math.max(0, ...own.map((one) => one.round));
  const newest = own.filter((one) => one.round === round);
  return newest.length === 0 ? undefined : { round, recalled: newest.every(({ recalled }) => recalled) };
};

/** What a form is bound to: the visit of the open gate, and the round of its requests. */
export const seenOf = (run: RunView): string => {
  const gate = openGateOf(run);
  return `${gate?.id ?? 'none'} ${gate?.openedAt ?? ''} ${roundOf(gate)?.round ?? 0} ${roundOf(gate)?.recalled ?? false}`;
};

export const operatingActsOf = (run: RunView, { id, roles }: Pick<PersonCaller, 'id' | 'roles'>): OperatingActs => {
  const ended = hasEnded(run) ? 'The run has ended.' : null;
  const operates = operatingRoles.some((role) => roles.includes(role));
  const isStarter = id === run.starter;
  const decides = roles.includes('operations-lead') ? null : 'This takes an operations lead.';
  const roleOrStarter = operates || isStarter ? null : 'This takes an operating role, or the person who started the run.';
  const incident = run.gate === incidentId && openGateOf(run) !== undefined ? null : 'No incident is open.';
  const asked = roundOf(openGateOf(run));
  const nobody = 'Nobody is asked to approve now.';
  return {
    resume: ended ?? incident ?? decides ?? (isStarter ? 'The person who started the run may not resume it.' : null),
    end: ended ?? incident ?? decides,
    recall: ended ?? (asked === undefined ? nobody : asked.recalled ? 'The requests were recalled already.' : roleOrStarter),
    'ask-again': ended ?? (asked === undefined ? nobody : asked.recalled ? roleOrStarter : 'The requests are open.'),
    cancel: ended ?? (run.deployments.length > 0 ? 'The deployment has started: only a rollback takes the release back.' : roleOrStarter),
  };
};
