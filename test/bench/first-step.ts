import { createClient } from '../../lib/api/client.ts';
import { localStatus, localToken } from '../../lib/local/commands.ts';
import { must } from '../../lib/local/demo/steps.ts';
import type { Row } from './trail.ts';

/** What an event of a run says, as the API lists it. */
export type Seen = { readonly type: string; readonly at: string; readonly data: Readonly<Record<string, unknown>> };

/** The way from a trigger that decided itself to the request of step 1, in seconds. */
export type FirstStep = { readonly toDecision: number; readonly toRequest: number };

/**
 * Measured on the recorded events of a run, each of which has the time of its server. Undefined where a person or silence decided, or where the
 * run was not taken back as far as step 1: neither is the time of an automatic decision.
 */
export const firstStepOf = (events: readonly Seen[]): FirstStep | undefined => {
  const inOrder = events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const decided = inOrder.findLast(({ type }) => type === 'rollback.decided');
  if (decided?.data.how !== 'by-itself' || decided.data.decision !== 'roll-back') return undefined;
  // Those that came later were added to the first one of the round.
  const before = inOrder.findLast(({ type, at }) => type === 'rollback.decided' && at < decided.at)?.at ?? '';
  const triggered = inOrder.find(({ type, at }) => type === 'rollback.triggered' && at > before);
  const requested = inOrder.find(
    ({ type, data }) => type === 'rollback.step-requested' && data.step === 'stop-requests' && data.attempt === 1,
  );
  if (triggered === undefined || requested === undefined) return undefined;
  const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  return { toDecision: between(triggered.at, decided.at), toRequest: between(decided.at, requested.at) };
};

const figure = 'trigger to "step 1 requested", decided automatically';
const limit = '5 s';

export const firstStepRow = (found: FirstStep | undefined): Row => {
  if (found === undefined) return { figure, value: 'skipped: no trigger of the demo decided itself', limit };
  const { toDecision, toRequest } = found;
  const parts = `${toDecision.toFixed(1)} s to the decision + ${toRequest.toFixed(1)} s to the request`;
  return { figure, value: `${(toDecision + toRequest).toFixed(1)} s: ${parts}`, limit };
};

/** Reads the events of these runs from the local stage, which must be up. The last one whose trigger decided itself counts. */
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
