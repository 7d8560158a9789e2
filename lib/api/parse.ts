import type * as z from 'zod';
import { type Outcome, ok, refuse } from '../outcome.ts';
import { counted } from '../wording.ts';
import type { Body } from './operation.ts';
import { maxJsonBytes } from './parameters.ts';
import { refusalOf, shown } from './problem.ts';
import { flawOf } from './strict-json.ts';

/** Parses names and values of a path, a query or a form. A name that appears twice is refused, because it is unclear which value was meant. */
export const readFields = (
  schema: z.ZodType,
  entries: readonly (readonly [string, string])[],
  type: 'parameter-invalid' | 'body-malformed' = 'parameter-invalid',
): Outcome<unknown> => {
  const seen = new Set<string>();
  for (const [name] of entries) {
    if (seen.has(name))
      return refuse(type, `The field ${shown(name)} is given twice.`, { got: 'two values', expected: 'one value', fix: 'Send it once.' });
    seen.add(name);
  }
  const input = Object.fromEntries(entries);
  const parsed = schema.safeParse(input);
  return parsed.success ? ok(parsed.data) : { refused: refusalOf(type, parsed.error, input) };
};

const limitOf = (body: Body): number => {
  if (body.kind === 'raw') return body.maxBytes;
  if (body.kind === 'none') return maxJsonBytes;
  return (body.maxBytes ?? maxJsonBytes) + (body.kind === 'form' ? (body.maxFileBytes ?? 0) : 0);
};

const multipart = 'multipart/form-data';

/** The parsed body, and its bytes as received. */
export const readBody = async (body: Body, request: Request): Promise<Outcome<{ readonly value: unknown; readonly bytes: Uint8Array }>> => {
  if (body.kind === 'none') return ok({ value: undefined, bytes: new Uint8Array() });
  const contentType = (request.headers.get('content-type') ?? '').trim();
  const media = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const expected = { json: 'application/json', form: 'application/x-www-form-urlencoded', raw: undefined }[body.kind];
  const isMultipart = body.kind === 'form' && body.maxFileBytes !== undefined && media === multipart;
  if (expected !== undefined && media !== expected && !isMultipart) {
    return refuse('content-type', 'The body has a content type that this route does not accept.', {
      got: media === '' ? 'no Content-Type' : shown(media),
      expected,
      fix: `Send the body as ${expected}.`,
    });
  }
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > limitOf(body)) return { refused: tooLarge(bytes.length, limitOf(body), body) };
  if (body.kind === 'raw')
    return bytes.length === 0
      ? { refused: empty(body.holds?.name ?? 'report') }
      : ok({ value: { bytes, contentType: media === '' ? 'application/octet-stream' : media }, bytes });
  if (body.kind === 'form' && isMultipart) return readMultipart(body.schema, bytes, contentType);
  const text = utf8(bytes);
  if (text === undefined)
    return refuse('body-malformed', 'The body is not UTF-8 text.', {
      got: 'bytes that are not UTF-8',
      expected: 'UTF-8',
      fix: 'Send the body as UTF-8.',
    });
  if (body.kind === 'form') {
    const form = readFields(body.schema, [...new URLSearchParams(text)], 'body-malformed');
    return form.refused === undefined ? ok({ value: form.ok, bytes }) : form;
  }
  return readJson(body.schema, text, bytes);
};

/** A form with files, each of which stands in its field in base64. A browser sends a field without a file as an empty one. */
const readMultipart = async (
  schema: z.ZodType,
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<Outcome<{ readonly value: unknown; readonly bytes: Uint8Array }>> => {
  const parts = await partsIn(bytes, contentType);
  if (parts === undefined)
    return refuse('body-malformed', 'The form cannot be read.', {
      got: 'a body that is not multipart/form-data in UTF-8',
      expected: 'the fields of the form, as a browser sends them',
      fix: 'Send the form of the page with a browser.',
    });
  const fields = await Promise.all(
    parts
      .filter(([, value]) => typeof value === 'string' || value.size > 0)
      .map(
        async ([name, value]): Promise<[string, string]> => [
          name,
          typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()).toString('base64'),
        ],
      ),
  );
  const form = readFields(schema, fields, 'body-malformed');
  return form.refused === undefined ? ok({ value: form.ok, bytes }) : form;
};

const partsIn = async (bytes: Uint8Array<ArrayBuffer>, contentType: string) => {
  try {
    return [...(await new Response(bytes, { headers: { 'content-type': contentType } }).formData())];
  } catch {
    return undefined;
  }
};

/** A JSON body with more room than a text needs has room for a file. */
const mayHoldFile = (body: Body): boolean =>
  body.kind === 'form' ? body.maxFileBytes !== undefined : body.kind === 'json' && limitOf(body) !== maxJsonBytes;

const tooLarge = (got: number, limit: number, body: Body) =>
  refuse('body-too-large', `The body has ${counted(got, 'byte')}; this route accepts at most ${limit}.`, {
    got: `${counted(got, 'byte')}`,
    expected: `at most ${limit} bytes`,
    fix:
      body.kind === 'raw' && body.holds === undefined
        ? 'Send a smaller report. One that is about a run can be uploaded (POST /v1/runs/{run}/uploads), which `holdpoint evidence` does by itself.'
        : mayHoldFile(body)
          ? 'Choose a smaller file, or shorten the text.'
          : 'Shorten the text.',
  }).refused;

const empty = (name: string) =>
  refuse('body-malformed', `The ${name} is empty.`, {
    got: '0 bytes',
    expected: `the ${name} as the body`,
    fix: `Send the file${name === 'report' ? ' that the tool wrote' : ''}, for example with curl --data-binary @${name}.`,
  }).refused;

const utf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const readJson = (schema: z.ZodType, text: string, bytes: Uint8Array): Outcome<{ readonly value: unknown; readonly bytes: Uint8Array }> => {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (thrown) {
    return refuse('body-malformed', 'The body is not JSON.', {
      got: shown(thrown instanceof Error ? thrown.message : text),
      expected: 'one JSON document',
      fix: 'Send valid JSON.',
    });
  }
  const flaw = flawOf(text);
  if (flaw !== undefined) return refuse('body-malformed', shown(flaw.detail), flaw);
  const parsed = schema.safeParse(input);
  return parsed.success ? ok({ value: parsed.data, bytes }) : { refused: refusalOf('body-malformed', parsed.error, input) };
};
