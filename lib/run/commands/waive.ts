import type { Draft } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Line } from '../../checklist/definition.ts';
import { releases } from '../../evaluation/verdict.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { World } from '../../ports.ts';
import { lineFor, needsRole, type Recorded } from './attest.ts';
import type { PersonCaller } from '../state/caller.ts';
import { findingFrom } from '../state/findings.ts';
import { actorOf, appendTo, type RunHead } from '../state/run-context.ts';
import { promiseLook } from '../writing/recheck.ts';
import { recordRefusal } from './refusals.ts';
import { afterChange } from '../writing/regressions.ts';

/** A waiver ends, at the latest, after this time. Milliseconds. */
const longestWaiverMs = 90 * 86_400_000;

type WaiveWorld = Pick<World, 'trail' | 'definitions' | 'clock' | 'people' | 'settler' | 'due'>;
type Deciding = { readonly run: string; readonly line: string; readonly reason: string; readonly request: string };

/** An accepted exception to one line until an instant, by the role that owns the line; never by the run's starter. */
export const waive = async (
  world: WaiveWorld,
  input: Deciding & { readonly until: string },
  caller: PersonCaller,
): Promise<Outcome<Recorded>> => {
  const found = await lineFor(world, input.run, input.line, caller, 'waiver');
  if (found.refused) return found;
  const { head, line } = found.ok;
  const no = notByThem(head, line, caller) ?? badWaiver(line, input.until, world.clock.now());
  if (no !== undefined) return recordRefusal(world, head, caller, 'waiver', no.refused);
  const reason = await world.people.keep(head.run, input.reason);
  return decideLine(world, head, line, caller, {
    scope: head.scope,
    lane: lanes.check(line.gate, line.id),
    step: `waived/${input.request}`,
    type: 'check.waived',
    actor: actorOf(caller),
    data: { line: line.id, reason, until: input.until, by: caller.id, role: line.owner },
  });
};

/** Says that a line the document calls optional does not concern this release, with the reason. */
export const declareNotApplicable = async (world: WaiveWorld, input: Deciding, caller: PersonCaller): Promise<Outcome<Recorded>> => {
  const found = await lineFor(world, input.run, input.line, caller, 'not-applicable');
  if (found.refused) return found;
  const { head, line } = found.ok;
  const fixed = line.optional
    ? undefined
    : refuse('not-applicable-not-allowed', `The line ${line.id} concerns every release.`, {
        got: line.words,
        expected: 'a line that the document calls optional',
        fix: 'Prove the line or waive it.',
      });
  const no = notByThem(head, line, caller) ?? fixed;
  if (no !== undefined) return recordRefusal(world, head, caller, 'not-applicable', no.refused);
  const reason = await world.people.keep(head.run, input.reason);
  return decideLine(world, head, line, caller, {
    scope: head.scope,
    lane: lanes.check(line.gate, line.id),
    step: `not-applicable/${input.request}`,
    type: 'check.not-applicable',
    actor: actorOf(caller),
    data: { line: line.id, reason, by: caller.id, role: line.owner },
  });
};

const decideLine = async (
  world: WaiveWorld,
  head: RunHead,
  line: Line & { readonly gate: string },
  caller: PersonCaller,
  draft: Draft<'check.waived'> | Draft<'check.not-applicable'>,
): Promise<Outcome<Recorded>> => {
  const lane = await world.trail.read(head.scope, { lane: lanes.check(line.gate, line.id) });
  const look = await promiseLook(world, head.run, draft.step);
  const { stored, adopted } = await appendTo(world, head.opener, lane, draft);
  const finding = findingFrom(line, [...lane, stored], head, { now: world.clock.now() });
  await afterChange(world, head, [{ line, releases: releases(finding.verdict), verdict: finding.verdict }], look);
  return ok({
    event: stored.event.id,
    line: line.id,
    verdict: finding.verdict,
    reason: `${finding.reason} (${caller.id})`,
    known: adopted,
  });
};

const notByThem = (head: RunHead, line: Line, caller: PersonCaller): { refused: Refusal } | undefined => {
  if (caller.id === head.started.event.data.starter) {
    return refuse('starter-excluded', 'Who started the run may not make exceptions for it.', {
      got: caller.id,
      expected: `another person who is ${line.owner}`,
      fix: 'Ask another holder of the role.',
    });
  }
  return needsRole(caller, line.owner, `the line ${line.id}`);
};

const badWaiver = (line: Line, until: string, now: Date): { refused: Refusal } | undefined => {
  if (!line.waivable)
    return refuse('waiver-not-allowed', `The line ${line.id} may not be waived.`, {
      got: line.words,
      expected: line.proof,
      fix: 'Prove the line.',
    });
  const longest = new Date(now.getTime() + longestWaiverMs).toISOString();
  if (until <= now.toISOString() || until > longest) {
    return refuse('waiver-not-allowed', 'A waiver ends in the future, within 90 days.', {
      got: until,
      expected: `after ${now.toISOString()}, not after ${longest}`,
      fix: 'Name another end.',
    });
  }
  return undefined;
};
