import * as z from 'zod';
import { isType } from '../audit/event.ts';
import { cut } from '../canonical-json.ts';
import { type Drill, newestDrill } from '../folds/environment.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';
import { atMost } from './parameter-words.ts';

const daySeconds = 86_400;

export const drillRecent = computedRule({
  kind: 'drill-recent/1',
  description: 'The newest rehearsal of a rollback of the service is recent, was verified, and met every budget.',
  parameters: { maxAgeDays: z.int().min(1) },
  words: { maxAgeDays: atMost('age of the rehearsal', 'days') },
  bounds: { maxAgeDays: { most: 90 } },
  lanes: ['environment'],
  supplier: 'drill',
  lasting: true,
  concernedBy: (_rule, event) => isType('drill.recorded')(event),
  judge: ({ maxAgeDays }, { now, release: { service }, lanes }) => {
    const drill = newestDrill(lanes.environment);
    if (drill === undefined) return { verdict: 'fail', reason: `no rollback of ${service} was rehearsed: ${mendOf(service)}` };
    return drillJudgement({ maxAgeSeconds: maxAgeDays * daySeconds, now, service, drill });
  },
});

const mendOf = (service: string): string =>
  `rehearse the rollback in staging with holdpoint drill ${service}, whose --help shows an example`;

type Judged = { readonly maxAgeSeconds: number; readonly now: Date; readonly service: string; readonly drill: Drill };

/** What a rehearsal that Holdpoint recorded says: recent, verified, and within every budget. */
export const drillJudgement = ({ maxAgeSeconds, now, service, drill }: Judged): Judgement => {
  const mend = mendOf(service);
  const about = `the newest drill (${drill.environment}, ${drill.at})`;
  const seconds = (now.getTime() - Date.parse(drill.at)) / 1000;
  const daysOf = (length: number): number => Math.floor(length / daySeconds);
  if (seconds > maxAgeSeconds)
    return {
      verdict: 'fail',
      reason: `${about} is ${counted(daysOf(seconds), 'day')} old, ${daysOf(maxAgeSeconds)} at most expected: ${mend}`,
    };
  if (drill.outcome !== 'rolled-back') return { verdict: 'fail', reason: `${about} ended as ${drill.outcome}: ${mend}` };
  const figures = Object.entries(drill.budgets).map(([budget, { seconds, limitSeconds }]) => `${budget} ${seconds} of ${limitSeconds} s`);
  const late = Object.entries(drill.budgets).filter(([, { met }]) => !met);
  if (late.length > 0)
    return {
      verdict: 'fail',
      reason: cut(`${about} exceeded ${late.map(([budget]) => budget).join(', ')} (${figures.join(', ')}): ${mend}`, 300),
    };
  return { verdict: 'pass', reason: cut(`${about} met every budget: ${figures.join(', ')}`, 300) };
};
