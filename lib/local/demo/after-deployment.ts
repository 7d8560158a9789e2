import { productionAlertRecord } from './records-alerts.ts';
import { backupRecord, dataAfterDeploymentRecord, type Orders } from './records-data.ts';
import { scalingRecord } from './records-load.ts';
import { dashboardRecord, logRecords } from './records-logs.ts';
import { usageRecord } from './records-platform.ts';
import { issuesRecord } from './records-team.ts';
import { begun, withOwnFolder } from './release.ts';
import { integrationTests, type Report } from './reports.ts';
import type { Made } from './sending.ts';
import type { Demo } from './steps.ts';

/** What is proved of the release while it is live and watched. */
export type AfterDeployment = {
  /** When the release was live. */
  readonly since: Date;
  /** Made once the monitoring has been measured, because all of it would slow down the service that is watched; the alert alone comes meanwhile. */
  readonly reports: readonly Made[];
  readonly backup: Promise<Report>;
};

const folder = 'after-deployment';

type Deployed = {
  /** The orders from before the deployment. */
  readonly before: Orders;
  /** The deployment had finished then, and the test of the alarm had not begun. */
  readonly since: Date;
  readonly monitored: Promise<unknown>;
};

export const proveAfterDeployment = (demo: Demo, { before, since, monitored }: Deployed): AfterDeployment => {
  const { auditor, run, release } = demo;
  const stage = withOwnFolder(demo.stage, folder);
  const workspace = { ...stage.workspace, yields: true };
  // Two at a time, because the stability is still measured.
  const data = begun(monitored.then(() => dataAfterDeploymentRecord(stage, before)));
  const logs = begun(data.then(() => logRecords(stage)));
  const backup = begun(logs.then(() => backupRecord(stage, 'after-deployment')));
  const made: readonly Made[] = [
    data,
    logs,
    backup,
    logs.then(() => integrationTests(workspace, release.source, 'integration-after-deployment')),
    productionAlertRecord(stage, { auditor, run, since }),
    Promise.resolve(issuesRecord(workspace, release.source)),
  ];
  return { since, reports: made.map((one): Made => begun<Report | readonly Report[]>(one)), backup };
};

/** Away from the monitoring, because it puts load on the live release; and what that took. */
export const proveUnderLoad = async (demo: Demo, since: Date): Promise<readonly Report[]> => {
  const stage = withOwnFolder(demo.stage, folder);
  // Of the time before the load; what it measured arrives meanwhile. The health probe still asked in the first second.
  const dashboard = begun(dashboardRecord(stage, { since: new Date(since.getTime() + 1000), until: new Date() }));
  const scaling = await scalingRecord(stage);
  return [await dashboard, scaling, await usageRecord(stage, since)];
};
