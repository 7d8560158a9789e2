import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { targetsSchema } from '../../lib/checklist/targets.ts';
import type { ProbesFacts } from '../../lib/evidence/probes.ts';
import { probesPass } from '../../lib/rules/probes-pass.ts';
import { announceWork } from '../../lib/run/commands/announce-work.ts';
import { collect } from '../../lib/run/commands/collect.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { watchRuns } from '../../lib/run/commands/watch-runs.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { check, checklistOf, ci, contextOf, dependenciesOf, gate, personIn, startInput } from '../given.ts';
import { answer, givenInForce, must, profileFile, propose } from '../profile-given.ts';
import { collectorOf, eventsOf, healthy } from './collecting.ts';

const permits = { addresses: ['https://shop.test'], alarmPrefixes: ['shop-'] };
const components = [{ component: 'web', platform: { kind: 'reported' } }];
const staged = (more: object = { permits }): object => ({ shop: { production: targetsSchema.parse({ components, ...more }) } });
const targets = (probe: string): string => `targets:
  production:
    probes: [{ id: orders, url: "${probe}", expect: {}, critical: true }]
    alarms: [shop-errors]
`;
const file = (probe = '/orders'): Uint8Array => profileFile(['cart'], targets(probe));

const world = (stage = staged()): FakeDependencies => {
  const probed = check('probed', 'phase-1', { needs: 'probes', rule: probesPass.of({ set: 'probes', probes: 'all' }) as never });
  const alarmed = check('alarmed', 'phase-1', { needs: 'alarms' });
  return dependenciesOf(checklistOf([gate('phase-1'), gate('phase-2')], [probed, alarmed, check('later', 'phase-2')]), {
    stage: { targets: stage as never },
  });
};
const redeployed = (deps: FakeDependencies, stage: object): void => {
  Object.assign(deps.stage, { targets: stage });
};
const started = async (deps: FakeDependencies, token = 'token-1') =>
  startRun(signingFor([], deps), startInput, { ...ci, token: sha256(token) });

describe('a profile that names targets', () => {
  test('is refused with line and column where the stage does not permit them', async () => {
    const { refused } = await propose(world(), file('https://elsewhere.test/orders'));
    expect(refused).toMatchObject({
      type: 'profile-invalid',
      got: expect.stringContaining('line 6, column 33: targets.production.probes[0].url: the stage file permits no request to'),
      mistakes: [{ line: 6, column: 33, member: 'targets.production.probes[0].url' }],
    });
  });

  test('shows them in the difference that people approve', async () => {
    const { diff } = must(await propose(world(), file()));
    expect(diff.targets).toMatchObject([
      { environment: 'production', target: 'probe orders', from: null, to: expect.stringContaining('url /orders') },
      { environment: 'production', target: 'alarm shop-errors', from: null },
    ]);
  });

  test('counts once it is approved: the run pins what is looked at, and Holdpoint looks there', async () => {
    const deps = world();
    const before = must(await started(deps));
    expect((await contextOf(deps, before.run)).started.event.data.looks).toEqual([]);
    await givenInForce(deps, file());
    const { run } = must(await started(deps, 'token-2'));
    expect((await contextOf(deps, run)).started.event.data).toMatchObject({ looks: ['probes', 'alarms'], alarms: ['shop-errors'] });
    const seen: string[] = [];
    const collector = collectorOf(
      { deps },
      (...asked) => {
        seen.push(asked[0].url.href);
        return healthy(...asked);
      },
      {},
      staged(),
    );
    await collect(collector, run, { kind: 'probes' });
    expect([...new Set(seen)]).toEqual(['https://shop.test/orders']);
    const judged = (await eventsOf({ deps, run } as never)).filter(isType('check.judged')).map(({ event }) => event.data);
    expect(judged).toMatchObject([{ check: 'probed', verdict: 'pass' }]);
    // An earlier run keeps what it pinned.
    expect(await collect(collector, before.run, { kind: 'probes' })).toEqual({ events: [] });
  });

  test('is not looked at any more where the stage has taken its permission back, and no run starts with it', async () => {
    const deps = world();
    await givenInForce(deps, file('https://shop.test/orders'));
    const { run } = must(await started(deps));
    const narrower = staged({ permits: { ...permits, addresses: ['https://other.test'] } });
    redeployed(deps, narrower);
    const collector = collectorOf({ deps }, () => expect.fail('no request is sent'), {}, narrower);
    await collect(collector, run, { kind: 'probes' });
    const recorded = (await eventsOf({ deps, run } as never)).find(isType('evidence.recorded'));
    const facts = await deps.evidence.get(`run/${run}`, recorded?.event.data.facts ?? '');
    expect((JSON.parse(new TextDecoder().decode(facts)) as ProbesFacts).probes).toMatchObject([
      { id: 'orders', outcome: 'not-probed', reason: expect.stringContaining('the stage file permits no request') },
    ]);
    expect((await started(deps, 'token-2')).refused).toMatchObject({
      type: 'profile-invalid',
      detail: expect.stringContaining('no longer fits'),
      mistakes: [{ member: 'targets.production.probes.0.url' }],
    });
  });

  test('is watched, although the stage itself names no probe', async () => {
    const deps = world();
    await givenInForce(deps, file());
    must(await started(deps));
    const collector = { ...collectorOf({ deps }, healthy, {}, staged()), index: deps.index };
    const asked: string[] = [];
    const open = (service: string, environment: string) => {
      asked.push(`${service} ${environment}`);
      return deps.index.open(service, environment);
    };
    const index = { ...deps.index, open };
    await watchRuns({ ...collector, index });
    await watchRuns({ ...collector, index, stage: { ...collector.stage, targets: staged({}) as never } });
    expect(asked).toEqual(['shop production']);
  });

  test('names the alarms of which people announce a test', async () => {
    const deps = world();
    const until = new Date(deps.clock.now().getTime() + 3_600_000).toISOString();
    const announce = (request: string) =>
      announceWork(
        signingFor(['people'], deps),
        {
          service: 'shop',
          environment: 'production',
          kind: 'alarm-test',
          subject: 'shop-errors',
          until,
          reason: 'A test of the alarm.',
          request,
        },
        personIn(deps, 'operations-lead'),
      );
    expect((await announce('one')).refused).toMatchObject({ type: 'announced-subject' });
    await givenInForce(deps, file());
    expect(must(await announce('two'))).toMatchObject({ subject: 'shop-errors' });
    const { profile } = must(await propose(deps, profileFile(['cart'])));
    must(await answer(deps, profile, 'technical-lead'));
    must(await answer(deps, profile, 'operations-lead'));
    expect((await announce('three')).refused).toMatchObject({ type: 'announced-subject' });
  });
});
