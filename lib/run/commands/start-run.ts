import { type DataOf, isType, type Stored } from '../../audit/event.ts';
import { releaseSchema } from '../../audit/events/run.ts';
import { genesis, lanes, scopes } from '../../audit/lane.ts';
import { digestOf } from '../../canonical-json.ts';
import { gateOfRole } from '../../checklist/definition.ts';
import { freezesIn } from '../../checklist/freezes.ts';
import { type Targets, usualProbes } from '../../checklist/targets.ts';
import { type Look, looks } from '../../fields.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import type { CiCaller } from '../state/caller.ts';
import { type FreezeView, frozenAt } from '../state/frozen.ts';
import { actorOf, firstGateOf, workflowInput } from '../state/run-context.ts';
import { updateSummary } from '../state/run-summary.ts';
import { readableIn, stageTargetsOf, targetsUnder } from '../state/targets.ts';
import { storeFirstDeadline } from '../writing/recheck.ts';
import { mayServe } from './authorize.ts';
import type { Command } from './command.ts';
import { type StartRun, startRunSchema } from './inputs.ts';
import { inThePast, tooFar } from './planned-t0.ts';
import { recordRefusedStart } from './refusals.ts';
import { definitionFor, type Pinned } from './start-profile.ts';
import { tooFewSigners } from './too-few-signers.ts';

export type RunStarted = {
  readonly run: string;
  readonly startedAt: string;
  readonly gate: string;
  readonly definition: string;
  /** What is frozen at the planned T0, or now for `when-released`: T0 does not come before it ends. */
  readonly freezes: readonly FreezeView[];
};

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
  const rehearsal = drillRefused(deps, input);
  if (rehearsal !== undefined) return recordRefusedStart(deps, caller, input.service, rehearsal.refused);
  const latest = latestT0(deps);
  const far = latest === undefined ? undefined : tooFar(input.plannedT0, latest);
  if (far !== undefined) return recordRefusedStart(deps, caller, input.service, far.refused);
  const wanted = newRunId(deps);
  const run = await deps.index.claim(`start/${caller.token}`, wanted);
  const own = run === wanted ? [] : await deps.trail.read(scopes.run(run), { lane: lanes.run });
  const known = own.find(isType('run.started'));
  // A repetition completes its run, also when the planned T0 has come meanwhile.
  const past = known === undefined ? inThePast(input.plannedT0, deps.clock.now()) : undefined;
  if (past !== undefined) return recordRefusedStart(deps, caller, input.service, past.refused);
  if (known !== undefined && isOther(known, input)) return recordRefusedStart(deps, caller, input.service, spent(run).refused);
  const defined = known === undefined ? await definitionFor(deps, input) : ok(undefined);
  if (defined.refused !== undefined) return recordRefusedStart(deps, caller, input.service, defined.refused);
  // None of the gates of a drill asks for approvals.
  const few = defined.ok === undefined || input.drill !== undefined ? undefined : tooFewSigners(deps.roster, defined.ok, caller.person);
  if (few !== undefined) return recordRefusedStart(deps, caller, input.service, few);
  await storeFirstDeadline(deps, run);
  // When several calls start with one token at once, the first event counts, no matter which call claimed the run. What it pinned was
  // published before it.
  const started = known ?? (await recordStart(deps, { run, input, defined: defined.ok as Pinned }, { ...caller, person: caller.person }));
  if (isOther(started, input)) return recordRefusedStart(deps, caller, input.service, spent(run).refused);
  const { checklist } = deps.definitions.current();
  const gate = firstGateOf(checklist, started);
  if (!own.some(isType('run.ended'))) {
    await deps.workflow.start(run, workflowInput(run, started));
    await updateSummary(deps, { run, started }, { gate }, { asOf: new Date(started.event.at), seen: 0 });
  }
  const { definition, plannedT0, service, environment } = started.event.data;
  const frozen = frozenAt(freezesIn(deps.stage.freezes[service] ?? [], environment), plannedT0, deps.clock.now());
  return ok({ run, startedAt: started.event.at, gate, definition, freezes: frozen });
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

/** A rehearsal takes real traffic from real users, so that only an environment without users may be named. */
const drillRefused = (
  { stage }: Pick<Dependencies, 'stage'>,
  { service, environment, artifacts, drill }: StartRun,
): { refused: Refusal } | undefined => {
  if (drill === undefined) return undefined;
  if (stageTargetsOf({ stage }, { service, environment })?.staging !== true)
    return refuse('drill-not-allowed', `A drill would take ${service} back in ${environment}, which is not marked as staging.`, {
      got: environment,
      expected: 'an environment whose targets in the stage file say `staging: true`',
      fix: 'Name a staging environment, or mark it in the stage file.',
    });
  const names = artifacts.map(({ component }) => component);
  const other =
    drill.components.find(({ component }) => !names.includes(component)) ??
    names.find((name) => !drill.components.some(({ component }) => component === name));
  return other === undefined
    ? undefined
    : refuse('drill-not-allowed', 'The drill must name the same components as what runs now.', {
        got: drill.components.map(({ component }) => component).join(', '),
        expected: names.join(', '),
        fix: 'Name each component once with the version that runs, and once with the version to go back to.',
      });
};

/** The gate that waits for T0 has a deadline like any other. */
const latestT0 = ({ clock, definitions }: Pick<Dependencies, 'clock' | 'definitions'>): string | undefined => {
  const gate = gateOfRole(definitions.current().checklist, 't0');
  return gate === undefined ? undefined : new Date(clock.now().getTime() + gate.deadlineSeconds * 1000).toISOString();
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
  (input.profile !== undefined && input.profile !== data.profile?.digest) ||
  digestOf(releaseSchema.parse(data)) !== digestOf(releaseSchema.parse(input));

type Starting = { readonly run: string; readonly input: StartRun; readonly defined: Pinned };

const recordStart = async (
  deps: StartDependencies,
  { run, input, defined }: Starting,
  caller: CiCaller & { readonly person: string },
): Promise<Stored<'run.started'>> => {
  const { digest, checklist } = defined;
  // A profile never changes the gates.
  const { graph } = deps.definitions.current();
  await deps.definitions.publish(checklist);
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
  const { reason, requestedBy, changes, drill, profile: _, ...facts } = input;
  const targets = targetsUnder(deps, input, checklist);
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
        ...(drill === undefined ? {} : { drill }),
        readable: readableOf(targets, input),
        looks: looksOf(targets),
        ...alarmsOf(targets),
        ...(defined.profile === undefined ? {} : { profile: defined.profile }),
        definition: digest,
        graph,
        roster: deps.roster.digest,
        starter: caller.person,
        token: caller.token,
        ...startOrderOf(targets),
        waitScale: deps.stage.waitScale,
        stage: deps.stage.name,
        local: deps.stage.local,
      },
    },
    { parentHash: definition.stored.hash },
  );
  return stored;
};

/** What profile or stage name is judged; the stage may change while the run goes on. */
const looksOf = (targets: Targets | undefined): Look[] => {
  if (targets === undefined) return [];
  const { length: probes } = usualProbes(targets);
  const named = { probes, operations: targets.openapi === undefined ? 0 : 1 };
  return looks.filter((look) => (look === 'probes' || look === 'operations' ? named[look] : targets[look].length) > 0);
};

/** Pinned as what is looked at is: an alarm that is named later is not asked of this run. */
const alarmsOf = ({ alarms }: Pick<Targets, 'alarms'> = { alarms: [] }): { readonly alarms?: string[] } => {
  return alarms.length === 0 ? {} : { alarms: [...alarms] };
};

/** What CI reports of these components is compared with what their platform says. */
const readableOf = (targets: Targets | undefined, input: StartRun): string[] => {
  const readable = readableIn(targets);
  return input.artifacts.map(({ component }) => component).filter((component) => readable.includes(component));
};

/** The stage may change while the run goes on: what counts for it is pinned. */
const startOrderOf = (targets: Targets | undefined): Pick<DataOf<'run.started'>, 'startOrder'> => {
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
