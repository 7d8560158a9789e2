import { gatesOf } from '../../checklist/definition.ts';
import type { Dependencies } from '../../ports.ts';
import { lanesBehind, readGates } from '../state/gate-inputs.ts';
import { seenOfRun } from '../state/lane-heads.ts';
import type { RunContext } from '../state/run-context.ts';
import { completeFanOut } from '../writing/fan-out.ts';
import { recordRegressions } from '../writing/regressions.ts';

/**
 * Completes what a writer left undone when it died after its append: judgements of recorded evidence, then regressions of passed
 * gates. What is there already stays as it is.
 */
export const repair = async (deps: Pick<Dependencies, 'trail' | 'clock' | 'evidence'>, context: RunContext): Promise<void> => {
  await completeFanOut(deps, context);
  const gates = await readGates(deps, context);
  for (const { id } of gatesOf(context.checklist))
    await recordRegressions(deps, context, gates, id, (check, inputs, settled) => {
      const judgedOn = seenOfRun(settled);
      // What time alone has taken away is judged again through `soundUntil`.
      return lanesBehind(check, inputs).some((lane) => {
        const last = lane.at(-1)?.event;
        return last !== undefined && last.seq > (judgedOn.get(last.lane) ?? 0);
      });
    });
};
