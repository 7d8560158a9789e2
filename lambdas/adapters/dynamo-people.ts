import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../lib/canonical-json.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { PeopleStore, Random } from '../../lib/ports.ts';
import { insert, s, textOf } from './dynamo.ts';

/** 256 bits, so that the digest in an event reveals nothing about an erased text, however short. */
const saltBytes = 32;

/** People's free text in the table `people`, one item per text under its salted digest: deleting the item erases the text. */
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
  read: async (digest) => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { digest: s(digest) }, ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const text = textOf(Item, 'text');
    if (sha256(textOf(Item, 'salt') + text) !== digest)
      throw new IntegrityFault(`people ${digest}: the stored text does not have this digest`);
    return text;
  },
});
