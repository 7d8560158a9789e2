import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { cut, digestOf } from '../../canonical-json.ts';
import type { Targets } from '../../checklist/targets.ts';
import type { PlatformReader } from '../../collectors/ports.ts';
import { type ReadBack, readBack } from '../../collectors/read-back.ts';
import { readBackOf } from '../../folds/deployment.ts';
import { unconfirmedIn } from '../../folds/environment.ts';
import type { Dependencies } from '../../ports.ts';
import { changesEnvironment, environmentScope, readTail } from '../state/environment.ts';
import { type RunContext, system, withAppended } from '../state/run-context.ts';
import { readableIn } from '../state/targets.ts';
import { appendToRun, noFollowUp, type WriterDependencies } from '../writing/append.ts';
import { appendToEnvironment } from '../writing/append-to-environment.ts';

export type ReadBackDependencies = WriterDependencies & Pick<Dependencies, 'index'> & { readonly platform: PlatformReader };
export type RecordedReadBack = ReadBack & { readonly event: string };

/** Reads what each component's platform runs, and records it where it differs from what was read of it last. */
export const collectReadBack = async (
  deps: ReadBackDependencies,
  context: RunContext,
  targets: Targets,
  before: boolean,
): Promise<readonly RecordedReadBack[]> => {
  const read = await Promise.all(targets.components.map((component) => readBack(deps, component)));
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
  if (before)
    await confirmAdopted(
      deps,
      context,
      read.filter(({ component }) => readableIn(targets).includes(component)),
    );
  return recorded;
};

/** Before T0 runs what a rollback would lead to: what people adopted is compared with it, and the runs that wait for that look again. */
const confirmAdopted = async (deps: ReadBackDependencies, context: RunContext, read: readonly ReadBack[]): Promise<void> => {
  if (!changesEnvironment(context)) return;
  const scope = environmentScope(context);
  let lane = await readTail(deps, scope, lanes.live);
  const isRead = (component: string): boolean => read.some((one) => one.component === component);
  const unconfirmed = unconfirmedIn(lane, isRead);
  for (const { component, read: last } of unconfirmed?.sayings ?? []) {
    const now = read.find((one) => one.component === component.component);
    if (unconfirmed === undefined || now === undefined) continue;
    const data = { ...now, detail: cut(now.detail, 200), adopted: unconfirmed.event };
    if (last !== undefined && digestOf(last) === digestOf(data)) continue;
    const earlier = lane.filter(isType('target.read-back')).filter(({ event }) => event.data.adopted === unconfirmed.event).length;
    const { stored } = await appendToEnvironment(
      deps,
      context.started.event.data,
      {
        scope,
        lane: lanes.live,
        step: `read-back/${unconfirmed.event}/${component.component}/${earlier + 1}/${digestOf(data).slice(0, 16)}`,
        type: 'target.read-back',
        actor: system('collector'),
        data,
      },
      lane,
    );
    lane = [...lane, stored];
  }
};
