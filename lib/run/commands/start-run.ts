import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { releaseSchema } from '../../audit/events/run.ts';
import { genesis, lanes, scopes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { gateOfRole } from '../../checklist/definition.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { CiCaller } from '../state/caller.ts';
import { earliestPossible } from '../state/clock-skew.ts';
import { actorOf } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { storeFirstDeadline } from '../writing/recheck.ts';
import { mayServe } from './authorize.ts';
import type { Command } from './command.ts';
import { type StartRun, startRunSchema } from './inputs.ts';
import { recordRefusedStart } from './refusals.ts';

export type RunStarted = { readonly run: string; readonly startedAt: string; readonly gate: string; readonly definition: string };

type StartDependencies = Pick<
  Dependencies,
  'trail' | 'clock' | 'random' | 'index' | 'people' | 'workflow' | 'definitions' | 'roster' | 'stage' | 'evidence' | 'due'
>;

/**
 * Starts a run: pins definition, gate graph and roster, records it, starts the workflow. A token starts one run only. A start that was cut
 * off is completed when the same token asks again, or by the sweep: the stored deadline stays until the first gate has opened.
 */
const perform = async (deps: StartDependencies, input: StartRun, caller: CiCaller): Promise<Outcome<RunStarted>> => {
  const foreign = mayServe(caller, input);
  if (foreign !== undefined) return recordRefusedStart(deps, caller, input.service, foreign.refused);
  if (caller.person === null) return recordRefusedStart(deps, caller, input.service, unmapped(caller).refused);
  const nowhere = unknownPlace(deps, input);
  if (nowhere !== undefined) return recordRefusedStart(deps, caller, input.service, nowhere.refused);
  const far = tooFar(deps, input.plannedT0);
  if (far !== undefined) return recordRefusedStart(deps, caller, input.service, far.refused);
  const wanted = newRunId(deps);
  const run = await deps.index.claim(`start/${caller.token}`, wanted);
  const own = run === wanted ? [] : await deps.trail.read(scopes.run(run), { lane: lanes.run });
  const known = own.find(isType('run.started'));
  // A repetition completes its run, also when the planned T0 has come meanwhile.
  const past = known === undefined ? inThePast(deps, input.plannedT0) : undefined;
  if (past !== undefined) return recordRefusedStart(deps, caller, input.service, past.refused);
  if (known !== undefined && isOther(known, input)) return recordRefusedStart(deps, caller, input.service, spent(run).refused);
  await storeFirstDeadline(deps, run);
  // When several calls start with one token at once, the first event counts, no matter which call claimed the run.
  const started = await recordStart(deps, run, input, { ...caller, person: caller.person });
  if (isOther(started, input)) return recordRefusedStart(deps, caller, input.service, spent(run).refused);
  const { checklist } = deps.definitions.current();
  const gate = checklist.gates[0]?.id ?? '';
  if (!own.some(isType('run.ended'))) {
    await deps.workflow.start(run, { run });
    await updateSummary(deps, { run, started }, { gate }, { asOf: new Date(started.event.at), seen: 0 });
  }
  return ok({ run, startedAt: started.event.at, gate, definition: started.event.data.definition });
};

export const startRun: Command<StartRun, CiCaller, StartDependencies, RunStarted> = Object.assign(perform, {
  id: 'startRun',
  input: startRunSchema,
  callers: ['ci' as const],
});

/** No feed would ever reach a run of an environment that the stage does not have. */
const unknownPlace = ({ stage }: Pick<Dependencies, 'stage'>, { service, environment }: StartRun): { refused: Refusal } | undefined => {
  const environments = stage.environments[service] ?? [];
  return environments.includes(environment)
    ? undefined
    : refuse('environment-unknown', `The stage has no environment ${environment} of service ${service}.`, {
        got: environment,
        expected: environments.join(' or ') || 'a service of this stage',
        fix: 'Name one of them, or add it to the stage configuration.',
      });
};

/** The gate that waits for T0 has a deadline like any other. */
const tooFar = (
  { clock, definitions }: Pick<Dependencies, 'clock' | 'definitions'>,
  plannedT0: StartRun['plannedT0'],
): { refused: Refusal } | undefined => {
  const gate = gateOfRole(definitions.current().checklist, 't0');
  if (gate === undefined || plannedT0 === 'when-gates-pass') return undefined;
  const latest = new Date(clock.now().getTime() + gate.deadlineSeconds * 1000).toISOString();
  return plannedT0 <= latest
    ? undefined
    : refuse('planned-t0', `The planned T0 is too far ahead: a run waits at most ${gate.deadlineSeconds / 86_400} days for it.`, {
        got: plannedT0,
        expected: `not after ${latest}`,
        fix: 'Start the run nearer to its T0, or leave plannedT0 at `when-gates-pass`.',
      });
};

/** A T0 that lies in the past was never planned: approvers would read it as a plan. */
const inThePast = ({ clock }: Pick<Dependencies, 'clock'>, plannedT0: StartRun['plannedT0']): { refused: Refusal } | undefined => {
  const earliest = earliestPossible(clock.now());
  return plannedT0 === 'when-gates-pass' || plannedT0 >= earliest
    ? undefined
    : refuse('planned-t0', 'The planned T0 lies in the past.', {
        got: plannedT0,
        expected: `not before ${earliest}`,
        fix: 'Name a T0 that is still to come, or leave plannedT0 at `when-gates-pass`.',
      });
};

/** The person who starts a run must not sign it, so a start whose starter is not known for certain is refused. */
const unmapped = (caller: CiCaller): { refused: Refusal } => {
  if (caller.unnamed === 'rerun')
    return refuse(
      'starter-unmapped',
      'The CI job was run again, and its token names the person of the first attempt, not the one who ran it again.',
      {
        got: 'the token of a later attempt',
        expected: 'the token of a first attempt',
        fix: 'Start a new workflow run instead of re-running this one. Reports of a re-run are accepted.',
      },
    );
  if (caller.unnamed === 'nobody')
    return refuse(
      'starter-unmapped',
      'Tokens of this CI system name no person, so Holdpoint does not know who may not sign this release.',
      {
        got: caller.id,
        expected: 'a person who answers for the starts of this identity',
        fix: 'Name that person as `starter` of the identity in the stage configuration.',
      },
    );
  return refuse(
    'starter-unmapped',
    "The CI job's starter is not in the roster, so Holdpoint could not stop that person from signing their own release.",
    {
      got: caller.id,
      expected: 'a starter that the roster maps to a person',
      fix: "Add the starter to a person's `starters` in the stage configuration.",
    },
  );
};

const spent = (run: string): { refused: Refusal } =>
  refuse('token-spent', `The token of this job has started run ${run} already.`, {
    got: run,
    expected: 'one run for one token',
    fix: "Go on with that run, or start another with a new job's token.",
  });

/**
 * Whether the token has started a run for another release: the same release asked for again is the same run, completed if need be. The
 * trail holds digests of what people typed, so reason and changes are not compared.
 */
const isOther = ({ event: { data } }: Stored<'run.started'>, input: StartRun): boolean =>
  digestOf(releaseSchema.parse(data)) !== digestOf(releaseSchema.parse(input));

const recordStart = async (
  deps: StartDependencies,
  run: string,
  input: StartRun,
  caller: CiCaller & { readonly person: string },
): Promise<Stored<'run.started'>> => {
  const { digest, graph, checklist } = deps.definitions.current();
  await deps.definitions.publish();
  const definition = await deps.trail.append(
    {
      scope: scopes.installation,
      lane: lanes.definition,
      step: `${digest}/${graph}`,
      type: 'definition.published',
      actor: actorOf(caller),
      data: { name: checklist.name, version: checklist.version, digest, graphDigest: graph },
    },
    { parentHash: genesis },
  );
  await deps.trail.append(
    {
      scope: scopes.installation,
      lane: lanes.roster,
      step: deps.roster.digest,
      type: 'roster.published',
      actor: actorOf(caller),
      data: { digest: deps.roster.digest, people: deps.roster.size },
    },
    { parentHash: definition.stored.hash },
  );
  const { reason, requestedBy, changes, ...facts } = input;
  const { stored } = await deps.trail.append(
    {
      scope: scopes.run(run),
      lane: lanes.run,
      step: 'started',
      type: 'run.started',
      actor: actorOf(caller),
      data: {
        ...facts,
        reasonDigest: await deps.people.keep(run, reason),
        changesDigest: changes.length === 0 ? null : await deps.people.keep(run, changes.join('\n')),
        requestedBy: requestedBy === undefined ? null : await deps.people.keep(run, requestedBy),
        definition: digest,
        graph,
        roster: deps.roster.digest,
        starter: caller.person,
        token: caller.token,
        ...startOrderOf(deps, input),
        waitScale: deps.stage.waitScale,
        stage: deps.stage.name,
        local: deps.stage.local,
      },
    },
    { parentHash: definition.stored.hash },
  );
  return stored;
};

/** The stage may change while the run goes on: what counts for it is pinned. */
const startOrderOf = ({ stage }: StartDependencies, { service, environment }: StartRun): Pick<DataOf<'run.started'>, 'startOrder'> => {
  const targets = stage.targets[service]?.[environment];
  if (targets === undefined) return {};
  return { startOrder: targets.components.map(({ component, startsAfter }) => ({ component, after: startsAfter })) };
};

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `20261124-141203-` and ten random characters: sorts by time, reads well, and serves as the execution's name. */
const newRunId = ({ clock, random }: Pick<Dependencies, 'clock' | 'random'>): string => {
  const time = clock.now().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const tail = Array.from({ length: 10 }, () => alphabet[Math.floor(random.fraction() * alphabet.length)]).join('');
  return `${time}-${tail}`;
};
