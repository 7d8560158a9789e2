import { sha256 } from '../../lib/canonical-json.ts';
import type { Clock, Schedules } from '../../lib/ports.ts';
import { type AwsCall, faultOf } from './aws-call.ts';

/** A schedule in the past never fires, so an instant that has passed is scheduled this much later. Milliseconds. */
const leadMs = 2_000;
const longestName = 64;

export type SchedulesConfig = {
  readonly group: string;
  readonly reconciler: string;
  readonly role: string;
  readonly deadLetters: string;
  readonly clock: Clock;
};

/**
 * One-time schedules that invoke the reconciler and delete themselves:
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
export const createSchedules = (call: AwsCall, { group, reconciler, role, deadLetters, clock }: SchedulesConfig): Schedules => ({
  at: async (name, when, { run }) => {
    const earliest = Math.max(when.getTime(), clock.now().getTime() + leadMs);
    const input = {
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
    };
    const answer = await call({}, { service: 'scheduler', operation: 'CreateSchedule', input });
    if ('failed' in answer && answer.code !== 'ConflictException') throw faultOf(answer);
  },
});

/** Rounded up: a reconciliation that comes too early changes nothing. */
const wholeSecond = (milliseconds: number): string => new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().slice(0, 19);

/** A name that Scheduler accepts stays; any other keeps its start, followed by a digest of the whole name. */
export const scheduleName = (name: string): string =>
  name.length <= longestName && /^[0-9a-zA-Z_.-]+$/.test(name)
    ? name
    : `${name.replace(/[^0-9a-zA-Z_.-]/g, '-').slice(0, longestName - 33)}-${sha256(name).slice(0, 32)}`;
