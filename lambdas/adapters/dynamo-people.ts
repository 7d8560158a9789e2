import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../lib/canonical-json.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { KeptWords, PeopleStore, Random } from '../../lib/ports.ts';
import { type Item, insert, s, textOf } from './dynamo.ts';

/** 256 bits, so that the digest in an event reveals nothing about an erased text, however short. */
const saltBytes = 32;

/** DynamoDB's limit for one batch. */
const batch = 100;

/**
 * People's free text in the table `people`, one item per text under its salted digest. Who erases a text removes `text` and `salt` from
 * the item and sets `erased` to the instant; deleting the item erases it, too, without a date.
 */
export const createDynamoPeople = (
  client: DynamoDBClient,
  { table: TableName, random }: { readonly table: string; readonly random: Random },
): PeopleStore => ({
  keep: async (run, text) => {
    const salt = random.token(saltBytes);
    const digest = sha256(salt + text);
    // The digest names salt and text, so an item that is there already is this one: of a request whose answer was lost.
    await insert(client, TableName, { digest: s(digest), run: s(run), salt: s(salt), text: s(text) });
    return digest;
  },
  read: async (digests) => {
    const found = new Map<string, KeptWords>();
    for (let from = 0; from < digests.length; from += batch) {
      let Keys: Item[] = digests.slice(from, from + batch).map((digest) => ({ digest: s(digest) }));
      while (Keys.length > 0) {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
        );
        for (const item of Responses?.[TableName] ?? []) found.set(textOf(item, 'digest'), wordsIn(item));
        Keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
      }
    }
    return found;
  },
});

const wordsIn = (item: Item): KeptWords => {
  const run = textOf(item, 'run');
  if (item.text === undefined) return { run, text: null, erasedAt: item.erased === undefined ? null : textOf(item, 'erased') };
  const digest = textOf(item, 'digest');
  const [text, salt] = [textOf(item, 'text'), textOf(item, 'salt')];
  if (sha256(salt + text) !== digest) throw new IntegrityFault(`people ${digest}: the stored text does not have this digest`);
  return { run, text, salt };
};
