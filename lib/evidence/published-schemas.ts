import * as z from 'zod';
import { schemaOf } from './record.ts';
import type { RecordKind } from './records/kind.ts';
import { seriesSchema } from './series.ts';

/** The JSON Schemas (draft 2020-12) that are published. Apart from the parsers: a function that loads a parser writes no JSON Schema. */

/** Of a kind of record. */
export const jsonSchemaOf = (kind: RecordKind): object => ({
  $id: `https://holdpoint.dev/schemas/${kind.id}/1`,
  title: kind.description,
  ...z.toJSONSchema(schemaOf(kind), { io: 'input' }),
});

/** Of series. It cannot say that the times increase. */
export const seriesJsonSchema = (): object => z.toJSONSchema(seriesSchema, { io: 'input' });
