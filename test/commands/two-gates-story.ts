import { expect } from 'vitest';
import { attest } from '../../lib/run/commands/attest.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { signingFor } from '../fakes.ts';
import { anew, ci, junitReport, personIn, reportOfRun } from '../given.ts';
import type { Story } from '../story.ts';

/** What happens to a run of `twoGates`, until it rests. Who is told of it may refuse to hear. */

/** Later attempts of the only source. */
export const report = async ({ deps, run, machine }: Story, attempt: number, failures = 0): Promise<void> => {
  deps.controls.clock.advance(1_000);
  const given = reportOfRun(run, deps, junitReport(3, failures), { attempt });
  expect((await recordEvidence(signingFor([], deps), given, ci)).refused).toBeUndefined();
  await machine.settle().catch(() => undefined);
};

export const attested = async ({ deps, run, machine }: Story): Promise<void> => {
  const said = { run, check: 'integration', statement: 'Seen today.', request: anew() };
  expect((await attest(signingFor(['people'], deps), said, personIn(deps, 'technical-lead'))).refused).toBeUndefined();
  await machine.settle().catch(() => undefined);
};
