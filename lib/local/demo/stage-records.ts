import type { Output } from './output.ts';
import { stagingAlarmRecord } from './records-alerts.ts';
import { backupRecord, consistencyRecord, storageRecord } from './records-data.ts';
import { dataVolumeRecord, networkRecord, usersRecord } from './records-load.ts';
import { heartbeatRecord, logRecords } from './records-logs.ts';
import { configurationRecord } from './records-platform.ts';
import { begun, withOwnFolder } from './release.ts';
import type { Report } from './reports.ts';
import type { DemoStage } from './stage.ts';

/**
 * What is proved of the stage and not of a release. It is looked up once, beside the first release: each record says when it was made. What
 * stands is given once for the service, the rest is sent to both runs.
 */
export type StageRecords = {
  readonly verification: readonly Made[];
  readonly environment: readonly Made[];
  readonly testing: readonly Made[];
  /** About production, and about the service as a whole. */
  readonly standing: { readonly environment: readonly Made[]; readonly service: readonly Made[] };
};
type Made = Promise<Report | readonly Report[]>;

type Times = {
  /** The baseline is measured: nothing may disturb it. */
  readonly measured: Promise<unknown>;
  /** Staging runs the first release and answers. */
  readonly staged: Promise<unknown>;
};

export const startStageRecords = (shared: DemoStage, output: Output, { measured, staged }: Times): StageRecords => {
  const stage = withOwnFolder(shared, 'stage');
  const after = <T>(time: Promise<unknown>, make: (stage: DemoStage) => Promise<T>): Promise<T> => begun(time.then(() => make(stage)));
  const users = after(staged, usersRecord);
  const records = {
    verification: [after(measured, consistencyRecord)],
    environment: [after(measured, (one) => backupRecord(one, 'before-deployment'))],
    testing: [users],
  };
  const standing = {
    environment: [
      after(measured, storageRecord),
      after(measured, configurationRecord),
      // The query of the log is asked after the deployment.
      begun(after(measured, logRecords).then(([delivery]) => delivery ?? [])),
      after(measured, (one) => backupRecord(one, 'strategy')),
    ],
    service: [
      after(measured, stagingAlarmRecord),
      after(staged, dataVolumeRecord),
      after(staged, heartbeatRecord),
      // One after the other, because the clients of one would slow down the other.
      after(users, networkRecord),
    ],
  };
  const looking = output.part('stage looked at: storage, settings, logs, backup, alarms, staging beside production');
  begun(
    Promise.all([...Object.values(records), ...Object.values(standing)].flat()).then((made) =>
      looking(`${made.flat().length} records, made once for both releases`),
    ),
  );
  return { ...records, standing };
};
