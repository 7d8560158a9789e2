import type { RunSummary } from '../../lib/ports.ts';
import * as given from './page-scenarios.ts';

const hour = 3_600_000;
const day = 24 * hour;

export type Release = {
  readonly service?: string;
  readonly environment?: string;
  readonly startedAt: Date;
  /** Hours after the start; null: it did not come so far. */
  readonly goAfter?: number | null;
  readonly deployedAfter?: number | null;
  readonly rollbackAfter?: number | null;
  readonly endedAfter?: number | null;
  readonly outcome?: string | null;
  readonly asked?: readonly (readonly [gate: string, seconds: number])[];
};

let made = 0;

/** An entry of the list of runs as the reconciler writes it. */
export const summaryOf = (release: Release): RunSummary => {
  const { service = 'shop', environment = 'production', startedAt, outcome = 'production-stable' } = release;
  const { goAfter = 20, deployedAfter = 24, rollbackAfter = null, endedAfter = 96, asked = [['go-no-go', 5400]] } = release;
  const at = (hours: number | null): string | null => (hours === null ? null : new Date(startedAt.getTime() + hours * hour).toISOString());
  made += 1;
  return {
    run: `${startedAt.toISOString().slice(0, 10).replaceAll('-', '')}-080000-made${String(made).padStart(6, '0')}`,
    service,
    environment,
    version: `1.${made}.0`,
    commit: 'a'.repeat(40),
    startedAt: startedAt.toISOString(),
    definition: 'd'.repeat(64),
    gate: 'review-48h',
    outcome,
    blocked: false,
    asOf: startedAt.toISOString(),
    seen: 1,
    milestones: {
      goAt: at(goAfter),
      t0At: deployedAfter === null && rollbackAfter === null ? null : at((deployedAfter ?? rollbackAfter ?? 0) - 1),
      deployedAt: at(deployedAfter),
      rollbackAt: at(rollbackAfter),
      endedAt: outcome === null ? null : at(endedAfter),
      asked: asked.map(([gate, seconds]) => ({ gate, seconds })),
    },
  };
};

/** A year of releases of three services, of which some were taken back, and some that an older version listed. */
export const aYear = async (): Promise<given.Story> => {
  const story = await given.begin();
  const now = story.deps.clock.now().getTime();
  for (let n = 0; n < 120; n += 1) {
    const startedAt = new Date(now - (4 + n * 3) * day);
    const isBad = n % 9 === 4;
    await story.deps.index.put(
      summaryOf({
        service: n % 4 === 0 ? 'billing' : 'shop',
        environment: n % 7 === 3 ? 'staging' : 'production',
        startedAt,
        deployedAfter: 20 + (n % 5) * 3,
        asked: [
          ['go-no-go', 3000 + n * 60],
          ['sign-off', 9000],
        ],
        ...(isBad ? { rollbackAfter: 30, endedAfter: 31 + (n % 3), outcome: 'rolled-back' } : {}),
        ...(n === 0 ? { outcome: null } : {}),
      }),
    );
  }
  const { milestones: _, ...old } = summaryOf({ service: 'search', startedAt: new Date(now - 10 * day) });
  await story.deps.index.put(old);
  return story;
};

export const one = async (): Promise<given.Story> => {
  const story = await given.begin();
  await story.deps.index.put(summaryOf({ startedAt: new Date(story.deps.clock.now().getTime() - 5 * day) }));
  return story;
};
