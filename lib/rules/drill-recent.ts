import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { cut } from '../canonical-json.ts';
import { newestDrill } from '../folds/environment.ts';
import { computedRule } from './kind.ts';

const dayMs = 86_400_000;

export const drillRecent = computedRule({
  kind: 'drill-recent/1',
  description: 'The newest rehearsal of a rollback of the service is recent, was verified, and met every budget.',
  parameters: { maxAgeDays: z.int().min(1) },
  bounds: { maxAgeDays: { most: 90 } },
  lanes: ['environment'],
  supplier: 'drill',
  lasting: true,
  concernedBy: (_rule, event) => isType('drill.recorded')(event),
  judge: ({ maxAgeDays }, { now, release: { service }, lanes }) => {
    const mend = `rehearse the rollback in staging with holdpoint drill ${service}, whose --help shows an example`;
    const drill = newestDrill(lanes.environment);
    if (drill === undefined) return { verdict: 'fail', reason: `no rollback of ${service} was rehearsed: ${mend}` };
    const about = `the newest drill (${drill.environment}, ${drill.at})`;
    const days = Math.floor((now.getTime() - Date.parse(drill.at)) / dayMs);
    if (now.getTime() - Date.parse(drill.at) > maxAgeDays * dayMs)
      return { verdict: 'fail', reason: `${about} is ${days} days old, ${maxAgeDays} at most expected: ${mend}` };
    if (drill.outcome !== 'rolled-back') return { verdict: 'fail', reason: `${about} ended as ${drill.outcome}: ${mend}` };
    const figures = Object.entries(drill.budgets).map(([budget, { seconds, limitSeconds }]) => `${budget} ${seconds} of ${limitSeconds} s`);
    const late = Object.entries(drill.budgets).filter(([, { met }]) => !met);
    if (late.length > 0)
      return {
        verdict: 'fail',
        reason: cut(`${about} exceeded ${late.map(([budget]) => budget).join(', ')} (${figures.join(', ')}): ${mend}`, 300),
      };
    return { verdict: 'pass', reason: cut(`${about} met every budget: ${figures.join(', ')}`, 300) };
  },
});
