import { readdirSync, readFileSync } from 'node:fs';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createDefinitions } from '../../lambdas/adapters/definitions-store.ts';
import type { Item } from '../../lambdas/adapters/dynamo.ts';
import { createDynamoDueItems } from '../../lambdas/adapters/dynamo-due-items.ts';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamo-idempotency.ts';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { createDynamoPeople } from '../../lambdas/adapters/dynamo-people.ts';
import { createDynamoRunIndex } from '../../lambdas/adapters/dynamo-run-index.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamo-tokens.ts';
import { reconcile } from '../../lambdas/event-reconciler.ts';
import { sessionCookie, sessionIdentity, signSession } from '../../lib/api/session.ts';
import { unauthorised } from '../../lib/audit/authority.ts';
import { eventTypes } from '../../lib/audit/event.ts';
import { ends } from '../../lib/audit/events/run.ts';
import { parseStored } from '../../lib/audit/make-event.ts';
import { canonical, sha256 } from '../../lib/canonical-json.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type Checklist, checklistSchema, gatesOf, rollbackGatesOf } from '../../lib/checklist/definition.ts';
import { localStage } from '../../lib/local/stage.ts';
import { evidenceTypes, isEvidenceType, judgedAs, type StoredFacts } from '../../lib/registry/evidence.ts';
import { covers, judgeEvidence, kindOf, ruleKinds } from '../../lib/registry/rules.ts';
import { readFacts } from '../../lib/registry/stored-facts.ts';
import { openingSchema } from '../../lib/run/gates/open-gate.ts';
import { fakeAuthority } from '../fakes/services.ts';
import { fakeEndedSessions, fakeEvidence } from '../fakes/stores.ts';
import { fakeMac } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';

/**
 * What older versions stored, in test/stored/<schema version>, has to be readable (lib/DESIGN.md, "What is stored stays readable"). A file
 * there is never changed: digests.txt, in the form of sha256sum, has one line for each.
 */
const root = new URL('../stored/', import.meta.url);
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((one) => one.isFile() && one.name.endsWith('.json'))
  .map((one) => `${one.parentPath.slice(root.pathname.length).replace(/\/?$/, '/')}${one.name}`)
  .sort();
const bytesOf = (file: string): string => readFileSync(new URL(file, root), 'utf8').replace(/\n$/, '');
const jsonOf = (file: string): unknown => JSON.parse(bytesOf(file));

/** The files of every version in one of its folders, with the name without `.json`. */
const inFolder = (folder: string): readonly (readonly [name: string, file: string])[] =>
  files.flatMap((file) => {
    const [, found, name] = /^v\d+\/(.+)\/([^/]+)\.json$/.exec(file) ?? [];
    return found === folder && name !== undefined ? [[name, file] as const] : [];
  });
const named = (folder: string, start: string) => {
  const found = inFolder(folder).filter(([name]) => name.startsWith(start));
  if (found.length === 0) throw new Error(`test/stored has no ${folder}/${start}`);
  return found;
};
const definitionFiles = files.filter((file) => /^v\d+\/definition(\.[\w-]+)?\.json$/.test(file));

describe('what is kept', () => {
  test('is never changed', () => {
    const listed = readFileSync(new URL('digests.txt', root), 'utf8').trimEnd().split('\n');
    expect(files.map((file) => `${sha256(readFileSync(new URL(file, root)))}  ${file}`)).toEqual(listed);
  });

  test('has every event type, every type of facts, every kind of rule and every kind of gate', () => {
    const events = new Set(inFolder('events').map(([name]) => name));
    expect(eventTypes.filter((type) => !events.has(type))).toEqual([]);
    const facts = new Set(inFolder('facts').map(([name]) => name));
    expect([...Object.keys(evidenceTypes), 'unreadable'].filter((type) => !facts.has(type))).toEqual([]);
    const definitions = definitionFiles.map((file) => checklistSchema.parse(jsonOf(file)));
    const rules = new Set<string>(definitions.flatMap(({ items }) => items.flatMap(({ rule }) => rule?.kind ?? [])));
    expect(ruleKinds.map(({ kind }) => kind).filter((kind) => !rules.has(kind))).toEqual([]);
    const allGates = (checklist: Checklist) => [...gatesOf(checklist), ...rollbackGatesOf(checklist)];
    const roles = new Set(definitions.flatMap((definition) => allGates(definition).map(({ role }) => role)));
    expect(allGates(baseChecklist).flatMap(({ role }) => (roles.has(role) ? [] : role))).toEqual([]);
  });

  test('has every end of a run', () => {
    const found = inFolder('events').filter(([name]) => name.startsWith('run.ended'));
    const kept = found.map(([, file]) => (parseStored(bytesOf(file)).event.data as { readonly outcome: string }).outcome);
    expect(ends.filter((end) => !kept.includes(end))).toEqual([]);
  });

  test('is read by a test below', () => {
    const readers = ['events', 'facts', 'items', 'payloads'].flatMap((folder) => inFolder(folder).map(([, file]) => file));
    expect([...readers, ...definitionFiles].sort()).toEqual(files);
  });
});

test.each(inFolder('events'))('the event %s is read as it was written, and its MAC is the right one', async (type, file) => {
  const stored = parseStored(bytesOf(file));
  // Of some types there are several, such as `run.ended.expired`.
  expect([type, type.split('.').slice(0, 2).join('.')]).toContain(stored.event.type);
  expect(await unauthorised([stored], fakeAuthority().verify)).toBeUndefined();
});

test.each(definitionFiles)('the definition in %s is found by its digest', async (file) => {
  const evidence = fakeEvidence();
  const bytes = bytesOf(file);
  await evidence.put('definitions', sha256(bytes), Buffer.from(bytes), 'application/json');
  const found = await createDefinitions(evidence, { checklist: twoGates, digest: 'current', graph: 'current' }).read(sha256(bytes));
  // What its run pinned, and nothing that this version adds.
  expect(canonical(found as Checklist)).toBe(bytes);
});

describe('stored facts', () => {
  const rules = [baseChecklist, ...definitionFiles.map((file) => checklistSchema.parse(jsonOf(file)))].flatMap(({ items }) =>
    items.flatMap(({ rule }) => (rule === null ? [] : [rule])),
  );
  test.each(inFolder('facts'))('%s are read, and judged by every rule on them', (name, file) => {
    const facts: StoredFacts = readFacts(Buffer.from(bytesOf(file)));
    const type = name.replace(/\..*$/, '');
    expect(facts.type).toBe(type);
    if (isEvidenceType(type)) expect(canonical(evidenceTypes[type].facts.parse(facts))).toBe(bytesOf(file));
    const judged = rules.filter((rule) =>
      type === 'unreadable' ? kindOf(rule).evidence !== null : kindOf(rule).evidence === judgedAs(type),
    );
    expect(judged.length).toBeGreaterThan(0);
    for (const rule of judged) {
      expect(judgeEvidence(rule, facts).verdict, rule.kind).not.toBe('error');
      expect(typeof covers(rule, [facts], facts), rule.kind).toBe('boolean');
    }
  });

  test.each([
    ['junit', 'junit-passes/1', 'pass'],
    ['junit.failed', 'junit-passes/1', 'fail'],
    ['sarif', 'sarif-clean/1', 'pass'],
    ['sarif.found', 'sarif-clean/1', 'fail'],
    ['unreadable', 'junit-passes/1', 'inconclusive'],
  ])('%s mean what they meant: by %s, %s', (name, kind, verdict) => {
    for (const [, file] of named('facts', `${name}`).filter(([found]) => found === name)) {
      const facts = readFacts(Buffer.from(bytesOf(file)));
      const ofKind = rules.filter((one) => one.kind === kind);
      const rule = ofKind.find((one) => kindOf(one).appliesTo(one, facts)) ?? ofKind[0] ?? expect.fail(`no rule ${kind}`);
      expect(judgeEvidence(rule, facts).verdict).toBe(verdict);
    }
  });
});

describe('a stored item of', () => {
  const dynamo = mockClient(DynamoDBClient);
  beforeEach(() => dynamo.reset());
  afterAll(() => dynamo.restore());
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const itemOf = (file: string): Item => jsonOf(file) as Item;
  const table = { table: 'table' } as const;
  const text = (item: Item, name: string): string => item[name]?.S ?? expect.fail(`no ${name}`);

  test.each(named('items', 'event'))('the audit table: %s', async (_, file) => {
    const item = itemOf(file);
    dynamo.on(QueryCommand).resolves({ Items: [item] });
    const [stored] = await createDynamoLaneStore(client, table).query(text(item, 'scope'), { prefix: '' });
    expect(stored?.bytes).toBe(text(item, 'b'));
  });

  test.each(named('items', 'due-'))('the due items: %s', async (name, file) => {
    dynamo.on(QueryCommand).resolves({ Items: [itemOf(file)] });
    const [found] = await createDynamoDueItems(client, table).list(new Date('2026-03-03T00:00:00.000Z'), 10);
    expect(`due-${found?.kind}`).toBe(name);
    // The sweep deletes it by the key that this version makes of it.
    await createDynamoDueItems(client, table).done(found ?? expect.fail('no item'));
    const { pk, sk } = itemOf(file);
    expect(dynamo.calls().at(-1)?.args[0].input).toMatchObject({ Key: { pk, sk } });
  });

  test.each(named('items', 'summary-'))('the run list: %s', async (name, file) => {
    const item = itemOf(file);
    dynamo.on(GetItemCommand, { Key: { pk: item.pk, sk: item.sk } as Item }).resolves({ Item: item });
    const run = text(item, 'pk').replace('run/', '');
    const summary = await createDynamoRunIndex(client, table).get(run);
    expect(summary).toEqual(JSON.parse(text(item, 'v')));
    expect(summary?.outcome === null ? 'summary-open' : 'summary-ended').toBe(name);
  });

  test.each(named('items', 'approval-link'))('the links of approvals: %s', async (_, file) => {
    const item = itemOf(file);
    dynamo.on(GetItemCommand, { Key: { pk: item.pk, sk: item.sk } as Item }).resolves({ Item: item });
    expect(await createDynamoRunIndex(client, table).getLink(text(item, 'pk').replace('link/', ''))).toEqual(JSON.parse(text(item, 'v')));
  });

  test.each(named('items', 'idempotency-answer'))('the answers of idempotency keys: %s', async (_, file) => {
    const item = itemOf(file);
    dynamo.on(PutItemCommand).rejects(new ConditionalCheckFailedException({ message: 'taken', $metadata: {}, Item: item }));
    const begun = await createDynamoIdempotency(client, table).begin(
      text(item, 'key'),
      text(item, 'body'),
      new Date('2026-03-03T00:00:00.000Z'),
    );
    expect(begun).toEqual({ state: 'done', answer: JSON.parse(text(item, 'answer')) });
  });

  test.each(named('items', 'people-text'))("people's texts: %s", async (_, file) => {
    const item = itemOf(file);
    dynamo.on(BatchGetItemCommand).resolves({ Responses: { [table.table]: [item] } });
    const people = createDynamoPeople(client, { ...table, random: { token: () => '', fraction: () => 0 } });
    const digest = text(item, 'digest');
    expect((await people.read([digest])).get(digest)).toEqual({
      run: text(item, 'run'),
      text: text(item, 'text'),
      salt: text(item, 'salt'),
    });
  });

  test.each(named('items', 'task-token'))('the task tokens: %s', async (_, file) => {
    const item = itemOf(file);
    dynamo.on(QueryCommand).resolves({ Items: [item] });
    const [gate = '', entry = ''] = text(item, 'entry').split('#');
    expect(await createDynamoTokens(client, { ...table, clock: { now: () => new Date() } }).get(text(item, 'run'), gate, entry)).toEqual({
      token: text(item, 'token'),
      execution: text(item, 'execution'),
    });
  });
});

describe('a payload that is under way when a version is deployed', () => {
  test.each(named('payloads', 'opening'))('to the opener: %s', (_, file) => {
    expect(openingSchema.parse(jsonOf(file))).toEqual(jsonOf(file));
  });

  test.each(named('payloads', 'reconcile-'))('to the reconciler: %s', async (_, file) => {
    expect(await reconcile(dependenciesOf(twoGates), jsonOf(file))).not.toHaveProperty('declined');
  });

  test.each(named('payloads', 'session'))('in the cookie of a browser that is signed in: %s', async (_, file) => {
    const session = jsonOf(file) as Parameters<typeof signSession>[1];
    const stage = localStage({
      publicUrl: 'http://localhost:1',
      peopleIssuer: 'http://localhost:2/people',
      ciIssuer: 'http://localhost:2/ci',
    });
    const [person] = stage.roster;
    if (person === undefined) throw new Error('the stage has no people');
    const known = { ...stage, roster: [{ ...person, id: session.person }] };
    const cookie = `${sessionCookie(stage.publicUrl)}=${await signSession(fakeMac(), session)}`;
    const sessions = fakeEndedSessions();
    const at = (iso: string) => sessionIdentity({ stage: known, mac: () => fakeMac(), sessions: () => sessions }, [cookie], new Date(iso));
    expect(await at('2026-03-02T09:00:00.000Z')).toMatchObject({ kind: 'caller', session: session.id, caller: { id: session.person } });
    expect(await at('2026-03-02T16:00:00.000Z')).toEqual({ kind: 'anonymous' });
  });
});
