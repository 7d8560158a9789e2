import { ConflictException, CreateScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Clock, Schedules } from '../../lib/ports.ts';

/** A schedule in the past never fires, so an instant that has passed is scheduled this much later. Milliseconds. */
const leadMs = 2_000;
const longestName = 64;

type Config = {
  readonly group: string;
  readonly reconciler: string;
  readonly role: string;
  readonly deadLetters: string;
  readonly clock: Clock;
};

/** One-time schedules that invoke the reconciler and delete themselves. */
export const createSchedules = (client: SchedulerClient, { group, reconciler, role, deadLetters, clock }: Config): Schedules => ({
  at: async (name, when, { run }) => {
    const earliest = Math.max(when.getTime(), clock.now().getTime() + leadMs);
    try {
      await client.send(
        new CreateScheduleCommand({
          Name: scheduleName(name),
          GroupName: group,
          ScheduleExpression: `at(${wholeSecond(earliest)})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: reconciler,
            RoleArn: role,
            Input: JSON.stringify({ run }),
            DeadLetterConfig: { Arn: deadLetters },
          },
        }),
      );
    } catch (fault) {
      if (!(fault instanceof ConflictException)) throw fault;
    }
  },
});

/** Rounded up: a reconciliation that comes too early changes nothing. */
const wholeSecond = (milliseconds: number): string => new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().slice(0, 19);

/** A name that Scheduler accepts stays; any other keeps its start, followed by a digest of the whole name. */
export const scheduleName = (name: string): string =>
  name.length <= longestName && /^[0-9a-zA-Z_.-]+$/.test(name)
    ? name
    : `${name.replace(/[^0-9a-zA-Z_.-]/g, '-').slice(0, longestName - 33)}-${sha256(name).slice(0, 32)}`;
