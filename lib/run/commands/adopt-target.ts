import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import type { Running } from '../../audit/events/run.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical } from '../../canonical-json.ts';
import { liveIn, openProposals } from '../../folds/environment.ts';
import { type Outcome, type Refusal, refuse } from '../../outcome.ts';
import type { Role } from '../../roles.ts';
import type { PersonCaller } from '../state/caller.ts';
import { readTail } from '../state/environment.ts';
import { actorOf } from '../state/run-context.ts';
import { needsRole, staleSignIn, stillHeld } from './authorize.ts';
import { appendIn, type EnvironmentStep, environmentCommand } from './environment-command.ts';
import { targetInputSchema } from './inputs.ts';

export type TargetInput = {
  readonly service: string;
  readonly environment: string;
  readonly request: string;
  readonly target: 'adopt' | 'withdraw';
  readonly version?: string | undefined;
  readonly components: readonly { readonly component: string; readonly digest: string; readonly reference?: string | undefined }[];
  readonly reason?: string | undefined;
  readonly commit?: string | undefined;
};
export type TargetNamed = {
  readonly event: string;
  readonly state: 'proposed' | 'adopted';
  /** The role in which another person must send the same; null when both have. */
  readonly needs: string | null;
  readonly alreadyRecorded: boolean;
};

/** The two people are one of each. */
const deciders: readonly Role[] = ['operations-lead', 'technical-lead'];
/** A proposal that nobody accepts counts so long, in milliseconds. */
const openForMs = 7 * 86_400_000;

/**
 * Names the version to which the first release of a service can be taken back, or accepts that such a rollback takes the service away. The
 * first person proposes it; when a second one in the other role sends the same, it counts. People vouch for digest and reference; where
 * the platform can be read, it becomes a target only when the platform has said the same, at T0 of the next run.
 */
export const adoptTarget = environmentCommand({
  id: 'adoptTarget',
  input: targetInputSchema,
  action: ({ target }: TargetInput) => `target ${target}`,
  decide: async (
    deps,
    scope,
    input: TargetInput,
    caller,
  ): Promise<Outcome<EnvironmentStep<TargetNamed>> | { readonly refused: Refusal }> => {
    const lane = await readTail(deps, scope, lanes.live);
    const no =
      needsRole(caller, deciders, 'the target of rollbacks') ?? staleSignIn(caller, deps.clock.now()) ?? noFirstRelease(lane, input);
    if (no !== undefined) return no;
    const named = namedBy(input);
    const adopted = adoptedNow(lane, named);
    if (adopted !== undefined)
      return { ok: async () => ({ ok: { event: adopted.event.id, state: 'adopted', needs: null, alreadyRecorded: true } }) };
    const since = new Date(deps.clock.now().getTime() - openForMs).toISOString();
    const open = openProposals(lane, since).filter(({ event: { data } }) => isSame(named, data));
    const own = open.find(({ event }) => event.data.by === caller.id);
    // What somebody proposed in a role that they no longer hold is accepted by nobody.
    const other = open.findLast(({ event }) => event.data.by !== caller.id && stillHeld(deps.roster, event.data).length > 0);
    const reason = input.reason === undefined ? null : await deps.people.keep(scope, input.reason);
    const data = { ...named, by: caller.id, reason };
    if (other === undefined) return propose(scope, lane, { data, caller, step: own?.event.data.by === caller.id ? own : undefined, input });
    const { by } = other.event.data;
    const roles = stillHeld(deps.roster, other.event.data);
    if (!coverBoth(roles, caller.roles)) return sameRole(caller, roles);
    return appendIn({
      draft: {
        scope,
        lane: lanes.live,
        step: `adopted/${other.event.id}`,
        type: 'target.adopted',
        actor: actorOf(caller),
        data: { ...data, proposed: other.event.id, proposedBy: by },
      },
      lane,
      answer: ({ stored, adopted }): TargetNamed => ({ event: stored.event.id, state: 'adopted', needs: null, alreadyRecorded: adopted }),
    });
  },
});

/** The newest adoption, where it says the same and nothing became live since: who sends it again changes nothing. */
const adoptedNow = (lane: readonly Stored[], named: Named): Stored<'target.adopted'> | undefined => {
  const now = liveIn(lane).at(-1)?.event;
  return lane.filter(isType('target.adopted')).find(({ event }) => event.id === now && isSame(named, event.data));
};

type Named = Pick<DataOf<'target.proposed'>, 'version' | 'level' | 'components' | 'commit'>;

const namedBy = ({ target, version, components, commit }: TargetInput): Named =>
  target === 'withdraw'
    ? { version: 'none', level: 'withdraw', components: [] }
    : {
        version: version ?? '',
        level: 'adopted',
        components: components
          .map(({ component, digest, reference }): Running => ({ component, digest, reference: reference ?? null }))
          .toSorted((a, b) => (a.component < b.component ? -1 : 1)),
        ...(commit === undefined ? {} : { commit }),
      };

const isSame = (named: Named, { version, level, components, commit }: Named): boolean =>
  canonical(named) === canonical({ version, level, components, ...(commit === undefined ? {} : { commit }) });

type Proposing = {
  readonly data: Named & { readonly by: string; readonly reason: string | null };
  readonly caller: PersonCaller;
  /** The person's own proposal, which is repeated. */
  readonly step: Stored<'target.proposed'> | undefined;
  readonly input: TargetInput;
};

const propose = (
  scope: string,
  lane: readonly Stored[],
  { data, caller, step: own, input }: Proposing,
): Outcome<EnvironmentStep<TargetNamed>> => {
  const roles = deciders.filter((role) => caller.roles.includes(role));
  const needs = roles.length === deciders.length ? deciders.join(' or ') : (deciders.find((role) => !roles.includes(role)) ?? '');
  if (own !== undefined) return { ok: async () => ({ ok: { event: own.event.id, state: 'proposed', needs, alreadyRecorded: true } }) };
  return appendIn({
    draft: {
      scope,
      lane: lanes.live,
      step: `proposed/${input.request}`,
      type: 'target.proposed',
      actor: actorOf(caller),
      data: { ...data, roles },
    },
    lane,
    answer: ({ stored, adopted }): TargetNamed => ({ event: stored.event.id, state: 'proposed', needs, alreadyRecorded: adopted }),
  });
};

/** Whether the two people can stand for one role each. */
const coverBoth = (first: readonly string[], second: readonly string[]): boolean =>
  deciders.some((role) => first.includes(role) && deciders.some((other) => other !== role && second.includes(other)));

const sameRole = (caller: PersonCaller, roles: readonly string[]): { readonly refused: Refusal } =>
  refuse('role-missing', 'The first person proposed it in the only role that you could accept it in.', {
    got: caller.roles.join(', '),
    expected: `one ${deciders.join(' and one ')}; the proposal came from the ${roles.join(', ')}`,
    fix: 'Ask a holder of the other role to send the same.',
  });

/** Taking the service away is no way back where a version is known to which it can go. */
const noFirstRelease = (lane: readonly Stored[], { target }: TargetInput): { readonly refused: Refusal } | undefined => {
  const known = liveIn(lane).findLast(({ level }) => level !== 'withdraw' && level !== 'deployed');
  if (target !== 'withdraw' || known === undefined) return undefined;
  return refuse('target-known', 'A version is known to which a rollback can lead, so this is no first release.', {
    got: 'withdraw',
    expected: `a rollback to version ${known.version} (${known.level})`,
    fix: 'Nothing has to be accepted: T0 fixes that version as the target.',
  });
};
