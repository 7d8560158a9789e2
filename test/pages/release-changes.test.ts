import { describe, expect, test } from 'vitest';
import { genesis } from '../../lib/audit/lane.ts';
import { type Asked, type ReleaseChanges, readReleaseChanges } from '../../lib/query/release-changes.ts';
import { revokeException } from '../../lib/run/commands/revoke-exception.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { anew } from '../given.ts';
import * as given from './page-scenarios.ts';
import { sitesOfTests } from './page-server.ts';
import { textOf } from './page-text.ts';
import * as releases from './release-scenarios.ts';

const siteOf = sitesOfTests();

/** The approval of a second release, and what it is compared with. */
const second = async () => {
  const story = await releases.atGoNoGoAgain();
  const link = given.linkOf(story, given.technical);
  const shown = (await showApproval(story.deps, { link }, given.callerOf(story, given.technical))).ok ?? expect.fail('no approval');
  return { story, shown, changes: (asked: Partial<Asked> = {}) => readReleaseChanges(story.deps, { ...shown, ...asked }) };
};
const compared = (changes: ReleaseChanges) => (changes.state === 'compared' ? changes : expect.fail(changes.state));

describe('what changed since the last release', () => {
  test('is said in one row and a short list, before everything that passed', async () => {
    const { story } = await second();
    const site = await siteOf(story);
    const text = textOf(await site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`));
    expect(text).toContain('Since the last release 1.4.0: another commit, 1 of 1 component, every check as before');
    expect(text).toContain('Different from 1.4.0: 2 web: bbbbbbbbbbbb → dddddddddddd Commit: aaaaaaaaaaaa → cccccccccccc');
    expect(text.indexOf('Different from')).toBeLessThan(text.indexOf('Your answer'));
    await given.changeReport(story);
    const changed = await site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`);
    expect(textOf(changed)).toContain('of 56 checks judged otherwise');
    expect(textOf(changed)).toContain('Load testing passed: fail measured → inconclusive measured');
    expect(site.faults).toEqual([]);
  });

  test('names the checks whose verdict or basis is another one, and those that one checklist alone has', async () => {
    const { shown, changes } = await second();
    expect(compared(await changes()).checks).toEqual([]);
    const passed = shown.gates.flatMap(({ checks }) => checks).filter(({ verdict, basis }) => verdict === 'pass' && basis === 'measured');
    const [waived, attested, renamed, gone] = passed.map(({ check }) => check);
    const gates = shown.gates.map((gate) => ({
      ...gate,
      checks: gate.checks
        .filter(({ check }) => check !== gone)
        .map((finding) => {
          if (finding.check === waived) return { ...finding, verdict: 'waived' as const, basis: 'waived' as const };
          if (finding.check === attested) return { ...finding, basis: 'attested' as const };
          return finding.check === renamed ? { ...finding, check: 'new-tomorrow' } : finding;
        }),
    }));
    const { checks, checksInAll } = compared(await changes({ gates }));
    expect(checksInAll).toBe(gates.flatMap((gate) => gate.checks).length);
    const pass = { verdict: 'pass', basis: 'measured' };
    expect(checks.map(({ check, was, is }) => [check, was, is])).toEqual([
      [waived, pass, { verdict: 'waived', basis: 'waived' }],
      [attested, pass, { verdict: 'pass', basis: 'attested' }],
      ['new-tomorrow', null, pass],
      [renamed, pass, null],
      [gone, pass, null],
    ]);
  });

  test('judges the last release by what its gates had read: what was revoked later changes nothing', async () => {
    const story = await releases.atGoNoGoAgain(async ({ deps, stage, run }) => {
      const input = { request: anew(), run, check: 'monitoring-configured', reason: 'The dashboard never came.' };
      const revoked = await revokeException(deps, input, given.callerOf({ deps, stage }, given.operations));
      expect(revoked.refused).toBeUndefined();
    });
    const link = given.linkOf(story, given.technical);
    const shown = (await showApproval(story.deps, { link }, given.callerOf(story, given.technical))).ok ?? expect.fail('no approval');
    expect(compared(await readReleaseChanges(story.deps, shown)).checks).toEqual([]);
  });

  test('names components, the checklist, the profile and deviations that are others', async () => {
    const { shown, changes } = await second();
    const [first, ...others] = shown.deviations;
    const added = { ...(first ?? expect.fail('no deviation')), parameter: 'maxErrors' };
    const { components, componentsInAll, definition, profile, deviations, commit } = compared(
      await changes({
        artifacts: [{ component: 'worker', digest: `sha256:${'e'.repeat(64)}` }],
        definition: { ...shown.definition, digest: 'f'.repeat(64) },
        profile: { digest: 'p'.repeat(64), startedAs: 'in-force' },
        deviations: [...others, added],
      }),
    );
    expect(components).toEqual([
      { component: 'worker', was: null, is: `sha256:${'e'.repeat(64)}` },
      { component: 'web', was: `sha256:${'b'.repeat(64)}`, is: null },
    ]);
    expect([componentsInAll, commit]).toEqual([2, 'a'.repeat(40)]);
    expect(definition).toMatchObject({ name: shown.definition.name, digest: shown.definition.digest });
    expect(profile).toEqual({ was: null, is: 'p'.repeat(64) });
    expect(deviations).toEqual({ added: [added], removed: [first] });
  });

  test('says so where there is no run to compare with, or its trail cannot be read', async () => {
    const { story, shown, changes } = await second();
    expect(await changes({ environment: 'staging' })).toEqual({ state: 'none', version: null });
    const first = await given.atGoNoGo();
    const link = given.linkOf(first, given.technical);
    const page = textOf(await (await siteOf(first)).get(given.technical, `/approvals/${link}`));
    expect(page).toContain('Last release Version 1.2.2 was adopted by people: no run says how it was checked, so nothing is compared.');
    await story.deps.trail.append(
      {
        scope: 'environment/shop/production',
        lane: 'live',
        step: anew(),
        type: 'environment.live',
        actor: { kind: 'system', id: 'reconciler' },
        data: {
          run: '20260101-080000-abcdefghjk',
          version: '1.4.1',
          level: 'deployed',
          components: [],
          waitScale: 1,
          triggered: false,
          rolledBack: null,
        },
      },
      { parentHash: genesis },
    );
    expect(await changes()).toEqual({ state: 'unreadable', run: '20260101-080000-abcdefghjk', version: '1.4.1' });
    const text = textOf(await (await siteOf(story)).get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`));
    expect(text).toContain('Since the last release 1.4.1: not known: the audit trail of that run cannot be read.');
    expect(shown.run).toBe(story.run);
  });

  test('reads of the earlier run what the report covers, and nothing else', async () => {
    const { story, shown } = await second();
    const read: string[] = [];
    const trail = {
      ...story.deps.trail,
      read: (scope: string, range: Parameters<typeof story.deps.trail.read>[1]) => {
        read.push(`${scope} ${JSON.stringify(range)}`);
        return story.deps.trail.read(scope, range);
      },
    };
    const changes = compared(await readReleaseChanges({ ...story.deps, trail }, shown));
    const scope = `run/${changes.run}`;
    expect(read).toEqual([
      'environment/shop/production {"lane":"live","last":40}',
      `${scope} {"lane":"run"}`,
      `${scope} {"prefix":"gate/"}`,
      `${scope} {"lane":"deployment"}`,
      ...shown.gates.map(({ id }) => `${scope} {"prefix":"check/${id}/"}`),
    ]);
  });
});
