import { describe, expect, test } from 'vitest';
import { foldedExceptions } from '../../lib/console/release.ts';
import { readRun } from '../../lib/query/run-view.ts';
import * as given from './page-scenarios.ts';
import { serveSite } from './page-server.ts';

/** A page without what is folded, also within something folded. */
const unfolded = (html: string): string => {
  const rest = html.replace(/<details>(?:(?!<details>)[\s\S])*?<\/details>/g, '');
  return rest === html ? html : unfolded(rest);
};

/** On a phone a report of sixteen checks was nine metres of paper: an approver reads what did not simply pass. */
describe('the approval page', () => {
  test('folds checks that passed under their number, and what only machines compare', async () => {
    const story = await given.atGoNoGo();
    const site = await serveSite(story.deps, story.stage);
    const { html } = await site.get(given.technical, `/approvals/${given.linkOf(story, given.technical)}`);
    await site.close();
    const { gates = [] } = (await readRun(story.deps, story.run)).ok ?? {};
    const folds = ['phase-1', 'phase-2', 'phase-3'].map((gate) => {
      const passed = gates.find(({ id }) => id === gate)?.checks.filter(({ verdict }) => verdict === 'pass') ?? [];
      expect(passed.length).toBeGreaterThan(1);
      return `${passed.length} checks passed`;
    });
    const folded = [...html.matchAll(/<summary>(?:<strong>)?(.*?)<\//g)].map(([, summary]) => summary);
    expect(folded).toEqual([
      // So that a waiver has room beside two failing checks, they are short, and each is whole behind its fold.
      'Load testing passed:',
      'Load tests at expected peak + 50%:',
      'Monitoring and alerting configured:',
      '6 checks.',
      '4 checks.',
      '2 deviations from the document, 1 note',
      'What is recorded',
      'Every check of the report',
      ...folds,
      expect.stringMatching(/^\d+ pieces of evidence, by digest$/),
      'Commit, artifact and digests',
    ]);
    const open = unfolded(html);
    expect([open.includes('<td role="cell"><span class="pill good">pass'), open.includes('sha256:')]).toEqual([false, false]);
  });

  test('says a reason once that several deviations share', async () => {
    const same = {
      check: 'soak-24h',
      title: 'A soak of a day',
      document: 1,
      here: 2,
      reason: 'One reason for both.',
      approver: 'operations-lead',
    } as const;
    const deviations = [
      {
        ...same,
        check: 'review-48h',
        title: 'Last review',
        parameter: 'capSeconds',
        says: 'longest time: 9 days instead of 7 days',
        reason: 'Another reason, of a gate.',
      },
      { ...same, parameter: 'minPoints', says: 'points: at least 2 instead of at least 1' },
      { ...same, parameter: 'minDurationSeconds', says: 'length: at least 2 seconds instead of at least 1 second' },
    ];
    const text = String(await foldedExceptions({ deviations, disclosures: [] }));
    expect(text).toContain('Last review: longest time: 9 days instead of 7 days');
    expect(text.match(/One reason for both\./g)).toHaveLength(1);
    expect(text).toContain('A soak of a day: points: at least 2 instead of at least 1.');
    expect(text).toContain('A soak of a day: length: at least 2 seconds instead of at least 1 second.');
  });
});
