import { readFileSync } from 'node:fs';
import { series } from '../../evidence/series.ts';
import { readEnvironment } from './preparation.ts';
import { writeRecord } from './records.ts';
import type { Report } from './reports.ts';
import { type Giving, giveAsPeople } from './standing.ts';

/**
 * The first release of a stage has no earlier one whose figures it could be compared with. So people state how the live version answered its usual
 * customers, as they would of a service that ran before Holdpoint.
 */
export const recordFirstBaseline = async (giving: Giving, usual: Promise<Report>): Promise<void> => {
  const { stage } = giving;
  const { target } = await readEnvironment(stage);
  if (target?.level === 'production-stable') return;
  const { file } = await usual;
  const measured = series.parse(readFileSync(file));
  if (measured.refused) throw new Error(`the series of the usual customers cannot be read: ${measured.refused.detail}`);
  const { p95Ms, points, failed } = measured.ok;
  const record = writeRecord(stage.workspace, {
    record: 'baseline',
    environment: 'production',
    tool: 'usual customers of the live version',
    content: {
      reason: 'The first release of the stage: no earlier one has become production-stable.',
      ...(p95Ms === null || p95Ms === 0 ? {} : { p95Ms }),
      errorRatePct: points === 0 ? 0 : (failed * 100) / points,
      validDays: 1,
    },
  });
  await giveAsPeople(giving, { what: 'the baseline of the first release', environment: stage.environment }, record);
};
