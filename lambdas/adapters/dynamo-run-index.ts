import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { approvalLinkSchema, type RunIndex, type RunSummary, runSummarySchema } from '../../lib/ports.ts';
import { type Item, lostTo, s, textOf } from './dynamo.ts';

type Config = { readonly table: string };
const keyOf = (pk: string, sk: string): Item => ({ pk: s(pk), sk: s(sk) });
const summaryKey = (run: string): Item => keyOf(`run/${run}`, 'summary');
const place = (summary: Pick<RunSummary, 'startedAt' | 'run'>): string => `${summary.startedAt}#${summary.run}`;
/** Ended runs have no place among the open ones. */
const pointersOf = (summary: RunSummary): 'open' | 'ended' => (summary.outcome === null ? 'open' : 'ended');

/** DynamoDB gives 100 items in one batch; a page of the list is never longer. */
const batch = 100;
/** A filter that matches rarely ends a page early, with a `next`, after so many pages of pointers. */
const pagesRead = 10;

/**
 * The run list in the table `runs`. The summary is one item; the lists and the open runs of an environment are pointers to it, which
 * never change, so that they are written once. Each pointer's target is read with it: a pointer left over points at a run that says so itself.
 */
export const createDynamoRunIndex = (client: DynamoDBClient, { table: TableName }: Config): RunIndex => ({
  put: async (summary) => {
    const kept = await putSummary(client, TableName, summary);
    if (kept === undefined || kept.pointers?.S === pointersOf(summary)) return;
    await putPointers(client, TableName, summary);
  },
  get: async (run) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: summaryKey(run), ConsistentRead: true }));
    return Item && summaryOf(Item);
  },
  list: async ({ service, environment, limit, after }) => {
    const pk = service === undefined ? 'list' : `list/${service}`;
    const size = Math.min(limit, batch);
    const runs: RunSummary[] = [];
    let before = after;
    for (let read = 0; read < pagesRead; read += 1) {
      const page = await pointers(client, TableName, { pk, before, limit: size });
      const found = (await summaries(client, TableName, page.runs)).filter(
        (summary) => (environment ?? summary.environment) === summary.environment,
      );
      const room = size - runs.length;
      runs.push(...found.slice(0, room));
      const last = runs.at(-1);
      if (found.length > room && last !== undefined) return { runs, next: place(last) };
      if (page.next === undefined) return { runs };
      if (runs.length === size) return { runs, next: page.next };
      before = page.next;
    }
    return before === undefined ? { runs } : { runs, next: before };
  },
  open: async (service, environment) => {
    const found: RunSummary[] = [];
    let start: Item | undefined;
    do {
      const page: { readonly Items?: Item[] | undefined; readonly LastEvaluatedKey?: Item | undefined } = await client.send(
        new QueryCommand({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': s(`open/${service}/${environment}`) },
          ExclusiveStartKey: start,
          Limit: batch,
        }),
      );
      found.push(
        ...(await summaries(
          client,
          TableName,
          (page.Items ?? []).map((item) => textOf(item, 'sk')),
        )),
      );
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found.filter((summary) => summary.outcome === null);
  },
  claim: async (key, run) => {
    const Key = keyOf(`claim/${key}`, 'claim');
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: { ...Key, run: s(run) },
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return run;
    } catch (fault) {
      const lost = lostTo(fault);
      if (lost === undefined) throw fault;
      const holder = lost.item ?? (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
      if (holder === undefined) throw fault;
      return textOf(holder, 'run');
    }
  },
  putLink: async (linkHash, link) => {
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(`link/${linkHash}`, 'link'), v: s(JSON.stringify(link)) } }));
  },
  getLink: async (linkHash) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(`link/${linkHash}`, 'link'), ConsistentRead: true }));
    return Item && approvalLinkSchema.parse(JSON.parse(textOf(Item, 'v')));
  },
});

const summaryOf = (item: Item): RunSummary => runSummarySchema.parse(JSON.parse(textOf(item, 'v')));

/** The summary as it is kept now, or nothing where a newer one stands. */
const putSummary = async (client: DynamoDBClient, TableName: string, summary: RunSummary): Promise<Item | undefined> => {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: summaryKey(summary.run),
        UpdateExpression: summary.outcome === null ? 'SET v = :v, asOf = :asOf' : 'SET v = :v, asOf = :asOf, ended = :asOf',
        ConditionExpression:
          summary.outcome === null
            ? 'attribute_not_exists(pk) OR (attribute_not_exists(ended) AND asOf <= :asOf)'
            : 'attribute_not_exists(ended) OR asOf <= :asOf',
        ExpressionAttributeValues: { ':v': s(JSON.stringify(summary)), ':asOf': s(summary.asOf) },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes ?? {};
  } catch (fault) {
    if (lostTo(fault) === undefined) throw fault;
    return undefined;
  }
};

/** Noted in the summary when all are written: a writer that broke off before is completed by the next one. */
const putPointers = async (client: DynamoDBClient, TableName: string, summary: RunSummary): Promise<void> => {
  const { run, service, environment } = summary;
  const open = keyOf(`open/${service}/${environment}`, run);
  await Promise.all([
    ...['list', `list/${service}`].map((pk) => client.send(new PutItemCommand({ TableName, Item: keyOf(pk, place(summary)) }))),
    summary.outcome === null
      ? client.send(new PutItemCommand({ TableName, Item: open }))
      : client.send(new DeleteItemCommand({ TableName, Key: open })),
  ]);
  await client
    .send(
      new UpdateItemCommand({
        TableName,
        Key: summaryKey(run),
        UpdateExpression: 'SET pointers = :pointers',
        ConditionExpression: 'asOf = :asOf',
        ExpressionAttributeValues: { ':pointers': s(pointersOf(summary)), ':asOf': s(summary.asOf) },
        ReturnValues: 'ALL_NEW',
      }),
    )
    .catch((fault: unknown) => {
      // A newer summary came between: its writer looks after the pointers.
      if (lostTo(fault) === undefined) throw fault;
    });
};

/** `next` only when there is more: one pointer more than wanted is read. */
type Page = { readonly runs: readonly string[]; readonly next: string | undefined };
const pointers = async (
  client: DynamoDBClient,
  TableName: string,
  from: { readonly pk: string; readonly before: string | undefined; readonly limit: number },
): Promise<Page> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: from.limit + 1,
      KeyConditionExpression: from.before === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :before',
      ExpressionAttributeValues: { ':pk': s(from.pk), ...(from.before === undefined ? {} : { ':before': s(from.before) }) },
    }),
  );
  const places = Items.slice(0, from.limit).map((item) => textOf(item, 'sk'));
  return { runs: places.map((one) => one.slice(one.indexOf('#') + 1)), next: Items.length > from.limit ? places.at(-1) : undefined };
};

/** In the order of `runs`. A batch that DynamoDB gave in part is asked again for the rest, a few times. */
const summaries = async (client: DynamoDBClient, TableName: string, runs: readonly string[]): Promise<readonly RunSummary[]> => {
  const found = new Map<string, RunSummary>();
  let Keys: Item[] = runs.map(summaryKey);
  for (let attempt = 0; Keys.length > 0; attempt += 1) {
    if (attempt === 5) throw new Error(`run list: ${Keys.length} of ${runs.length} summaries were not given in ${attempt} batches`);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    for (const summary of (Responses?.[TableName] ?? []).map(summaryOf)) found.set(summary.run, summary);
    Keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return runs.flatMap((run) => found.get(run) ?? []);
};
