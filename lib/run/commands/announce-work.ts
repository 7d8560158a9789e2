import { lanes, scopes } from '../../audit/lane.ts';
import { accountAndRegion } from '../../checklist/aws-places.ts';
import { restartingIn } from '../../checklist/observed-resources.ts';
import { nameOfSource, type Platform, type Targets } from '../../checklist/targets.ts';
import { subjectOfAlarm } from '../../fields.ts';
import { announced } from '../../folds/announcements.ts';
import { proposalsIn } from '../../folds/profile.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import { operatingRoles } from '../../roles.ts';
import type { Caller } from '../state/caller.ts';
import { earliestPossible } from '../state/clock-skew.ts';
import { readTail } from '../state/environment.ts';
import { readProfiles } from '../state/registered-profiles.ts';
import { actorOf } from '../state/run-context.ts';
import { targetsUnder } from '../state/targets.ts';
import { mayOperate } from './authorize.ts';
import { appendIn, type EnvironmentDependencies, environmentCommand } from './environment-command.ts';
import { type AnnouncementInput, announcementSchema } from './inputs.ts';
import { withinLimits } from './limits.ts';
import { startsThere } from './own-open-run.ts';
import { definedNow } from './profile-steps.ts';

type Refused = { readonly refused: Refusal };
type Announcing = AnnouncementInput & { readonly service: string; readonly environment: string; readonly request: string };

/** A window is as long as one test or one restart may take, and is announced for the days ahead. Milliseconds. */
const longestMs = 4 * 3_600_000;
const aheadMs = 7 * 86_400_000;

/**
 * People who operate a service say before planned work which alarm will go off or what will be restarted, and when. What the feeds report of
 * it afterwards is set aside, and no trigger, review or label duty counts it. CI, and who started a run that is open there, would mute what
 * takes their own release back.
 */
export const announceWork = environmentCommand({
  id: 'announceWork',
  input: announcementSchema,
  callers: ['ci', 'person'],
  action: ({ kind, subject }: Announcing) => `announce ${kind} of ${subject.slice(0, 80)}`,
  decide: async (deps: EnvironmentDependencies, scope: string, input: Announcing, caller: Caller) => {
    const now = deps.clock.now();
    const from = input.from ?? now.toISOString();
    if (caller.kind === 'ci') return notForCi(caller.id);
    const notAllowed = mayOperate(caller, 'planned work');
    if (notAllowed !== undefined) return notAllowed;
    const defined = await definedNow(deps, proposalsIn(await readProfiles(deps, input.service)));
    if (defined.refused !== undefined) return defined;
    const targets = targetsUnder(deps, input, defined.ok.checklist);
    const resources = restartingIn(deps.stage.resources[input.service] ?? [], input.environment);
    const names = namesOf(targets, resources, input);
    const no =
      (await startsThere(deps, input, caller, own)) ??
      (names === undefined ? unknownSubject(subjectsOf(targets, resources, input.kind), input) : undefined) ??
      windowFlaw({ from, until: input.until }, now) ??
      (await withinLimits(deps, { service: input.service }, caller, { announcements: 1 }));
    if (no !== undefined) return no;
    return appendIn({
      draft: {
        scope,
        lane: lanes.announced,
        step: `announced/${input.request}`,
        type: 'work.announced',
        actor: actorOf(caller),
        data: {
          kind: input.kind,
          subject: input.subject,
          names: [...(names ?? [])],
          ...(input.kind === 'alarm-test' && targets?.cloudwatch !== undefined ? { alarmsAt: accountAndRegion(targets.cloudwatch) } : {}),
          from,
          until: input.until,
          by: caller.id,
          // Runs of the service show it beside the observations that it explains.
          reason: await deps.people.keep(scopes.service(input.service), input.reason),
        },
      },
      lane: await readTail(deps, scope, lanes.announced),
      answer: ({ stored: { event }, adopted }) => ({
        event: event.id,
        kind: event.data.kind,
        subject: event.data.subject,
        from: event.data.from,
        until: event.data.until,
        alreadyRecorded: adopted,
      }),
    });
  },
});

const own = {
  act: 'announce planned work in its environment',
  fix: 'Ask somebody else in operations to announce it: they know of your release, and decide whether it may be hidden.',
};

const notForCi = (identity: string): Refused =>
  refuse('role-missing', 'A CI job may not announce planned work: what it announces would hide what its own release does.', {
    got: identity,
    expected: operatingRoles.join(' or '),
    fix: 'Ask somebody in operations who did not start the run to announce it.',
  });

/** How observations name the subject; undefined where neither profile nor stage file has such an alarm, component or resource. */
const namesOf = (
  targets: Targets | undefined,
  resources: readonly string[],
  { kind, subject }: Announcing,
): readonly string[] | undefined => {
  if (kind === 'alarm-test') return targets?.alarms.includes(subject) ? [subjectOfAlarm(subject)] : undefined;
  const component = targets?.components.find((one) => one.component === subject);
  const isResource = resources.includes(subject) || targets?.restarts.some((one) => nameOfSource(one) === subject) === true;
  if (component === undefined && !isResource) return undefined;
  return [
    ...new Set([subject, ...(isResource ? [lastPart(subject)] : []), ...(component === undefined ? [] : namesOn(component.platform))]),
  ];
};

const lastPart = (name: string): string => name.split('/').at(-1) ?? name;

const namesOn = (platform: Platform): readonly string[] => {
  if (platform.kind === 'ecs-service') return [platform.service, `${platform.cluster}/${platform.service}`];
  return platform.kind === 'lambda-alias' ? [platform.function] : [];
};

const subjectsOf = (targets: Targets | undefined, resources: readonly string[], kind: Announcing['kind']): readonly string[] =>
  kind === 'alarm-test'
    ? (targets?.alarms ?? [])
    : [
        ...new Set([
          ...(targets?.components ?? []).map(({ component }) => component),
          ...(targets?.restarts ?? []).map(nameOfSource),
          ...resources,
        ]),
      ];

const unknownSubject = (known: readonly string[], { kind, subject, service, environment }: Announcing): Refused =>
  refuse('announced-subject', `Profile and stage file have no such ${announced[kind].of} of ${service} in ${environment}.`, {
    got: subject.slice(0, 200),
    expected: known.length === 0 ? `one that profile or stage file names, and they name none` : `one of ${known.join(', ')}`.slice(0, 500),
    fix:
      kind === 'alarm-test'
        ? 'Name one alarm, and each further one in an announcement of its own. An alarm that is missing belongs to `targets.<environment>.alarms` of the profile, or of the service in the stage file.'
        : 'Name one component, or one resource of `restarts` or `resources`, and each further one in an announcement of its own.',
  });

/** Nobody excuses what has happened: a window begins now or later. A sender whose clock is behind ours is given some minutes. */
const windowFlaw = ({ from, until }: { readonly from: string; readonly until: string }, now: Date): Refused | undefined => {
  if (from < earliestPossible(now))
    return refuse('announced-window', 'The window began in the past, and planned work is announced before it happens.', {
      got: from,
      expected: `not before ${earliestPossible(now)}`,
      fix: 'Announce what is still to come. What has happened is labelled or explained on the run.',
    });
  const latest = new Date(now.getTime() + aheadMs).toISOString();
  if (from > latest)
    return refuse('announced-window', 'The window begins too far ahead.', {
      got: from,
      expected: `not after ${latest}`,
      fix: 'Announce it within the seven days before.',
    });
  const longest = new Date(Date.parse(from) + longestMs).toISOString();
  if (until > from && until > now.toISOString() && until <= longest) return undefined;
  const flaw =
    until > longest
      ? 'The window is longer than four hours.'
      : until > from
        ? 'The window has ended already.'
        : 'The window ends before it begins.';
  return refuse('announced-window', flaw, {
    got: `${from} until ${until}`,
    expected: `an end after the beginning and after ${now.toISOString()}, at ${longest} at the latest`,
    fix: 'Announce the time that the work takes, and announce again if it takes longer.',
  });
};
