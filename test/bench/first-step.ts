import { createClient } from '../../lib/api/client.ts';
import { localStatus, localToken } from '../../lib/local/commands.ts';
import { must } from '../../lib/local/demo/steps.ts';
import type { Row } from './trail.ts';

/** What an event of a run says, as the API lists it. */
export type Seen = { readonly type: string; readonly at: string; readonly data: Readonly<Record<string, unknown>> };

/** The way from a trigger to the request of step 1, in seconds. `decided` says how: by itself, by silence, with the trigger, or by a person. */
export type FirstStep = {
  readonly decided: string;
  /** From the trigger to the open decision, where the service's entry could have decided. */
  readonly toDecision: number;
  /** From the decision to the request. */
  readonly toRequest: number;
};

/**
 * Measured on the recorded events of a run, without the time for which a decision waited: so it is the time of a rollback that is decided
 * automatically, also where a person decided this one. Undefined where the run was not taken back as far as step 1.
 */
export const firstStepOf = (events: readonly Seen[]): FirstStep | undefined => {
  const inOrder = events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const of = (type: string, is: (data: Seen['data']) => boolean = () => true): Seen | undefined =>
    inOrder.findLast((one) => one.type === type && is(one.data));
  const decided = of('rollback.decided', ({ decision }) => decision === 'roll-back');
  const { round, how } = decided?.data ?? {};
  // Those that came later were added to the first one of the round.
  const before = inOrder.findLast(({ type, at }) => type === 'rollback.decided' && at < (decided?.at ?? ''))?.at ?? '';
  const triggered = inOrder.find(({ type, at }) => type === 'rollback.triggered' && at > before);
  const opened = inOrder.find(
    ({ type, at, data }) => type === 'gate.opened' && data.gate === 'rollback-decision' && at >= (triggered?.at ?? ''),
  );
  const requested = of('rollback.step-requested', ({ step, attempt }) => step === 'stop-requests' && attempt === 1);
  if (decided === undefined || triggered === undefined || requested === undefined || typeof how !== 'string' || typeof round !== 'number')
    return undefined;
  // A decision that came with the trigger needs no gate.
  const decidable = opened !== undefined && opened.at < decided.at ? opened.at : decided.at;
  const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  return { decided: how, toDecision: between(triggered.at, decidable), toRequest: between(decided.at, requested.at) };
};

const figure = 'trigger to "step 1 requested", decided automatically';
const limit = '5 s';

export const firstStepRow = (found: FirstStep | undefined): Row => {
  if (found === undefined) return { figure, value: 'skipped: no run of the demo was taken back', limit };
  const { decided, toDecision, toRequest } = found;
  const waited = decided === 'by-itself' ? '' : `, without the time until it was decided (${decided})`;
  return {
    figure,
    value: `${(toDecision + toRequest).toFixed(1)} s: ${toDecision.toFixed(1)} s + ${toRequest.toFixed(1)} s${waited}`,
    limit,
  };
};

/** Reads the events of these runs from the local stage, which must be up. The last one that was taken back counts. */
export const firstStepOnStage = async (runs: readonly string[]): Promise<Row> => {
  const { publicUrl, people } = localStatus();
  const auditor = people.find(({ roles }) => roles.includes('auditor'));
  if (publicUrl === null || auditor === undefined) return { figure, value: 'skipped: the local stage is not up', limit };
  const token = await localToken(auditor.id);
  const client = createClient({ baseUrl: publicUrl, token: () => token });
  const found = [];
  for (const run of runs) {
    const events: Seen[] = [];
    let cursor: string | undefined;
    do {
      const page = must('read the events', await client.listRunEvents({ params: { run }, query: cursor === undefined ? {} : { cursor } }));
      events.push(...page.events);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    found.push(firstStepOf(events));
  }
  return firstStepRow(found.findLast((one) => one !== undefined));
};
