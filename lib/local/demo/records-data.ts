import { createHash } from 'node:crypto';
import {
  CreateBackupCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  RestoreTableFromBackupCommand,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { driftOf } from '../stored-layout.ts';
import { writeRecord } from './records.ts';
import type { Report } from './reports.ts';
import type { DemoStage } from './stage.ts';

/** Records about the stored orders. Each looks at the table or at the service when it is called. */

/** The documents of the orders by their ids. */
export type Orders = ReadonlyMap<string, string>;

export type OrdersFigure = { readonly rows: number; readonly checksum: string };

/** The members of objects in order, because two sides may write the same order in another one. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, canonical(member)]),
  );
};

/** SHA-256 over the orders in the order of their ids, and how many there are. */
export const figureOf = (orders: Orders): OrdersFigure => {
  const hash = createHash('sha256');
  for (const [id, document] of [...orders].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${id}\n${JSON.stringify(canonical(JSON.parse(document)))}\n`);
  return { rows: orders.size, checksum: `sha256:${hash.digest('hex')}` };
};

const tableOf = ({ shop }: DemoStage): string => shop.variables.SHOP_TABLE ?? '';

/** Every order of the table; the item that stops requests is no order. */
export const scanOrders = async (table: string, client: DynamoDBClient = new DynamoDBClient({})): Promise<Orders> => {
  const orders = new Map<string, string>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    for (const { id, document } of Items) if (id?.S !== undefined && document?.S !== undefined) orders.set(id.S, document.S);
  return orders;
};

/** What the service adds to a stored order when it answers. */
const computed = ['total', 'totalText'];

/** An order as the service answered it, as the table would keep it. */
export const storedForm = (answered: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(answered).filter(([name]) => !computed.includes(name))));

/** So many orders are asked of the service: the newest ones, and no more, so that a long-lived stage takes no minutes. */
const mostAsked = 100;
const atOnce = 5;

/** Asks the service for each of these orders. One that it does not answer is missing. */
const askOrders = async (url: string, ids: readonly string[]): Promise<Orders> => {
  const orders = new Map<string, string>();
  for (let place = 0; place < ids.length; place += atOnce)
    await Promise.all(
      ids.slice(place, place + atOnce).map(async (id) => {
        const answer = await fetch(`${url}/orders/${encodeURIComponent(id)}`, { signal: AbortSignal.timeout(10_000) });
        const body = await answer.text();
        if (answer.status === 200) orders.set(id, storedForm(JSON.parse(body) as Record<string, unknown>));
      }),
    );
  return orders;
};

const placedAtOf = (document: string): string => String((JSON.parse(document) as { readonly placedAt?: unknown }).placedAt);

/** The newest orders of the table, beside what the service answers for them. */
export const consistencyRecord = async (stage: DemoStage): Promise<Report> => {
  const newest = [...(await scanOrders(tableOf(stage)))]
    .toSorted(([, a], [, b]) => (placedAtOf(a) < placedAtOf(b) ? 1 : -1))
    .slice(0, mostAsked);
  const stored = figureOf(new Map(newest));
  const answered = figureOf(
    await askOrders(
      stage.shop.client.url,
      newest.map(([id]) => id),
    ),
  );
  const sides = { left: { of: 'the table', ...stored }, right: { of: 'the service', service: 'shop', ...answered } };
  return writeRecord(stage.workspace, {
    record: 'data-check',
    about: 'consistency',
    tool: `dynamodb Scan; GET /orders/{id} of the newest ${mostAsked}`,
    content: { comparisons: [{ name: 'orders', ...sides }] },
  });
};

/** Every order of the table now: what `dataAfterDeploymentRecord` compares with. */
export const snapshotOrders = (stage: DemoStage): Promise<Orders> => scanOrders(tableOf(stage));

/** The orders from before the deployment, in the table now. New ones may have come. */
export const dataAfterDeploymentRecord = async (stage: DemoStage, before: Orders): Promise<Report> => {
  const now = await scanOrders(tableOf(stage));
  const kept = new Map([...now].filter(([id]) => before.has(id)));
  return writeRecord(stage.workspace, {
    record: 'data-check',
    about: 'after-deployment',
    environment: 'production',
    tool: 'dynamodb Scan, before and after',
    content: {
      comparisons: [
        {
          name: 'orders from before the deployment',
          left: { of: 'before', ...figureOf(before) },
          right: { of: 'after', ...figureOf(kept) },
        },
      ],
    },
  });
};

/** A word of DynamoDB as the record's state. */
export const tableStateOf = (status: string | undefined): string => {
  if (status === 'ACTIVE' || status === 'UPDATING') return 'ready';
  if (status === undefined) return 'missing';
  return status === 'CREATING' ? 'creating' : 'unknown';
};

/** The table of the service, as DynamoDB describes it, and whether its keys and indexes are those of its template. */
export const storageRecord = async (stage: DemoStage): Promise<Report> => {
  const TableName = tableOf(stage);
  const { Table } = await new DynamoDBClient({}).send(new DescribeTableCommand({ TableName }));
  return writeRecord(stage.workspace, {
    record: 'resources',
    about: 'storage',
    environment: 'production',
    tool: 'dynamodb DescribeTable, beside the synthesised template',
    content: {
      resources: [
        {
          name: TableName,
          kind: 'dynamodb table',
          state: tableStateOf(Table?.TableStatus),
          drift: driftOf(stage.template, TableName, Table),
        },
      ],
    },
  });
};

/** For how many days DynamoDB keeps points in time where nobody chose fewer. */
const recoveryDays = 35;

/** The template of the service declares it, and the local CloudFormation skips it. */
const ensurePointInTimeRecovery = async (client: DynamoDBClient, TableName: string): Promise<void> => {
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  if (ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return;
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
};

/**
 * Backs the orders up, restores the backup as a second table, compares both, and deletes that table. The local DynamoDB restores at once;
 * the time is that of this machine.
 */
export const backupRecord = async (
  stage: DemoStage,
  about: 'strategy' | 'before-migration' | 'before-deployment' | 'after-deployment',
): Promise<Report> => {
  const client = new DynamoDBClient({});
  const TableName = tableOf(stage);
  const at = new Date();
  await ensurePointInTimeRecovery(client, TableName);
  const before = await scanOrders(TableName, client);
  const made = await client.send(new CreateBackupCommand({ TableName, BackupName: `orders-${at.getTime()}` }));
  const BackupArn = made.BackupDetails?.BackupArn;
  if (BackupArn === undefined) throw new Error('DynamoDB made no backup of the orders');
  const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn }));
  const copy = `${TableName}-restored-${at.getTime()}`.slice(-255);
  const startedAt = new Date();
  await client.send(new RestoreTableFromBackupCommand({ BackupArn, TargetTableName: copy }));
  try {
    // The emulator may be gone when the demo fails elsewhere: nobody waits for its table then.
    const waiting = { client, minDelay: 1, maxDelay: 5, maxWaitTime: 300, abortSignal: stage.workspace.signal };
    await waitUntilTableExists(waiting, { TableName: copy });
    const restored = await scanOrders(copy, client);
    const finishedAt = new Date();
    // An order that came between scan and backup is in the restored table only, and says nothing against it.
    const found = figureOf(new Map([...restored].filter(([id]) => before.has(id))));
    const expected = figureOf(before);
    return writeRecord(stage.workspace, {
      record: 'backup',
      about,
      environment: 'production',
      at,
      tool: 'dynamodb CreateBackup, RestoreTableFromBackup, Scan',
      content: {
        of: `dynamodb table ${TableName}`,
        recoveryPoint: BackupArn,
        bytes: BackupDescription?.BackupDetails?.BackupSizeBytes ?? 0,
        ...(await retentionOf(client, TableName)),
        restore: {
          startedAt: startedAt.toISOString(),
          finishedAt: finishedAt.toISOString(),
          parts: [
            {
              name: 'orders',
              rowsInBackup: expected.rows,
              rowsRestored: found.rows,
              checksumInBackup: expected.checksum,
              checksumRestored: found.checksum,
            },
          ],
        },
      },
    });
  } finally {
    await client.send(new DeleteTableCommand({ TableName: copy }));
  }
};

/** For how long the table's points in time are kept, as DynamoDB says; nothing where it says nothing. */
const retentionOf = async (client: DynamoDBClient, TableName: string): Promise<{ readonly retentionDays?: number }> => {
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  const { PointInTimeRecoveryStatus, RecoveryPeriodInDays = recoveryDays } =
    ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
  return PointInTimeRecoveryStatus === 'ENABLED' ? { retentionDays: RecoveryPeriodInDays } : {};
};
