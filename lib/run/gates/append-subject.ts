import type { Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import type { Item } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import type { Judgement } from '../../verdict.ts';
import { appendThere, type RunContext, system } from '../state/run-context.ts';

type Judged = Stored<'check.judged'>;
type Subject = {
  readonly check: Item;
  readonly subject: string;
  /** Names the event within its lane. */
  readonly step: string;
  readonly judgement: Judgement;
  readonly madeAt: string;
  /** What was judged, where it has a run of its own. */
  readonly producerRun: string;
  readonly goodUntil: string | null;
  /** Of a comparison: names what it was compared with. */
  readonly against?: string | undefined;
  /** What was said of the subject before, oldest first. */
  readonly before: readonly Judged[];
};

/** Those before the last two were replaced by the ones that these replace. */
const mostReplaced = 2;

/**
 * What the reconciler itself says of a check, as a subject of its own in the check's lane, in place of what it said before. Undefined where
 * somebody has written since the lane was read.
 */
export const appendSubject = (
  deps: Pick<Dependencies, 'trail'>,
  { scope, parentHash }: Pick<RunContext, 'scope' | 'parentHash'>,
  lane: readonly Stored[],
  { check, subject, step, judgement, madeAt, producerRun, goodUntil, against, before }: Subject,
): Promise<Stored<'check.judged'> | undefined> => {
  const attempt = before.length + 1;
  return appendThere(deps, parentHash, lane.at(-1), {
    scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step,
    type: 'check.judged',
    actor: system('reconciler'),
    data: {
      check: check.id,
      subject,
      ...judgement,
      facts: null,
      evidence: null,
      attempt,
      madeAt,
      producer: { run: producerRun, attempt },
      goodUntil,
      by: null,
      words: null,
      ...(against === undefined ? {} : { against }),
      ...(before.length === 0 ? {} : { replaces: before.slice(-mostReplaced).map(({ event }) => event.id) }),
    },
  });
};
