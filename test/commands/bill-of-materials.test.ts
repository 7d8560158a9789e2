import { expect, test } from 'vitest';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { artifact, bytesOf, check, checklistOf, ci, dependenciesOf, gate, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';

const another = `sha256:${'c'.repeat(64)}`;

test.each([
  ['by the digest of the artifact', [artifact], undefined],
  ["by two digests, one of them the artifact's", [another, artifact], undefined],
  ['without a digest', [], undefined],
  ['by the digest of another artifact', [another], 'artifact-mismatch'],
])('a bill of materials that names its subject %s', async (_how, digests, refusal) => {
  const rule = { kind: 'sbom-complete/1', evidence: 'cyclonedx', minComponents: 1 } as const;
  const deps = dependenciesOf(checklistOf([gate('phase-1')], [check('bill', 'phase-1', { scope: 'artifact', rule })]));
  const { run } = await atFirstGate(deps);
  const hashes = digests.map((digest) => ({ alg: 'SHA-256', content: digest.slice('sha256:'.length).toUpperCase() }));
  const bill = bytesOf({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'application', name: 'shop', hashes } },
    components: [{ type: 'library', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7' }],
  });
  const input = { ...reportOfRun(run, deps, bill, { component: 'web' }), type: 'cyclonedx' };
  const { ok, refused } = await recordEvidence(deps, input, ci);
  expect(refused?.type).toBe(refusal);
  expect(ok?.judged.map(({ verdict }) => verdict)).toEqual(refusal === undefined ? ['pass'] : undefined);
});
