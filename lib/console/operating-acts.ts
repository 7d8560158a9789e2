import { type OperatingAct, operatingActs } from '../api/operating-pages.ts';
import { digestOf } from '../canonical-json.ts';
import { approvalsNow, hasEnded, incidentId, openGateOf } from '../query/gate-state.ts';
import type { GateView, RunView } from '../query/view.ts';
import { roles as allRoles, operatingRoles, signerRoles } from '../roles.ts';
import type { PersonCaller } from '../run/state/caller.ts';

/** Null where the person can do it now; else why not, as a sentence. The command decides anew. */
export type OperatingActs = Readonly<Record<OperatingAct, string | null>>;
type Viewer = Pick<PersonCaller, 'id' | 'roles'>;

/** The newest round of an open gate's requests, and whether it was recalled; undefined where nobody is asked. */
const roundOf = (gate: GateView | undefined): { readonly round: number; readonly recalled: boolean } | undefined => {
  if (gate === undefined) return undefined;
  const own = approvalsNow(gate);
  const round = Math.max(0, ...own.map((one) => one.round));
  const newest = own.filter((one) => one.round === round);
  return newest.length === 0 ? undefined : { round, recalled: newest.every(({ recalled }) => recalled) };
};

/** What a form is bound to: the visit of the open gate, the round of its requests, the planned T0, and who wants which freeze overridden. */
export const seenOf = (run: RunView): string => {
  const gate = openGateOf(run);
  const freezes = run.freezeOverrides.map(({ freeze, by, approved }) => [freeze, ...by, approved]);
  return digestOf({ gate: gate?.id ?? null, openedAt: gate?.openedAt ?? null, asked: roundOf(gate) ?? null, t0: run.plannedT0, freezes });
};

/** Requests to override a freeze of a run that wait for a second person. */
const waiting = ({ freezeOverrides }: RunView, freeze: string): RunView['freezeOverrides'] =>
  freezeOverrides.filter((one) => one.freeze === freeze && !one.approved);

/**
 * The freezes at the planned T0 that the person can ask to override, or whose override they can approve. A person who has
 * asked waits for another one.
 */
export const freezesFor = (run: RunView, { id }: Pick<Viewer, 'id'>): RunView['freezes'] =>
  run.freezes.filter(({ name, overridden }) => !overridden && !waiting(run, name).some(({ by }) => by.includes(id)));

/** Why the person cannot override a freeze, beside the end of the run and T0. */
const noOverride = (run: RunView, viewer: Viewer): string | null => {
  const open = run.freezes.filter(({ overridden }) => !overridden);
  if (open.length === 0) return run.freezes.length === 0 ? 'No freeze holds the planned T0.' : 'The freeze is overridden already.';
  if (!signerRoles.some((role) => viewer.roles.includes(role)))
    return 'This takes two people: an operations lead, and a technical lead or product owner.';
  if (viewer.id === run.starter) return 'The person who started the run may not override a freeze for it.';
  return freezesFor(run, viewer).length > 0
    ? null
    : 'You have asked for it. It waits for a second person: of the two, one is an operations lead, and the other is a technical lead or product owner.';
};

/** What the person can do now. */
export const ownActs = (run: RunView, viewer: Viewer): readonly OperatingAct[] => {
  const acts = operatingActsOf(run, viewer);
  return operatingActs.filter((act) => acts[act] === null);
};

/** What at least one person can do now. */
export const openActs = (run: RunView): readonly OperatingAct[] => ownActs(run, { id: '', roles: [...allRoles] });

export const operatingActsOf = (run: RunView, viewer: Viewer): OperatingActs => {
  const { id, roles } = viewer;
  const ended = hasEnded(run) ? 'The run has ended.' : null;
  const operates = operatingRoles.some((role) => roles.includes(role));
  const isStarter = id === run.starter;
  const decides = roles.includes('operations-lead') ? null : 'This takes an operations lead.';
  const roleOrStarter = operates || isStarter ? null : 'This takes an operating role, or the person who started the run.';
  const incident = run.gate === incidentId && openGateOf(run) !== undefined ? null : 'No incident is open.';
  const asked = roundOf(openGateOf(run));
  const nobody = 'Nobody is asked to approve now.';
  const fixed = run.latestT0 === null ? 'T0 has come: the deployment may start.' : null;
  return {
    resume: ended ?? incident ?? decides ?? (isStarter ? 'The person who started the run may not resume it.' : null),
    end: ended ?? incident ?? decides,
    recall: ended ?? (asked === undefined ? nobody : asked.recalled ? 'The requests have ended already.' : roleOrStarter),
    'ask-again': ended ?? (asked === undefined ? nobody : asked.recalled ? roleOrStarter : 'The requests are open.'),
    reschedule: ended ?? fixed ?? (operates ? null : 'This takes an operating role.'),
    'override-freeze': ended ?? fixed ?? noOverride(run, viewer),
    cancel: ended ?? (run.deployments.length > 0 ? 'The deployment has started: only a rollback takes the release back.' : roleOrStarter),
  };
};
