import { describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { ci, dependenciesOf, givenRun, junitReport, reportOfRun, startInput, twoGates } from '../given.ts';

describe('a CI identity of one environment', () => {
  const staging = { ...ci, environments: ['staging'] };

  test('starts runs and sends reports there only', async () => {
    const deps = dependenciesOf(twoGates);
    expect((await startRun(deps, startInput, staging)).refused).toMatchObject({
      type: 'role-missing',
      got: 'production',
      expected: 'staging',
    });
    expect((await startRun(deps, { ...startInput, environment: 'staging' }, staging)).refused).toBeUndefined();
    const run = await givenRun(deps, {}, { ...ci, token: sha256('token-2') });
    const report = reportOfRun(run, deps, junitReport(3));
    expect((await recordEvidence(deps, report, staging)).refused?.type).toBe('role-missing');
    expect((await recordEvidence(deps, report, ci)).refused).toBeUndefined();
  });
});
