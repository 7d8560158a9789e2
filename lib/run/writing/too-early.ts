import { isType, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Item, modeAt } from '../../checklist/definition.ts';
import { partExceptions, withExceptions } from '../../evaluation/check-parts.ts';
import { partName } from '../../fields.ts';
import { stagedSince } from '../../folds/staging.ts';
import type { Dependencies } from '../../ports.ts';
import { satisfies } from '../../verdict.ts';
import { findingFrom } from '../state/findings.ts';
import type { RunContext } from '../state/run-context.ts';

/** The lanes that tell when what evidence must follow has happened, as they are `now`: exceptions end. */
export type Followed = { readonly deployment: readonly Stored[]; readonly staging: readonly Stored[]; readonly now: Date };

/** The check that tells since when staging runs the release, while the run requires it: who drops the check has nothing to follow. */
export const tellsStaging = ({ checklist }: Pick<RunContext, 'checklist'>, now: Date): Item | undefined =>
  checklist.items.find((item) => item.tells === 'staging.deployed' && item.gate !== null && modeAt(item, now) === 'required');

/** Reads the lanes that these checks must follow. */
export const readFollowed = async (
  { trail, clock }: Pick<Dependencies, 'trail' | 'clock'>,
  context: RunContext,
  checks: readonly Pick<Item, 'after'>[],
): Promise<Followed> => {
  const teller = checks.some(({ after }) => after === 'staging.deployed') ? tellerOf(context) : undefined;
  const isAfter = checks.some(({ after }) => after !== null && after !== 'staging.deployed');
  return {
    deployment: isAfter ? await trail.read(context.scope, { lane: lanes.deployment }) : [],
    staging: teller === undefined ? [] : await trail.read(context.scope, { lane: lanes.check(teller.gate ?? '', teller.id) }),
    now: clock.now(),
  };
};

/** Why what staging answers now says nothing about the release; undefined when it does. */
export const whyNotStaged = async (deps: Pick<Dependencies, 'trail' | 'clock'>, context: RunContext): Promise<string | undefined> =>
  whyNotStagedIn(context, await readFollowed(deps, context, [{ after: 'staging.deployed' }]));

/** The same from check lanes that are in memory already. */
export const whyNotStagedAmong = (context: RunContext, checks: ReadonlyMap<string, readonly Stored[]>, now: Date): string | undefined => {
  const teller = tellerOf(context);
  const staging = teller === undefined ? [] : (checks.get(lanes.check(teller.gate ?? '', teller.id)) ?? []);
  return whyNotStagedIn(context, { deployment: [], staging, now });
};

const whyNotStagedIn = (context: RunContext, followed: Followed): string | undefined =>
  tooEarly({ after: 'staging.deployed' }, followed.now.toISOString(), followed, context);

const tellerOf = ({ checklist }: Pick<RunContext, 'checklist'>): Item | undefined =>
  checklist.items.find(({ tells }) => tells === 'staging.deployed');

const beforeStaging = (madeAt: string, { staging, now }: Followed, context: RunContext): string | undefined => {
  const teller = tellsStaging(context, new Date(madeAt));
  if (teller === undefined) return undefined;
  const { verdict, parts } = findingFrom(teller, staging, context, { now });
  const exceptedParts = new Set((parts?.listed ?? []).flatMap(({ subject, exception }) => (exception === null ? [] : [subject])));
  const isByParts = exceptedParts.size > 0 && parts?.listed.every((part) => satisfies(part.verdict)) === true;
  // Who is excepted from the check has nothing to follow, as who drops it. An exception for a component frees from waiting for this one alone.
  if ((verdict === 'waived' || verdict === 'not-applicable') && !isByParts) return undefined;
  const components = context.started.event.data.artifacts.map(({ component }) => component);
  const followed = components.filter((component) => !exceptedParts.has(partName({ kind: 'component', id: component })));
  if (followed.length === 0) return undefined;
  const exceptions = { check: teller, now, exceptions: partExceptions(staging) };
  const since = stagedSince(staging, followed, (judged) => satisfies(withExceptions(judged, exceptions)?.verdict ?? judged.verdict));
  if (since === undefined)
    return `nothing tells yet that staging runs the release, and it must follow that: send what ${teller.id} needs first`;
  return madeAt < since ? `made at ${madeAt}, before staging runs the release since ${since}, which it must follow` : undefined;
};

/**
 * Why evidence does not count for a check that demands evidence made after an event of the run; undefined when it counts. Evidence that
 * does not count is not judged, and the sender gets the reason.
 */
export const tooEarly = (check: Pick<Item, 'after'>, madeAt: string, followed: Followed, context: RunContext): string | undefined => {
  const { after } = check;
  if (after === null) return undefined;
  if (after === 'staging.deployed') return beforeStaging(madeAt, followed, context);
  const times = context.started.event.data.artifacts.map(
    ({ component }) => followed.deployment.filter(isType(after)).findLast(({ event }) => event.data.component === component)?.event.at,
  );
  if (times.some((time) => time === undefined)) return `made before ${after}, which it must follow`;
  const last = (times as string[]).sort().at(-1) ?? '';
  return madeAt < last ? `made at ${madeAt}, before ${after} at ${last}, which it must follow` : undefined;
};
