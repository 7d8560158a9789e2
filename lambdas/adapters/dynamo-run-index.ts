import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { approvalLinkSchema } from '../../lib/audit/approval-link.ts';
import { isDeciding, type RunIndex, type RunSummary, runSummarySchema } from '../../lib/ports.ts';
import { type Item, lostTo, s, textOf } from './dynamo.ts';

type Config = { readonly table: string };
const keyOf = (pk: string, sk: string): Item => ({ pk: s(pk), sk: s(sk) });
const summaryKey = (run: string): Item => keyOf(`run/${run}`, 'summary');
const place = (summary: Pick<RunSummary, 'startedAt' | 'run'>): string => `${summary.startedAt}#${summary.run}`;
/** What orders the summaries of a run. */
const versionOf = ({ seen = 0, asOf }: RunSummary): string => `${String(seen).padStart(8, '0')}#${asOf}`;
const jsonIn = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
};
/** Every pointer to a run, whether it has ended or not. A leftover among the decisions does no harm, because its summary is read. */
const pointerKeys = (summary: RunSummary): readonly Item[] => [
  keyOf('list', place(summary)),
  keyOf(`list/${summary.service}`, place(summary)),
  keyOf(`open/${summary.service}/${summary.environment}`, summary.run),
  ...(isDeciding(summary) ? [keyOf('deciding', place(summary))] : []),
];
/** Which pointers a run has: an ended run has none among the open runs, and one that waits for a rollback decision has one more. */
const pointersOf = (summary: RunSummary): 'open' | 'deciding' | 'ended' => {
  if (summary.outcome !== null) return 'ended';
  return isDeciding(summary) ? 'deciding' : 'open';
};

/** DynamoDB's limit for one batch, and so the limit of a page. */
const batch = 100;
/** A filter that matches rarely ends a page early, with a `next`, after this many pages of pointers. */
const pagesRead = 10;

/**
 * The run list in the table `runs`. The summary of a run is one item. The lists and the open runs of an environment are pointers to it, which
 * never change and are written once. Every read of a pointer reads the summary, so a stale pointer of an ended run does no harm.
 */
export const createDynamoRunIndex = (client: DynamoDBClient, { table: TableName }: Config): RunIndex => ({
  put: async (summary) => {
    const kept = await putSummary(client, TableName, summary, updateOf(summary));
    const has = kept?.pointers?.S;
    // The pointer of a decision stays until the end of the run: deleting it before could lose it to a later decision.
    if (kept === undefined || has === pointersOf(summary) || (has === 'deciding' && summary.outcome === null)) return;
    await putPointers(client, TableName, summary, has === 'deciding');
  },
  restore: async (summary) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: summaryKey(summary.run), ConsistentRead: true }));
    const was = runSummarySchema.safeParse(jsonIn(Item?.v?.S));
    const stale = (was.success ? pointerKeys(was.data) : []).filter(
      (key) => !pointerKeys(summary).some((own) => own.pk?.S === key.pk?.S && own.sk?.S === key.sk?.S),
    );
    await Promise.all(stale.map((Key) => client.send(new DeleteItemCommand({ TableName, Key }))));
    await putSummary(client, TableName, summary, {
      UpdateExpression:
        summary.outcome === null ? 'SET v = :v, ver = :ver REMOVE ended, pointers' : 'SET v = :v, ver = :ver, ended = :ver REMOVE pointers',
    });
    await putPointers(client, TableName, summary, false);
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
      // A pointer that its summary does not agree with is a leftover: the run has another one.
      const found = (await summaries(client, TableName, page.runs)).filter(
        (summary) => page.places.includes(place(summary)) && isIn(summary, { service, environment }),
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
  deciding: async () => {
    const found: RunSummary[] = [];
    let before: string | undefined;
    do {
      const page = await pointers(client, TableName, { pk: 'deciding', before, limit: batch });
      found.push(...(await summaries(client, TableName, page.runs)).filter(isDeciding));
      before = page.next;
    } while (before !== undefined);
    return found;
  },
  open: (service, environment, reading, without) =>
    openRuns(client, TableName, `open/${service}/${environment}`, { ConsistentRead: reading !== 'may-lag', without }),
  claim: (key, run) => claim(client, TableName, { key, run }),
  putLink: async (linkHash, link) => {
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(`link/${linkHash}`, 'link'), v: s(JSON.stringify(link)) } }));
  },
  getLink: async (linkHash) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(`link/${linkHash}`, 'link'), ConsistentRead: true }));
    return Item && approvalLinkSchema.parse(JSON.parse(textOf(Item, 'v')));
  },
});

type OpenReading = { readonly ConsistentRead: boolean; readonly without: Pick<ReadonlySet<string>, 'has'> | undefined };
const openRuns = async (
  client: DynamoDBClient,
  TableName: string,
  pk: string,
  { ConsistentRead, without }: OpenReading,
): Promise<readonly RunSummary[]> => {
  const found: RunSummary[] = [];
  let start: Item | undefined;
  do {
    const page: { readonly Items?: Item[] | undefined; readonly LastEvaluatedKey?: Item | undefined } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': s(pk) },
        ExclusiveStartKey: start,
        Limit: batch,
      }),
    );
    const runs = (page.Items ?? []).map((item) => textOf(item, 'sk')).filter((run) => !without?.has(run));
    found.push(...(await summaries(client, TableName, runs, ConsistentRead)));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return found.filter((summary) => summary.outcome === null && pk === `open/${summary.service}/${summary.environment}`);
};

const isIn = (
  summary: RunSummary,
  { service, environment }: { readonly service?: string | undefined; readonly environment?: string | undefined },
): boolean => (service ?? summary.service) === summary.service && (environment ?? summary.environment) === summary.environment;

/** The run that holds the key: the first one that claimed it. */
const claim = async (
  client: DynamoDBClient,
  TableName: string,
  { key, run }: { readonly key: string; readonly run: string },
): Promise<string> => {
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
};

const summaryOf = (item: Item): RunSummary => runSummarySchema.parse(JSON.parse(textOf(item, 'v')));

type Update = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ConditionExpression'>;

/** How the recorded end of a run replaces what is there: it is the same for every writer. */
const updateOf = ({ outcome }: RunSummary): Update =>
  outcome === null
    ? {
        UpdateExpression: 'SET v = :v, ver = :ver',
        ConditionExpression: 'attribute_not_exists(ended) AND (attribute_not_exists(ver) OR ver <= :ver)',
      }
    : { UpdateExpression: 'SET v = :v, ver = :ver, ended = :ver' };

/** The stored item, or undefined when a newer summary is stored already. */
const putSummary = async (client: DynamoDBClient, TableName: string, summary: RunSummary, update: Update): Promise<Item | undefined> => {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: summaryKey(summary.run),
        ...update,
        ExpressionAttributeValues: { ':v': s(JSON.stringify(summary)), ':ver': s(versionOf(summary)) },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes ?? {};
  } catch (fault) {
    if (lostTo(fault) === undefined) throw fault;
    return undefined;
  }
};

/** The summary notes when all pointers are written: if a writer crashes before, the next one writes them. */
const putPointers = async (client: DynamoDBClient, TableName: string, summary: RunSummary, wasDeciding: boolean): Promise<void> => {
  const { run, service, environment } = summary;
  const open = keyOf(`open/${service}/${environment}`, run);
  const deciding = keyOf('deciding', place(summary));
  await Promise.all([
    ...['list', `list/${service}`].map((pk) => client.send(new PutItemCommand({ TableName, Item: keyOf(pk, place(summary)) }))),
    summary.outcome === null
      ? client.send(new PutItemCommand({ TableName, Item: open }))
      : client.send(new DeleteItemCommand({ TableName, Key: open })),
    ...(isDeciding(summary) ? [client.send(new PutItemCommand({ TableName, Item: deciding }))] : []),
    ...(wasDeciding && summary.outcome !== null ? [client.send(new DeleteItemCommand({ TableName, Key: deciding }))] : []),
  ]);
  await client
    .send(
      new UpdateItemCommand({
        TableName,
        Key: summaryKey(run),
        UpdateExpression: 'SET pointers = :pointers',
        ConditionExpression: 'ver = :ver',
        ExpressionAttributeValues: { ':pointers': s(pointersOf(summary)), ':ver': s(versionOf(summary)) },
        ReturnValues: 'ALL_NEW',
      }),
    )
    .catch((fault: unknown) => {
      // A newer summary was stored meanwhile: its writer writes the pointers.
      if (lostTo(fault) === undefined) throw fault;
    });
};

/** One pointer more than requested is read, so that `next` is set only when there is more. */
type Page = { readonly runs: readonly string[]; readonly places: readonly string[]; readonly next: string | undefined };
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
  const runs = [...new Set(places.map((one) => one.slice(one.indexOf('#') + 1)))];
  return { runs, places, next: Items.length > from.limit ? places.at(-1) : undefined };
};

/** In the order of `runs`. Keys that DynamoDB left unprocessed are requested again, a few times. */
const summaries = async (
  client: DynamoDBClient,
  TableName: string,
  runs: readonly string[],
  ConsistentRead = true,
): Promise<readonly RunSummary[]> => {
  const found = new Map<string, RunSummary>();
  let Keys: Item[] = runs.map(summaryKey);
  for (let attempt = 0; Keys.length > 0; attempt += 1) {
    if (attempt === 5) throw new Error(`run list: ${Keys.length} of ${runs.length} summaries were not returned in ${attempt} batches`);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead } } }),
    );
    for (const summary of (Responses?.[TableName] ?? []).map(summaryOf)) found.set(summary.run, summary);
    Keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return runs.flatMap((run) => found.get(run) ?? []);
};
