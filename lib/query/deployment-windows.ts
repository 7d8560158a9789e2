import * as z from 'zod';
import { type Checklist, gatesOf } from '../checklist/definition.ts';
import type { Immutable } from '../fields.ts';
import { leadOpensAt, type RunContext, scaledMs } from '../run/state/run-context.ts';
import { isOver } from './gate-state.ts';
import type { RunView } from './view.ts';

export const windowSchema = z.object({
  gate: z.string(),
  title: z.string(),
  from: z.string().nullable().meta({ description: 'When it begins or began; null while nobody knows.' }),
  to: z.string().nullable().meta({ description: 'When it ends at the latest, or its gate is due; null while nobody knows.' }),
  endedAt: z.string().nullable().meta({ description: 'When its gate had its result.' }),
});
export type DeploymentWindow = Immutable<z.infer<typeof windowSchema>>;

/** The windows around T0, in the order of the run: before it, of the deployment, and of the watch behind it. */
export const deploymentWindows = (
  context: RunContext,
  run: Pick<RunView, 'gates' | 'deployments' | 'artifacts'>,
): readonly DeploymentWindow[] => {
  const finished = finishedAt(run);
  return gatesOf(context.checklist)
    .filter(({ role }) => role === 't0' || role === 'deployment' || role === 'monitoring')
    .flatMap((gate) => {
      const view = run.gates.find(({ id }) => id === gate.id);
      if (view === undefined) return [];
      const endedAt = isOver(view) ? view.settledAt : null;
      const t0 = context.plannedT0 === 'when-released' ? null : context.plannedT0;
      const watched = gate.window === null || finished === null ? null : end(finished, scaledMs(gate.window.seconds, scaleOf(context)));
      return [
        {
          gate: gate.id,
          title: gate.title,
          from: gate.window === null ? (leadOpensAt(context, gate) ?? view.openedAt) : finished,
          to: gate.leadSeconds !== null ? (t0 ?? endedAt) : gate.window !== null ? watched : view.due,
          endedAt,
        },
      ];
    });
};

const scaleOf = ({ started }: RunContext): number => started.event.data.waitScale;
const end = (from: string, ms: number): string => new Date(Date.parse(from) + ms).toISOString();

/** When the last component was reported as finished for the last time, from which the gate counts, too; null while one is not. */
const finishedAt = ({ deployments, artifacts }: Pick<RunView, 'deployments' | 'artifacts'>): string | null => {
  const ends = artifacts.map(
    ({ component }) => deployments.findLast((one) => one.component === component && one.state === 'finished')?.at ?? null,
  );
  return ends.includes(null) ? null : (ends.toSorted().at(-1) ?? null);
};

export const budgetLimits = ({ rollback: { budgets } }: Checklist): RunView['rollbackBudgets'] =>
  (['decision', 'execution', 'verification', 'total'] as const).map((budget) => ({ budget, limitSeconds: budgets[budget] }));
