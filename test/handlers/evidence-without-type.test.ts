import { expect, test } from 'vitest';
import { ciApi } from '../../lambdas/api/ci.ts';
import { evidenceRecordedSchema } from '../../lib/api/responses.ts';
import { commit, dependenciesOf, eventsOf, junitReport, twoGates } from '../given.ts';
import { ask, bearer, jobOf, type Reply, startedOver } from './requests.ts';

test('a report without a type is what its content shows: TAP serves the check that JUnit serves', async () => {
  const deps = dependenciesOf(twoGates);
  const api = ciApi(deps);
  const run = await startedOver(api);
  const send = (body: unknown): Promise<Reply> =>
    ask(api, {
      method: 'PUT',
      path: `/v1/runs/${run}/evidence`,
      identity: bearer(jobOf('evidence')),
      headers: { 'content-type': 'text/plain' },
      query: new URLSearchParams({ commit, madeAt: deps.clock.now().toISOString(), source: 'unit' }).toString(),
      body,
    });

  const junit = evidenceRecordedSchema.parse((await send(junitReport(3))).json);
  const tap = evidenceRecordedSchema.parse((await send('1..2\nok 1 - a\nnot ok 2 - b\n')).json);
  expect(junit.judged).toMatchObject([{ check: 'unit-tests', verdict: 'pass' }]);
  expect(tap.judged).toMatchObject([{ check: 'unit-tests', verdict: 'fail', reason: '2 tests, 1 failed, 0 skipped; first: “b”' }]);
  const recorded = (await eventsOf(deps, run)).filter((event) => event.endsWith('evidence.recorded'));
  expect(recorded).toEqual(['evidence/junit/unit evidence.recorded', 'evidence/tap/unit evidence.recorded']);

  // Recorded as evidence that cannot be read where its source was judged before.
  const broken = await send('TAP version 99\n1..1\nok 1\n');
  expect([broken.status, broken.problem.type]).toEqual([422, 'https://holdpoint.dev/problems/evidence-unreadable']);
  const unknown = await send('<html>Sign in</html>');
  expect([unknown.status, unknown.problem.type]).toEqual([404, 'https://holdpoint.dev/problems/evidence-type-unknown']);
  const both = await send('{"openapi":"3.1.0","bomFormat":"CycloneDX"}');
  expect([both.status, both.problem.type]).toEqual([422, 'https://holdpoint.dev/problems/evidence-type-ambiguous']);
  expect((await eventsOf(deps, run)).filter((event) => event === 'refusal request.refused')).toHaveLength(3);
});
