import { isType, type Stored } from '../audit/event.ts';
import { excerpt } from '../canonical-json.ts';
import { isDeploymentReport, lastReportOf } from '../folds/deployment.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';

/** Clocks of the platforms and ours may be so far apart. Milliseconds. */
const skewMs = 120_000;

/**
 * A component on which another one builds must run before that one does. Where the platforms tell when the new version of both became live,
 * these times decide, and CI's reports must not contradict them; an end that CI reports late is no contradiction. Otherwise the order of CI's
 * reports decides, by their places in the lane, which no clock decides: the deployment of the first must have finished when that of the other
 * one starts. Reports alone prove nothing wrong before the end of every component is in, because an end may be reported late.
 */
export const startedInOrder = computedRule({
  kind: 'started-in-order/1',
  description: 'Every component was started after those that the stage names as its predecessors.',
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['deployment'],
  supplier: 'deployment',
  concernedBy: (_rule, event) => isDeploymentReport(event) || isType('deployment.seen')(event),
  judge: (_rule, { release: { artifacts, startOrder }, lanes: { deployment } }) => {
    const released = artifacts.map(({ component }) => component);
    const order = released.map((component) => ({ component, known: startOrder?.find((one) => one.component === component) }));
    const pairs = order.flatMap(({ component, known }): readonly Pair[] =>
      startOf(deployment, component) === undefined
        ? []
        : (known?.after ?? []).filter((other) => released.includes(other)).map((first) => pairOf(deployment, first, component)),
    );
    const proved = pairs.find(({ live }) => live?.inOrder === false);
    if (proved !== undefined) return tooSoon(proved);
    const wrong = pairs.find(({ live, reported }) => reported === 'before' || (reported === 'under-way' && live === undefined));
    if (wrong !== undefined) return released.every((component) => hasEnded(deployment, component)) ? tooSoon(wrong) : undecided(wrong);
    if (released.some((component) => lastReportOf(deployment, component)?.event.type !== 'deployment.finished')) return undefined;
    if (released.length === 1) return { verdict: 'pass', reason: `${released[0]} is the only component` };
    const unknown = order.filter(({ known }) => known === undefined).map(({ component }) => component);
    if (unknown.length > 0)
      return {
        verdict: 'inconclusive',
        reason: excerpt(`when the run started, the stage named no start order for ${unknown.join(', ')}`, 300),
      };
    return {
      verdict: 'pass',
      reason: excerpt(
        `${counted(released.length, 'component was', 'components were')} started in the order of the stage${bySource(pairs)}`,
        300,
      ),
    };
  },
});

type Pair = {
  readonly first: string;
  readonly then: string;
  /** What CI had reported of the first one when the other one was started: that it had finished, that it was under way, or neither. */
  readonly reported: 'in-order' | 'under-way' | 'before';
  /** What the platforms say of both; undefined where one of them says nothing. */
  readonly live: { readonly inOrder: boolean; readonly firstAt: string; readonly thenAt: string } | undefined;
};

const pairOf = (lane: readonly Stored[], first: string, then: string): Pair => {
  const [firstAt, thenAt] = [liveSince(lane, first), liveSince(lane, then)];
  const live = firstAt === undefined || thenAt === undefined ? undefined : { inOrder: firstAt <= thenAt, firstAt, thenAt };
  return { first, then, reported: reportedOf(lane, first, then), live };
};

/** When what was deployed last of the component became live, as its platform says. */
const liveSince = (lane: readonly Stored[], component: string): string | undefined => {
  const started = Date.parse(startOf(lane, component)?.event.at ?? '');
  return lane
    .filter(isType('deployment.seen'))
    .map(({ event: { data } }) => data)
    .filter((seen) => seen.component === component && seen.live && seen.during === 'deployment')
    .filter(({ seenAt }) => Date.parse(seenAt) >= started - skewMs)
    .map(({ seenAt }) => seenAt)
    .toSorted()
    .at(-1);
};

const bySource = (pairs: readonly Pair[]): string => {
  if (pairs.length === 0) return '';
  const known = pairs.filter(({ live }) => live !== undefined).length;
  if (known === pairs.length) return ', by what their platforms say';
  return known === 0
    ? ", by CI's reports: no platform says when they became live"
    : ", by what the platforms say where they say it, else by CI's reports";
};

const startOf = (lane: readonly Stored[], component: string): Stored | undefined =>
  lane.filter(isDeploymentReport).findLast(({ event }) => event.type === 'deployment.started' && event.data.component === component);

const reportedOf = (lane: readonly Stored[], first: string, then: string): Pair['reported'] => {
  const seq = startOf(lane, then)?.event.seq ?? 0;
  const before = lane.filter(({ event }) => event.seq < seq);
  const last = lastReportOf(before, first)?.event.type;
  if (last === 'deployment.finished') return 'in-order';
  return last === 'deployment.started' ? 'under-way' : 'before';
};

const hasEnded = (lane: readonly Stored[], component: string): boolean => {
  const last = lastReportOf(lane, component)?.event.type;
  return last === 'deployment.finished' || last === 'deployment.failed';
};

const undecided = ({ first, then }: Pair): Judgement => ({
  verdict: 'inconclusive',
  reason: excerpt(
    `${then} was reported as started before the end of ${first} was; whether that was late or the wrong order is decided when the end of every component is reported`,
    300,
  ),
});

const saidOf: Readonly<Record<Pair['reported'], (pair: Pair) => string>> = {
  'in-order': ({ first, then }) => `by CI's reports ${first} had finished before ${then} was started`,
  'under-way': ({ first, then }) => `by CI's reports ${then} was started before ${first} had finished`,
  before: ({ then }) => `by CI's reports ${then} was started first`,
};

const tooSoon = (pair: Pair): Judgement => {
  const { first, then, reported, live } = pair;
  const again = `deploy ${then} again`;
  const known = live && `by the platforms ${first} became live at ${live.firstAt} and ${then} at ${live.thenAt}`;
  const reason =
    known === undefined
      ? `${then} was started before the deployment of ${first} had finished; ${again}`
      : `${then} must start after ${first}: ${known}, ${saidOf[reported](pair)}; ${again}`;
  return { verdict: 'fail', reason: excerpt(reason, 300) };
};
