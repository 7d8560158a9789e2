import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { canonical } from '../../canonical-json.ts';
import { type Gate, gatesOf, itemOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import type { Dependencies } from '../../ports.ts';
import { findingFrom } from './findings.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { RunExceptions } from './run-exceptions.ts';

/** What a person approved in this run before: the gate, when, and the exceptions that were not there then. */
export type LastSigned = {
  readonly title: string;
  readonly at: string;
  readonly changed: readonly string[];
  /** How often since then a gate has failed, an incident was resumed, a freeze was overridden or an observation was labelled. */
  readonly events: number;
};

/**
 * The newest approval that a person gave at another gate of the run, and which of these exceptions are new since or have another verdict. Null
 * where the person has approved nothing yet.
 */
export const readLastSigned = async (
  deps: Pick<Dependencies, 'trail'>,
  inputs: GateInputs,
  { gate, person, exceptions }: { readonly gate: Gate; readonly person: string; readonly exceptions: RunExceptions },
): Promise<LastSigned | null> => {
  const { context } = inputs;
  const others = gatesOf(context.checklist).filter(({ id, asks }) => asks.length > 0 && id !== gate.id);
  const answers = await Promise.all(others.map(({ id }) => deps.trail.read(context.scope, { lane: lanes.approval(id) })));
  const given = answers
    .flat()
    .filter(isType('approval.answered'))
    .filter(({ event: { data } }) => data.person === person && data.answer === 'approved')
    .toSorted((a, b) => (a.event.at < b.event.at ? -1 : 1))
    .at(-1)?.event;
  if (given === undefined) return null;
  /** What a signer reads of an exception: the verdict, and who excepted what in which words. */
  const shown = ({ verdict, statement, parts }: Finding): string =>
    canonical({ verdict, statement, parts: (parts?.listed ?? []).map(({ subject, exception }) => ({ subject, exception })) });
  const before = (id: string): string | undefined => {
    const item = itemOf(context.checklist, id);
    if (item === undefined || item.gate === null) return undefined;
    const lane = (inputs.allChecks.get(lanes.check(item.gate, id)) ?? []).filter(({ event }) => event.at <= given.at);
    return shown(findingFrom(item, lane, context, { now: new Date(given.at) }));
  };
  return {
    title: others.find(({ id }) => id === given.data.gate)?.title ?? given.data.gate,
    at: given.at,
    changed: exceptions.checks.flatMap(({ finding }) => (before(finding.check) === shown(finding) ? [] : [finding.check])),
    events: [
      ...exceptions.visits,
      ...exceptions.resumed,
      ...exceptions.overridden,
      ...inputs.observation.filter(isType('observation.labelled')).map(({ event }) => event),
    ].filter(({ at }) => at > given.at).length,
  };
};
