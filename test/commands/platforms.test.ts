import { beforeEach, describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { isDigestOf } from '../../lib/fields.ts';
import { lastFinishedAt } from '../../lib/folds/deployment.ts';
import { deployed } from '../../lib/rules/deployed.ts';
import { startRunSchema } from '../../lib/run/commands/inputs.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import type { FakeDependencies } from '../fakes.ts';
import { bytesOf, check, checklistOf, ci, commit, dependenciesOf, gate, givenOpen, givenRun, startInput } from '../given.ts';

/** An image index and the digests of its platforms are one artifact, as far as the start lists them. */

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const [index, amd64, arm64, other] = [digest('b'), digest('c'), digest('d'), digest('e')] as [string, string, string, string];
const web = { component: 'web', digest: index, platforms: [amd64, arm64] };

test.each([
  ['the index', index, true],
  ['a listed platform', arm64, true],
  ['another digest', other, false],
  ['no digest', undefined, false],
])('%s names the artifact: %s', (_, given, names) => {
  expect(isDigestOf(web, given)).toBe(names);
});

test('the start takes digests of platforms, and refuses what is none', () => {
  expect(startRunSchema.safeParse({ ...startInput, artifacts: [web] }).success).toBe(true);
  for (const platforms of [[], ['latest'], [`${index} `]])
    expect(startRunSchema.safeParse({ ...startInput, artifacts: [{ ...web, platforms }] }).success).toBe(false);
});

describe('a bill of materials', () => {
  let deps: FakeDependencies;
  let run: string;
  beforeEach(async () => {
    const sbom = check('sbom', 'phase-1', {
      scope: 'artifact',
      rule: { kind: 'sbom-complete/1', evidence: 'cyclonedx', minComponents: 1 },
    });
    deps = dependenciesOf(checklistOf([gate('phase-1')], [sbom]));
    run = await givenRun(deps, { artifacts: [web] });
    await givenOpen(deps, run, 'phase-1');
  });
  const bill = (subject: string) => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { type: 'container', name: 'web', hashes: [{ alg: 'SHA-256', content: subject.slice(7) }] } },
    components: [{ type: 'library', name: 'left-pad', version: '1.3.0', purl: 'pkg:npm/left-pad@1.3.0' }],
  });
  const sent = (artifact: string, subject: string) =>
    recordEvidence(
      deps,
      {
        run,
        type: 'cyclonedx',
        bytes: bytesOf(bill(subject)),
        contentType: 'application/json',
        source: 'ci',
        component: 'web',
        artifact,
        commit,
        madeAt: deps.clock.now().toISOString(),
        producerAttempt: 1,
      },
      ci,
    );

  test.each([
    ['of a platform for the index', index, amd64, undefined],
    ['of a platform for itself', amd64, amd64, undefined],
    ['for a digest that nobody listed', other, amd64, 'artifact-mismatch'],
    ['of a subject that nobody listed', index, other, 'artifact-mismatch'],
  ])('%s', async (_, artifact, subject, refusal) => {
    const answer = await sent(artifact, subject);
    expect(answer.refused?.type).toBe(refusal);
    if (refusal === undefined) expect(answer.ok?.judged).toMatchObject([{ verdict: 'pass' }]);
    else expect(answer.refused?.expected).toContain(arm64);
  });

  test('a deployment whose platform reports its own digest is the deployment of the index', async () => {
    const report = async (type: 'deployment.started' | 'deployment.finished', read: string) =>
      deps.trail.append(
        {
          scope: `run/${run}`,
          lane: 'deployment',
          step: `${type}/${read}`,
          type,
          actor: { kind: 'ci', id: 'ci-main' },
          data: { component: 'web', digest: read, producer: 'ci-main' },
        },
        { parentHash: '0'.repeat(64) },
      );
    await report('deployment.started', index);
    await report('deployment.finished', amd64);
    const lane = await deps.trail.read(`run/${run}`, { lane: 'deployment' });
    expect(lastFinishedAt(lane, [web])).toBe(lane.find(isType('deployment.finished'))?.event.at);
    expect(lastFinishedAt(lane, [{ component: 'web', digest: index }])).toBeUndefined();
    const inputs = { release: { artifacts: [web] }, lanes: { deployment: lane } } as never;
    expect(deployed.judge(deployed.of({}), inputs)).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('c'.repeat(12)) as unknown,
    });
  });
});
