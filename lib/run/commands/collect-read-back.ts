import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { cut, digestOf } from '../../canonical-json.ts';
import type { Targets } from '../../checklist/targets.ts';
import type { PlatformReader } from '../../collectors/ports.ts';
import { type ReadBack, readBack } from '../../collectors/read-back.ts';
import { readBackOf } from '../../folds/deployment.ts';
import { type RunContext, system, withAppended } from '../state/run-context.ts';
import { appendToRun, noFollowUp, type WriterDependencies } from '../writing/append.ts';

export type ReadBackDependencies = WriterDependencies & { readonly platform: PlatformReader };
export type RecordedReadBack = ReadBack & { readonly event: string };

/** Reads what each component's platform runs, and records it where it differs from what was read of it last. */
export const collectReadBack = async (
  deps: ReadBackDependencies,
  context: RunContext,
  { components }: Targets,
  before: boolean,
): Promise<readonly RecordedReadBack[]> => {
  const read = await Promise.all(components.map((component) => readBack(deps, component)));
  const recorded: RecordedReadBack[] = [];
  let lane = await deps.trail.read(context.scope, { lane: lanes.deployment });
  for (const one of read) {
    const data = { ...one, before, detail: cut(one.detail, 200) };
    const earlier = lane
      .filter(isType('deployment.read-back'))
      .filter(({ event }) => event.data.component === one.component && event.data.before === before);
    // What was read before the last deployment had finished says nothing of it, even where it was the same.
    const last = before || readBackOf(lane, one.component) !== undefined ? earlier.at(-1) : undefined;
    if (last !== undefined && digestOf(last.event.data) === digestOf(data)) {
      recorded.push({ ...one, event: last.event.id });
      continue;
    }
    const { stored } = await appendToRun(deps, context, {
      draft: {
        scope: context.scope,
        lane: lanes.deployment,
        // The number tells an answer that came back later from the same answer before.
        step: `read-back/${one.component}/${before ? 'before' : 'after'}/${earlier.length + 1}/${digestOf(data).slice(0, 16)}`,
        type: 'deployment.read-back',
        actor: system('collector'),
        data,
      },
      lane,
      followUp: noFollowUp,
    });
    recorded.push({ ...one, event: stored.event.id });
    lane = await withAppended(deps, lane, stored);
  }
  return recorded;
};
