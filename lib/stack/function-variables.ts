import type { Stack } from 'aws-cdk-lib';
import type { Stage } from '../checklist/stage.ts';
import type { Variable } from '../lambda-manifest.ts';
import type { DataStack, TableId } from './data.ts';
import type { MailIdentity } from './mail.ts';
import type { Scheduling } from './scheduling.ts';

export type KeptTables = Readonly<Record<TableId, { readonly tableName: string; readonly tableArn: string }>>;

/** The tables of the Data stack, or those that the stage names in their place: a backup can only be restored to a new table. */
export const keptTables = (scope: Stack, { tables }: DataStack, { restoredTables }: Stage): KeptTables =>
  Object.fromEntries(
    Object.entries(tables).map(([id, table]) => {
      const tableName = restoredTables?.[id as keyof typeof restoredTables];
      if (tableName === undefined) return [id, table];
      return [id, { tableName, tableArn: scope.formatArn({ service: 'dynamodb', resource: 'table', resourceName: tableName }) }];
    }),
  ) as KeptTables;

export const variables = (
  { evidence, intake, roster, sessionKey, cursorKey, peopleKey, reconcilerKey }: DataStack,
  tables: KeptTables,
  { machineArn, scheduling, mail }: { readonly machineArn: string; readonly scheduling: Scheduling; readonly mail: MailIdentity },
): Partial<Record<Variable, string>> => ({
  AUDIT_TABLE: tables.audit.tableName,
  RUNS_TABLE: tables.runs.tableName,
  PEOPLE_TABLE: tables.people.tableName,
  TOKENS_TABLE: tables.tokens.tableName,
  IDEMPOTENCY_TABLE: tables.idempotency.tableName,
  EVIDENCE_BUCKET: evidence.bucketName,
  INTAKE_BUCKET: intake.bucketName,
  ROSTER_BUCKET: roster.bucketName,
  SESSION_KEY_ID: sessionKey.keyId,
  CURSOR_KEY_ID: cursorKey.keyId,
  PEOPLE_KEY_ID: peopleKey.keyId,
  RECONCILER_KEY_ID: reconcilerKey.keyId,
  STATE_MACHINE_ARN: machineArn,
  SCHEDULE_GROUP: scheduling.group,
  SCHEDULE_ROLE_ARN: scheduling.role.roleArn,
  SCHEDULE_DLQ_ARN: scheduling.undeliveredEvents.queueArn,
  MAIL_SET: mail.set,
});

/** The variables of one function. */
export const pick = (names: readonly Variable[], values: Partial<Record<Variable, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`no value for the variable ${name}`);
      return [name, value];
    }),
  );
