import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DuplicateItemException,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoDueItems } from '../../lambdas/adapters/dynamo-due-items.ts';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamo-idempotency.ts';
import { createDynamoPeople } from '../../lambdas/adapters/dynamo-people.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamo-tokens.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import { mockedDynamo } from './mocked-dynamo.ts';

const { dynamo, client, table, lost, inputs } = mockedDynamo();

describe('due items on DynamoDB', () => {
  it('lists with one query of the items that are due', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    await createDynamoDueItems(client, { table }).list(new Date('2026-03-02T08:00:00.000Z'), 25);
    expect(inputs()).toEqual([
      [
        'QueryCommand',
        {
          TableName: table,
          ConsistentRead: true,
          Limit: 25,
          KeyConditionExpression: 'pk = :pk AND sk < :after',
          ExpressionAttributeValues: { ':pk': { S: 'due' }, ':after': { S: '2026-03-02T08:00:00.000Z$' } },
        },
      ],
    ]);
  });

  it('reads on behind items of a newer version until the page is full', async () => {
    const item = { at: '2026-03-02T08:00:00.000Z', run: 'r1', kind: 'deadline', id: 'a1' } as const;
    const stored = (of: object) => ({ pk: { S: 'due' }, sk: { S: 'x' }, v: { S: JSON.stringify(of) } });
    const key = { pk: { S: 'due' }, sk: { S: 'x' } };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [stored({ ...item, kind: 'escalation' }), stored(item)], LastEvaluatedKey: key })
      .resolvesOnce({ Items: [stored({ ...item, id: 'b2' })], LastEvaluatedKey: key });
    let skipped = 0;
    const found = await createDynamoDueItems(client, { table }).list(new Date(item.at), 2, undefined, (unknown) => {
      skipped += unknown;
    });
    expect([found, skipped]).toEqual([[item, { ...item, id: 'b2' }], 1]);
    expect(inputs()).toMatchObject([
      ['QueryCommand', { Limit: 2 }],
      ['QueryCommand', { Limit: 1, ExclusiveStartKey: key }],
    ]);
  });

  it('writes and deletes one item', async () => {
    const due = createDynamoDueItems(client, { table });
    const item = { at: '2026-03-02T08:00:00.000Z', run: 'r1', kind: 'deadline', id: 'a1' } as const;
    await due.put(item);
    await due.done(item);
    const Key = { pk: { S: 'due' }, sk: { S: '2026-03-02T08:00:00.000Z#r1#deadline#a1' } };
    expect(inputs()).toEqual([
      ['PutItemCommand', { TableName: table, Item: { ...Key, v: { S: JSON.stringify(item) } } }],
      ['DeleteItemCommand', { TableName: table, Key }],
    ]);
  });

  it('reads and moves a run’s deadline beside its summary, each with one request', async () => {
    const due = createDynamoDueItems(client, { table });
    const item = { at: '2026-03-02T08:00:00.000Z', run: 'r1', kind: 'deadline', id: 'a1' } as const;
    const next = { ...item, id: 'b2' };
    const Key = { pk: { S: 'run/r1' }, sk: { S: 'deadline' } };
    dynamo.on(GetItemCommand).resolves({ Item: { ...Key, v: { S: JSON.stringify(item) } } });
    expect(await due.deadline('r1')).toEqual(item);
    for (const [was, to] of [
      [undefined, item],
      [item, next],
      [next, undefined],
    ] as const)
      expect(await due.moveDeadline('r1', was, to)).toBe(true);
    const was = (one: object) => ({ ConditionExpression: 'v = :was', ExpressionAttributeValues: { ':was': { S: JSON.stringify(one) } } });
    expect(inputs()).toEqual([
      ['GetItemCommand', { TableName: table, Key, ConsistentRead: true }],
      [
        'PutItemCommand',
        { TableName: table, Item: { ...Key, v: { S: JSON.stringify(item) } }, ConditionExpression: 'attribute_not_exists(pk)' },
      ],
      ['PutItemCommand', { TableName: table, Item: { ...Key, v: { S: JSON.stringify(next) } }, ...was(item) }],
      ['DeleteItemCommand', { TableName: table, Key, ...was(next) }],
    ]);
  });

  it('reports a deadline that another caller has moved, and throws everything else', async () => {
    const due = createDynamoDueItems(client, { table });
    const item = { at: '2026-03-02T08:00:00.000Z', run: 'r1', kind: 'deadline', id: 'a1' } as const;
    dynamo.on(PutItemCommand).rejectsOnce(lost()).rejectsOnce(new Error('throttled'));
    expect(await due.moveDeadline('r1', undefined, item)).toBe(false);
    await expect(due.moveDeadline('r1', undefined, item)).rejects.toThrow('throttled');
  });
});

describe('people on DynamoDB', () => {
  const people = createDynamoPeople(client, { table, random: { token: (bytes) => 's'.repeat(bytes), fraction: () => 0 } });

  it('keeps the text with its salt under the digest of both', async () => {
    const digest = sha256(`${'s'.repeat(32)}yes`);
    expect(await people.keep('r1', 'yes')).toBe(digest);
    expect(inputs()).toEqual([
      [
        'ExecuteStatementCommand',
        {
          Statement: `INSERT INTO "table-1" VALUE {'digest': ?, 'run': ?, 'salt': ?, 'text': ?}`,
          Parameters: [{ S: digest }, { S: 'r1' }, { S: 's'.repeat(32) }, { S: 'yes' }],
        },
      ],
    ]);
  });

  it('takes a text that is there already for its own: the answer of its first request was lost', async () => {
    dynamo
      .on(ExecuteStatementCommand)
      .rejectsOnce(new DuplicateItemException({ $metadata: {}, message: 'taken' }))
      .rejectsOnce(new Error('throttled'));
    expect(await people.keep('r1', 'yes')).toBe(sha256(`${'s'.repeat(32)}yes`));
    await expect(people.keep('r1', 'yes')).rejects.toThrow('throttled');
  });

  it('is an integrity fault when the text is another', async () => {
    const answer = (digest: string, more: object): object => ({ digest: { S: digest }, run: { S: 'r1' }, ...more });
    const [yes, no] = [sha256('syes'), sha256('sno')];
    const resolves = (item: object): unknown => dynamo.on(BatchGetItemCommand).resolves({ Responses: { [table]: [item as never] } });
    resolves(answer(yes, { salt: { S: 's' }, text: { S: 'no' } }));
    await expect(people.read([yes])).rejects.toMatchObject({ name: 'IntegrityFault' });
    resolves(answer(no, { salt: { S: 's' }, text: { S: 'no' } }));
    expect(await people.read([no])).toEqual(new Map([[no, { run: 'r1', text: 'no', salt: 's' }]]));
    resolves(answer(no, { erased: { S: '2026-03-04T08:00:00.000Z' } }));
    expect(await people.read([no]), 'erased').toEqual(new Map([[no, { run: 'r1', text: null, erasedAt: '2026-03-04T08:00:00.000Z' }]]));
  });

  it('asks again for what a batch left out', async () => {
    const digest = sha256('sno');
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({ UnprocessedKeys: { [table]: { Keys: [{ digest: { S: digest } }] } } })
      .resolves({ Responses: { [table]: [{ digest: { S: digest }, run: { S: 'r1' }, salt: { S: 's' }, text: { S: 'no' } }] } });
    expect((await people.read([digest])).get(digest)?.text).toBe('no');
  });
});

describe('tokens on DynamoDB', () => {
  it('lets the table forget a token, in whole seconds and never too early', async () => {
    await createDynamoTokens(client, { table, clock: { now: () => new Date('2026-03-02T08:00:00.000Z') } }).put({
      run: 'r1',
      gate: 'g',
      entry: 'e',
      token: 't',
      execution: 'x',
      expires: new Date(1_000_001),
    });
    expect(inputs()).toEqual([
      [
        'ExecuteStatementCommand',
        {
          Statement: `INSERT INTO "table-1" VALUE {'run': ?, 'entry': ?, 'token': ?, 'execution': ?, 'expires': ?}`,
          Parameters: [
            { S: 'r1' },
            { S: `g#e#2026-03-02T08:00:00.000Z#${sha256('t').slice(0, 16)}` },
            { S: 't' },
            { S: 'x' },
            { N: '1001' },
          ],
        },
      ],
    ]);
  });

  it('reads the newest of an entry, also one that an earlier version stored', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [{ token: { S: 't' }, execution: { S: 'x' } }] });
    const tokens = createDynamoTokens(client, { table, clock: { now: () => new Date() } });
    expect(await tokens.get('r1', 'g', 'e')).toEqual({ token: 't', execution: 'x' });
    expect(inputs()).toEqual([
      [
        'QueryCommand',
        expect.objectContaining({
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
          ExpressionAttributeValues: { ':run': { S: 'r1' }, ':entry': { S: 'g#e' } },
        }),
      ],
    ]);
  });
});

describe('idempotency on DynamoDB', () => {
  const idempotency = createDynamoIdempotency(client, { table });
  const now = new Date('2026-03-02T08:00:00.000Z');
  const answer = { status: 200, contentType: 'text/plain', body: 'x', headers: {} };

  it('begins with one conditional put: a lease of a minute, forgotten after 35 days', async () => {
    dynamo.on(PutItemCommand).resolves({});
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'fresh' });
    expect(inputs()).toEqual([
      [
        'PutItemCommand',
        {
          TableName: table,
          Item: {
            key: { S: 'k' },
            body: { S: 'd' },
            until: { N: String(now.getTime() + 60_000) },
            expires: { N: String(now.getTime() / 1000 + 35 * 86_400) },
          },
          ConditionExpression: 'attribute_not_exists(#key) OR (#until <= :now AND (#body = :body OR attribute_exists(#answer)))',
          ExpressionAttributeNames: { '#key': 'key', '#until': 'until', '#body': 'body', '#answer': 'answer' },
          ExpressionAttributeValues: { ':now': { N: String(now.getTime()) }, ':body': { S: 'd' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
    ]);
  });

  it.each([
    ['35 days', undefined, 35 * 86_400],
    ['as long as its writer says', 3_600_000, 3_600],
  ])('keeps an answer for %s, and lets the table delete it then', async (_, keptMs, seconds) => {
    dynamo.on(UpdateItemCommand).resolves({});
    await idempotency.finish('k', answer, now, keptMs);
    const until = now.getTime() / 1000 + seconds;
    expect(inputs()[0]?.[1]).toMatchObject({
      ExpressionAttributeValues: { ':until': { N: String(until * 1000) }, ':expires': { N: String(until) } },
    });
  });

  it('reads the state from what stood there', async () => {
    const kept = { body: { S: 'd' }, answer: { S: JSON.stringify(answer) } };
    dynamo
      .on(PutItemCommand)
      .rejectsOnce(lost(kept))
      .rejectsOnce(lost({ body: { S: 'd' } }))
      .rejectsOnce(lost({ body: { S: 'e' } }))
      .rejectsOnce(lost())
      .rejectsOnce(lost())
      .rejectsOnce(new Error('throttled'));
    dynamo.on(GetItemCommand).resolvesOnce({ Item: kept }).resolvesOnce({});
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'done', answer });
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'in-progress' });
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'other-body' });
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'done', answer });
    expect(await idempotency.begin('k', 'd', now)).toEqual({ state: 'in-progress' });
    await expect(idempotency.begin('k', 'd', now)).rejects.toThrow('throttled');
  });

  it('lets a lost finish or release be, and throws everything else', async () => {
    dynamo
      .on(UpdateItemCommand)
      .rejectsOnce(lost())
      .rejectsOnce(new Error('throttled'))
      .on(DeleteItemCommand)
      .rejectsOnce(lost())
      .rejectsOnce(new Error('throttled'));
    await idempotency.finish('k', answer, now);
    await expect(idempotency.finish('k', answer, now)).rejects.toThrow('throttled');
    await idempotency.release('k');
    await expect(idempotency.release('k')).rejects.toThrow('throttled');
  });
});
