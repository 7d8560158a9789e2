import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { component, gateOf, must, read, until } from '../../lib/local/demo/steps.ts';
import { launch, runsInChromium } from '../pages/chromium.ts';
import { type Way, ways } from '../pages/hands.ts';
import * as walks from '../pages/walks.ts';
import { changed, deputy, freeze } from './journeys-stage.ts';
import { leanStage, type Release } from './lean-stage.ts';
import { type Visitor, visitorsOf } from './visitors.ts';

/**
 * What people come for, in Chromium on a stage on the local AWS: they get a mail, follow its link, sign in at the provider, answer on the
 * page, and the run goes on by that. Each is walked in every way, as `test/pages/journeys.test.ts` does over the handlers in memory. A run
 * takes those that leave it as it is in all ways, one after the other; what ends a gate or a run takes another run for each way.
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
  const walked: string[] = [];

  /** Journeys that come one after the other, because each goes on where the one before has ended. */
  const inTurn = () => {
    let left: string | undefined;
    const { visitor, misdeeds, shown } = visitorsOf(lean, () => browser ?? expect.fail('no Chromium'));
    const visitors = new Map<string, Promise<Visitor>>();
    /** A person in the browser that they have for this way. */
    const as = (login: string, way: Way): Promise<Visitor> => {
      const known = visitors.get(`${login} ${way}`) ?? visitor(login, way);
      visitors.set(`${login} ${way}`, known);
      return known;
    };
    const step = (name: string, walk: () => Promise<void>): void =>
      test.sequential(name, async () => {
        if (left !== undefined) throw new Error(`not walked, because "${left}" has failed`);
        left = name;
        onTestFailed(async () => console.error([...lean.printed, ...(await shown()), ...(await lean.whereRunsStand())].join('\n')));
        await walk();
        expect(misdeeds()).toEqual([]);
        left = undefined;
      });
    const journey = (name: walks.Journey, way: Way, walk: () => Promise<void>): void =>
      step(`${name}, ${way}`, async () => {
        await walk();
        walked.push(`${name}, ${way}`);
      });
    return { as, step, journey };
  };

  const page = (release: Release, path: string): string => `${lean.stage.publicUrl}/runs/${release.run}${path}`;
  const toRequests = async (version: string, environment: string): Promise<Release> => {
    const release = await lean.startRun(version, environment);
    await Promise.all([lean.sendScan(release), lean.sendCoverage(release)]);
    return release;
  };
  const expectEnd = async (release: Release, outcome: string): Promise<void> => {
    expect((await lean.whenEnded(release)).outcome).toBe(outcome);
  };

  type Turn = ReturnType<typeof inTurn>;

  /** One person rejects, and another one still has the open report. */
  const rejected = ({ as, journey }: Turn, way: Way, version: string, environment: string): void => {
    let release: Release;
    journey('reject', way, async () => {
      release = await toRequests(version, environment);
      const [late, tove] = [await as('omar', way), await as('tove', way)];
      await late.openMail({ run: release.run, action: report });
      await tove.openMail({ run: release.run, action: report });
      await walks.reject(tove.hands, tove.page);
      await expectEnd(release, 'rejected');
    });
    journey('answer too late', way, async () => {
      const { hands, page } = await as('omar', way);
      await walks.approveTooLate(hands, page);
    });
  };

  /** A release that a freeze holds: two people override it, and the three roles approve it, one by a deputy. `by`: how each lead does. */
  const approved = (
    { as, journey, step }: Turn,
    way: Way,
    by: Readonly<Record<'tove' | 'omar', Way>>,
    version: string,
    environment: string,
  ): (() => Release) => {
    let release: Release;
    journey('override a freeze as the second person', way, async () => {
      // Before anything is sent: a form that was made at another gate records nothing.
      release = await lean.startRun(version, environment);
      // Also a form that was made before the first gate opened.
      await until(release, 'phase-1', 'open');
      const body = { freeze, reason: `${said}: the release repairs prices.` };
      const asked = await (await lean.personOf('operations-lead')).overrideFreeze({ params: { run: release.run }, body });
      must('ask for the override', asked);
      const { open, hands } = await as('tove', way);
      await open(page(release, '/operating'));
      await walks.overrideFreeze(hands);
    });
    journey('answer as a deputy', way, async () => {
      await Promise.all([lean.sendScan(release), lean.sendCoverage(release)]);
      const dora = await as(deputy.id, way);
      await dora.openMail({ run: release.run, action: report });
      await walks.approveAsDeputy(dora.hands, dora.page, { away: 'Petra Novak', deputy: deputy.name });
    });
    for (const [login, how] of Object.entries(by))
      journey('approve', how, async () => {
        const lead = await as(login, how);
        await lead.openMail({ run: release.run, action: report });
        await walks.approve(lead.hands, lead.page);
      });
    step('both leads and the deputy have decided', async () => {
      await until(release, 'go-no-go');
    });
    return () => release;
  };

  const rolledBack = ({ as, journey }: Turn, way: Way, login: string, of: () => Release): void =>
    journey('roll back', way, async () => {
      const { openMail, hands } = await as(login, way);
      await openMail({ run: of().run, action: backPage });
      await walks.rollBack(hands);
    });
  const triggered = async (release: Release): Promise<void> => {
    await lean.deploy(release);
    expect(await lean.trigger(release, 'technical-lead', 'data-corruption-detected')).toBe(true);
  };

  describe.concurrent('in production', () => {
    const turn = inTurn();
    const { as, journey, step } = turn;
    let first: Release;

    const waivers = { 'with script': ['tove', covered], 'without script': ['omar', atHand], 'keyboard alone': ['omar', second] } as const;
    for (const way of ways)
      journey('waive', way, async () => {
        first ??= await lean.startRun('2.0.0-void');
        const [login, check] = waivers[way];
        const { open, hands } = await as(login, way);
        await open(page(first, `/checks/${check}`));
        await walks.waive(hands, new Date());
      });

    const signers = { 'with script': 'tove', 'without script': 'omar', 'keyboard alone': 'petra' } as const;
    step('three people open the report, and it changes', async () => {
      await lean.sendScan(first);
      await until(first, 'go-no-go', 'open');
      for (const way of ways) {
        const { openMail, hands } = await as(signers[way], way);
        await openMail({ run: first.run, action: report });
        await hands.see('Tests follow in ticket 4412.');
      }
    });
    let change: Promise<void> | undefined;
    const reportChanges = async (): Promise<void> => {
      await lean.sendCoverage(first);
      await lean.waitUntil('the end of the requests', async () =>
        gateOf(await read(first), 'go-no-go').approvals.some(({ invalidated }) => invalidated) ? true : undefined,
      );
    };
    for (const way of ways)
      journey('answer a report that changes meanwhile', way, async () => {
        const { hands, page } = await as(signers[way], way);
        await walks.approveWhatHasChanged(hands, page, () => (change ??= reportChanges()));
      });

    rejected(turn, 'with script', '2.0.0-rejected', 'production');
    const release = approved(turn, 'with script', { tove: 'with script', omar: 'with script' }, '2.0.0', 'production');

    journey('attest', 'with script', async () => {
      await lean.attestLast(release(), [second]);
      const { open, hands } = await as('omar', 'with script');
      await open(page(release(), `/checks/${atHand}`));
      await walks.attest(hands);
      await until(release(), 't-minus-2h');
    });

    const alarms = ways.map((_, place) => `alarm-${place + 1}`);
    step('three alarms', async () => {
      await lean.deploy(release());
      const { service, environment, emit } = lean.stage;
      for (const observation of alarms)
        await emit({ service, environment, observation, kind: 'alarm', bad: true, subject: component, summary: 'orders fail' });
      await lean.waitUntil('the observations', async () => ((await badOnes()).length === alarms.length ? true : undefined));
    });
    // Holdpoint's own looks are observations, too.
    const badOnes = async () => (await read(release())).observations.filter(({ observation }) => alarms.includes(observation));
    ways.forEach((way, place) => {
      journey('label an alarm', way, async () => {
        const { open, hands } = await as('omar', way);
        await open(page(release(), '/reviews'));
        await walks.label(hands, `Host ${place + 1}`);
        expect((await badOnes()).filter(({ label }) => label === 'explained')).toHaveLength(place + 1);
      });
    });

    step('declare a trigger', async () => {
      const { open, hands } = await as('omar', 'with script');
      await open(page(release(), '/rollback'));
      await walks.declareTrigger(hands);
    });
    rolledBack(turn, 'with script', 'tove', release);

    for (const way of ways)
      journey('search the audit trail', way, async () => {
        const { open, hands } = await as('aino', way);
        await open(`${lean.stage.publicUrl}/audit`);
        await walks.search(hands, { run: release().run, check: covered });
      });

    step('the release is taken back', () => expectEnd(release(), 'rolled-back'));
  });

  describe.concurrent('in staging', () => {
    const turn = inTurn();
    const { as, journey, step } = turn;

    rejected(turn, 'without script', '3.0.0-rejected', 'staging');
    const release = approved(turn, 'without script', { tove: 'without script', omar: 'keyboard alone' }, '3.0.0', 'staging');

    for (const [way, check] of [['without script', atHand] as const, ['keyboard alone', second] as const])
      journey('attest', way, async () => {
        await until(release(), 't-minus-2h', 'open');
        const { open, hands } = await as('omar', way);
        await open(page(release(), `/checks/${check}`));
        await walks.attest(hands);
      });
    step('what is asked before T0 is attested', async () => {
      await until(release(), 't-minus-2h');
      await triggered(release());
    });
    rolledBack(turn, 'without script', 'omar', release);
    // While its traffic is stopped, the probes of every run in this environment fail, and a report that somebody reads changes.
    step('the release before is taken back', () => expectEnd(release(), 'rolled-back'));

    rejected(turn, 'keyboard alone', '3.1.0-rejected', 'staging');
    const another = approved(turn, 'keyboard alone', { tove: 'without script', omar: 'without script' }, '3.1.0', 'staging');
    step('another one is deployed', async () => {
      await lean.attestLast(another(), [atHand, second]);
      await triggered(another());
    });
    rolledBack(turn, 'keyboard alone', 'omar', another);
    step('that one is taken back, too', () => expectEnd(another(), 'rolled-back'));
  });

  test('each journey was walked in each way', () => {
    const all = walks.journeys.flatMap((name) => ways.map((way) => `${name}, ${way}`));
    expect([...new Set(walked)].sort()).toEqual(all.sort());
  });
});
