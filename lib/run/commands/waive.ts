import { isType, type Stored } from '../../audit/event.ts';
import { lanes, scopes } from '../../audit/lane.ts';
import { type PartSubject, partName } from '../../fields.ts';
import { type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { counted } from '../../wording.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { checkOf, type GatedCheck } from './authorize.ts';
import { runCommand } from './command.ts';
import { waiveSchema } from './inputs.ts';
import { type ExceptDependencies, findPart, mayExcept, recordException } from './record-exception.ts';

/** A waiver ends, at the latest, after this time where the pinned definition names none. Seconds. */
const longestWaiverSeconds = 90 * 86_400;

type Waiver = {
  readonly run: string;
  readonly check: string;
  readonly reason: string;
  readonly until: string;
  readonly subject?: PartSubject | undefined;
  readonly request: string;
};

type WaiveDependencies = ExceptDependencies & Pick<Dependencies, 'index'>;

/** Accepts an exception to one check, or to one part of it, until an instant. */
export const waive = runCommand({
  id: 'waive',
  input: waiveSchema,
  callers: ['person'],
  action: () => 'waiver',
  decide: async (deps: WaiveDependencies, context, input: Waiver, caller: PersonCaller) => {
    const found = checkOf(context, input.check);
    if (found.refused) return found;
    const check = found.ok;
    const { subject } = input;
    const no = mayExcept(deps, context, check, caller) ?? badWaiver(check, input.until, deps.clock.now());
    if (no !== undefined) return no;
    const part = await findPart(deps, context, check, subject);
    if (part.refused) return part;
    const inARow = await waivedInARow(deps, context, check);
    const reason = await deps.people.keep(context.run, input.reason);
    return recordException(deps, context, check, {
      scope: context.scope,
      lane: lanes.check(check.gate, check.id),
      step: `waived/${input.request}`,
      type: 'check.waived',
      actor: actorOf(caller),
      data: {
        check: check.id,
        reason,
        until: input.until,
        by: caller.id,
        role: check.owner,
        ...(inARow < 2 ? {} : { inARow }),
        ...(subject === undefined ? {} : { subject }),
      },
    });
  },
});

const badWaiver = (check: GatedCheck, until: string, now: Date): { readonly refused: Refusal } | undefined => {
  if (!check.waivable)
    return refuse('waiver-not-allowed', `The check ${check.id} may not be waived.`, {
      got: check.words,
      expected: check.proof,
      fix: 'Prove the check.',
    });
  const seconds = check.maxWaiverSeconds ?? longestWaiverSeconds;
  const longest = new Date(now.getTime() + seconds * 1000).toISOString();
  if (until > now.toISOString() && until <= longest) return undefined;
  return refuse(
    'waiver-not-allowed',
    `A waiver of the check ${check.id} must end in the future, within ${counted(Math.floor(seconds / 86_400), 'day')}.`,
    {
      got: until,
      expected: `after ${now.toISOString()}, not after ${longest}`,
      fix: 'Name another end.',
    },
  );
};

/** So many earlier runs are read at most: some ended before anything was recorded for the check. */
const mostReadBack = 5;

/**
 * In how many runs of the service and environment, one after the other, the check is waived, with this one: as a whole or in any part, because a
 * check that is waived each time for another part is never proved either. The run before says how many there were up to it, so one run is usually
 * read, however long the row is. A run in which the check was neither waived nor proved, as one that was cancelled early, ends no row.
 */
const waivedInARow = async ({ index, trail }: WaiveDependencies, { run, started }: RunContext, check: GatedCheck): Promise<number> => {
  const { service, environment } = started.event.data;
  const { runs } = await index.list({ service, environment, limit: 20 });
  const before = runs.filter((one) => one.run !== run && one.startedAt < started.event.at).slice(0, mostReadBack);
  for (const one of before) {
    const row = rowIn(await trail.read(scopes.run(one.run), { lane: lanes.check(check.gate, check.id) }));
    if (row !== undefined) return row + 1;
  }
  return 1;
};

/** In how many runs the check is waived up to the one of this lane; 0 where it ends a row; undefined where it says nothing. */
const rowIn = (lane: readonly Stored[]): number | undefined => {
  const standing = new Map<string, number>();
  let row: number | undefined;
  for (const stored of lane) {
    if (isType('check.waived')(stored)) standing.set(nameOf(stored.event.data.subject), stored.event.data.inARow ?? 1);
    else if (isType('check.exception-revoked')(stored)) {
      const { subject } = stored.event.data;
      if (subject === undefined) standing.clear();
      else standing.delete(nameOf(subject));
    }
    // What passed later was proved after all.
    else if (isType('check.judged')(stored) && stored.event.data.verdict === 'pass') standing.clear();
    else continue;
    row = Math.max(0, ...standing.values());
  }
  return row;
};

const nameOf = (subject: PartSubject | undefined): string => (subject === undefined ? '' : partName(subject));
