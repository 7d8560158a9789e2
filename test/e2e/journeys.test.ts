import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { component, gateOf, must, read, until } from '../../lib/local/demo/steps.ts';
import { launch, runsInChromium } from '../pages/chromium.ts';
import * as walks from '../pages/walks.ts';
import { changed, deputy, freeze } from './journeys-stage.ts';
import { leanStage, type Release } from './lean-stage.ts';
import { visitorsOf } from './visitors.ts';

/**
 * What people come for, in Chromium on a stage on the local AWS: they get a mail, follow its link, sign in at the provider, answer on the
 * page, and the run goes on by that. `test/pages/journeys.test.ts` walks the same, and more of it, in every way over the handlers in memory.
 */
const covered = 'coverage-per-feature';
const [atHand, second] = ['team-assembled', 'dashboards-open'] as const;
const said = 'To see what people do in a browser';

const report = 'Open the report';
const backPage = 'Open the rollback';

describe.runIf(runsInChromium)('journeys in Chromium on the local AWS', () => {
  const lean = leanStage({
    more: [covered, second],
    said,
    environments: ['production', 'staging'],
    stageFrom: { file: 'test/e2e/journeys-stage.ts', change: changed },
  });
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Journeys that come one after the other, because each goes on where the one before has ended. */
  const inTurn = () => {
    let left: string | undefined;
    const { visitor, misdeeds, shown } = visitorsOf(lean, () => browser ?? expect.fail('no Chromium'));
    const journey = (name: string, walk: () => Promise<void>): void =>
      test.sequential(name, async () => {
        if (left !== undefined) throw new Error(`not walked, because "${left}" has failed`);
        left = name;
        onTestFailed(async () => console.error([...lean.printed, ...(await shown()), ...(await lean.whereRunsStand())].join('\n')));
        await walk();
        expect(misdeeds()).toEqual([]);
        left = undefined;
      });
    return { journey, visitor };
  };

  const page = (release: Release, path: string): string => `${lean.stage.publicUrl}/runs/${release.run}${path}`;
  const toRequests = async (version: string, environment: string): Promise<Release> => {
    const release = await lean.startRun(version, environment);
    await Promise.all([lean.sendScan(release), lean.sendCoverage(release)]);
    return release;
  };
  const triggered = async (release: Release): Promise<void> => {
    await lean.deploy(release);
    expect(await lean.trigger(release, 'technical-lead', 'data-corruption-detected')).toBe(true);
  };
  const expectTakenBack = async (release: Release): Promise<void> => {
    expect((await lean.whenEnded(release)).outcome).toBe('rolled-back');
  };
  const expectRejected = async (release: Release): Promise<void> => {
    expect((await lean.whenEnded(release)).outcome).toBe('rejected');
  };

  describe.concurrent('in production, with script', () => {
    const { journey, visitor } = inTurn();
    const tove = once(() => visitor('tove', 'with script'));
    const omar = once(() => visitor('omar', 'with script'));
    let release: Release;

    journey('waive a line that has no evidence', async () => {
      release = await lean.startRun('2.0.0-void');
      await lean.sendScan(release);
      const { open, hands } = await tove();
      await open(page(release, `/checks/${covered}`));
      await walks.waive(hands, new Date());
      await until(release, 'go-no-go', 'open');
    });

    journey('void: approve a report that changes meanwhile', async () => {
      const { openMail, hands, page } = await tove();
      await openMail({ run: release.run, action: report });
      await hands.see('Tests follow in ticket 4412.');
      await walks.approveWhatHasChanged(hands, page, async () => {
        await lean.sendCoverage(release);
        await lean.waitUntil('the end of the requests', async () =>
          gateOf(await read(release), 'go-no-go').approvals.some(({ invalidated }) => invalidated) ? true : undefined,
        );
      });
    });

    journey('reject', async () => {
      release = await toRequests('2.0.0-rejected', 'production');
      const late = await omar();
      await late.openMail({ run: release.run, action: report });
      const { openMail, hands, page } = await tove();
      await openMail({ run: release.run, action: report });
      await walks.reject(hands, page);
      await expectRejected(release);
    });

    journey('late: approve what was rejected', async () => {
      const { hands, page } = await omar();
      await walks.approveTooLate(hands, page);
    });

    journey('break-glass: override a freeze as the second person', async () => {
      // Before anything is sent: a form that was made at another gate records nothing.
      release = await lean.startRun('2.0.0');
      // Also a form that was made before the first gate opened.
      await until(release, 'phase-1', 'open');
      const body = { freeze, reason: `${said}: the release repairs prices.` };
      const asked = await (await lean.personOf('operations-lead')).overrideFreeze({ params: { run: release.run }, body });
      must('ask for the override', asked);
      const { open, hands } = await tove();
      await open(page(release, '/operating'));
      await walks.overrideFreeze(hands);
    });

    journey('answer as a deputy', async () => {
      await Promise.all([lean.sendScan(release), lean.sendCoverage(release)]);
      const dora = await visitor(deputy.id, 'with script');
      await dora.openMail({ run: release.run, action: report });
      const names = { away: 'Petra Novak', deputy: deputy.name };
      await walks.approveAsDeputy(dora.hands, dora.page, names);
    });

    journey('approve', async () => {
      for (const lead of [await tove(), await omar()]) {
        await lead.openMail({ run: release.run, action: report });
        await walks.approve(lead.hands, lead.page);
      }
      await until(release, 'go-no-go');
    });

    journey('attest', async () => {
      await lean.attestLast(release, [second]);
      const { open, hands } = await omar();
      await open(page(release, `/checks/${atHand}`));
      await walks.attest(hands);
      await until(release, 't-minus-2h');
    });

    journey('label an alarm', async () => {
      await lean.deploy(release);
      const { service, environment, emit } = lean.stage;
      await emit({ service, environment, observation: 'alarm-1', kind: 'alarm', bad: true, subject: component, summary: 'orders fail' });
      await lean.waitUntil('the observation', async () => ((await read(release)).observations.some(({ bad }) => bad) ? true : undefined));
      const { open, hands } = await omar();
      await open(page(release, '/reviews'));
      await walks.label(hands);
      // Holdpoint's own looks are observations, too.
      const seen = (await read(release)).observations.find(({ observation }) => observation === 'alarm-1');
      expect(seen?.label).toBe('explained');
    });

    journey('declare a trigger', async () => {
      const { open, hands } = await omar();
      await open(page(release, '/rollback'));
      await walks.declareTrigger(hands);
    });

    journey('roll back', async () => {
      const { openMail, hands } = await tove();
      await openMail({ run: release.run, action: backPage });
      await walks.rollBack(hands);
      await expectTakenBack(release);
    });

    journey('search the audit trail', async () => {
      const { open, hands } = await visitor('aino', 'with script');
      await open(`${lean.stage.publicUrl}/audit`);
      await walks.search(hands, { run: release.run, check: covered });
    });
  });

  describe.concurrent('in staging, without script and with the keyboard alone', () => {
    const { journey, visitor } = inTurn();
    const tove = once(() => visitor('tove', 'without script'));
    const omar = once(() => visitor('omar', 'without script'));
    const [toveWithKeys, omarWithKeys] = [once(() => visitor('tove', 'keyboard alone')), once(() => visitor('omar', 'keyboard alone'))];
    const petra = once(() => visitor('petra', 'without script'));
    let release: Release;
    let before: Release;

    journey('reject, without script', async () => {
      release = await toRequests('3.0.0-rejected', 'staging');
      const { openMail, hands, page } = await tove();
      await openMail({ run: release.run, action: report });
      await walks.reject(hands, page);
      await expectRejected(release);
    });

    journey('approve, without script and with the keyboard alone', async () => {
      release = await toRequests('3.0.0', 'staging');
      for (const person of [await tove(), await omarWithKeys(), await petra()]) {
        await person.openMail({ run: release.run, action: report });
        await walks.approve(person.hands, person.page);
      }
      await until(release, 'go-no-go');
    });

    journey('attest, without script and with the keyboard alone', async () => {
      await until(release, 't-minus-2h', 'open');
      for (const [{ open, hands }, check] of [[await omar(), atHand] as const, [await omarWithKeys(), second] as const]) {
        await open(page(release, `/checks/${check}`));
        await walks.attest(hands);
      }
      await until(release, 't-minus-2h');
    });

    journey('roll back, without script', async () => {
      await triggered(release);
      const { openMail, hands } = await omar();
      await openMail({ run: release.run, action: backPage });
      await walks.rollBack(hands);
      before = release;
    });

    journey('reject, with the keyboard alone', async () => {
      release = await toRequests('3.1.0-rejected', 'staging');
      const { openMail, hands, page } = await toveWithKeys();
      await openMail({ run: release.run, action: report });
      await walks.reject(hands, page);
      await expectRejected(release);
    });

    journey('roll back, with the keyboard alone', async () => {
      release = await toRequests('3.1.0', 'staging');
      for (const person of [await tove(), await omar(), await petra()]) {
        await person.openMail({ run: release.run, action: report });
        await walks.approve(person.hands, person.page);
      }
      await lean.attestLast(release, [atHand, second]);
      await expectTakenBack(before);
      await triggered(release);
      const { openMail, hands } = await omarWithKeys();
      await openMail({ run: release.run, action: backPage });
      await walks.rollBack(hands);
      await expectTakenBack(release);
    });
  });
});

/** The same browser for all journeys of a person. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
