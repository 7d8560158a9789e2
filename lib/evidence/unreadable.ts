import type * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { jsonFlawOf } from '../json-flaw.ts';
import { type Outcome, type Refusal, refuse } from '../outcome.ts';
import { counted } from '../wording.ts';
import { deepestNesting } from './kind.ts';
import { markedEncoding } from './text-encoding.ts';

/** Refuses a report that cannot be read as its type. `got` quotes the report, so it is cut short and cleaned. */
export const unreadable = (
  detail: string,
  more: { readonly got: string; readonly expected: string; readonly fix: string },
): { refused: Refusal } => refuse('evidence-unreadable', detail, { ...more, got: excerpt(more.got, 200) });

/** Where and why JSON does not fit a schema, by the first issue. */
export const firstIssue = ({ issues: [issue] }: z.ZodError): string => {
  const said = issue?.code === 'invalid_union' && issue.message === 'Invalid input' ? everyWay(issue.errors) : issue?.message;
  return `${issue?.path.join('.') || 'the document'}: ${said}`;
};

/** What the ways of a union say, where the union has no words of its own: "expected string, received array, or expected number, received array". */
const everyWay = (ways: readonly (readonly z.core.$ZodIssue[])[]): string => {
  const said = ways.flatMap(([first]) =>
    first === undefined ? [] : [[...first.path, first.message].join(': ').replace('Invalid input: ', '')],
  );
  return `Invalid input: ${[...new Set(said)].join(', or ') || 'none of its forms fits'}`;
};

/** For a member that must be one of some versions: names what stands in its place. */
export const notVersion = (expected: string) => ({
  error: ({ input }: { readonly input?: unknown }): string => `${JSON.stringify(input)?.slice(0, 60) ?? 'nothing'} is not ${expected}`,
});

/** Text of a report, in UTF-8 or as its byte-order mark says, which is dropped. Bytes that are no such text are refused. */
export const textOf = (bytes: Uint8Array, expected: string): Outcome<string> => {
  try {
    return { ok: new TextDecoder(markedEncoding(bytes), { fatal: true }).decode(bytes) };
  } catch {
    return notText(bytes, expected);
  }
};

const notText = (bytes: Uint8Array, expected: string): { refused: Refusal } =>
  unreadable('The report is not UTF-8 text, and not UTF-16 with a byte-order mark.', {
    got: `${counted(bytes.byteLength, 'byte')}${encodingHint(bytes)}`,
    expected: `${expected}, in UTF-8 or in UTF-16 with a byte-order mark`,
    fix: 'Send the file as the tool wrote it, uncompressed. To write UTF-8 in PowerShell, use `| Out-File -Encoding utf8` in place of `>`.',
  });

const pieceBytes = 256 * 1024;
/** No tool writes a longer line. */
const longestLine = 1024 * 1024;

/**
 * The lines of a report, one by one, so that a large report is not held as text: in the encoding that `textOf` reads, and lines end with LF, CRLF
 * or CR. Ends with the refusal when the bytes are no such text.
 */
export function* linesOf(bytes: Uint8Array, expected: string): Generator<string | { refused: Refusal }> {
  const decoder = new TextDecoder(markedEncoding(bytes), { fatal: true });
  let rest = '';
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    const isLast = at + pieceBytes >= bytes.byteLength;
    try {
      rest += decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: !isLast });
    } catch {
      yield notText(bytes, expected);
      return;
    }
    // A CR at the end may be the first half of CRLF. Most reports have none, and are split faster.
    const breaks = isLast ? /\r\n|\n|\r/ : /\r\n|\n|\r(?=[^\n])/;
    const lines = rest.split(rest.includes('\r') ? breaks : '\n');
    rest = isLast ? '' : (lines.pop() ?? '');
    if (rest.length > longestLine) {
      yield unreadable('A line of the report is too long.', {
        got: `more than ${longestLine} characters`,
        expected,
        fix: 'Send the file as the tool wrote it.',
      });
      return;
    }
    yield* lines;
  }
}

/** Names the two usual mistakes by the first bytes. */
const encodingHint = ([first, second]: Uint8Array): string => {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return ' that look like UTF-16';
  return first === 0x1f && second === 0x8b ? ' that look like gzip' : '';
};

/** A JSON report. One that has a name twice in an object is refused: its reader and a person may see different values. */
export const jsonOf = (bytes: Uint8Array, expected: string): Outcome<unknown> => {
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  let value: unknown;
  try {
    value = JSON.parse(text.ok);
  } catch (fault) {
    return unreadable('The report is not JSON.', {
      got: fault instanceof Error ? fault.message : 'a syntax error',
      expected,
      fix: 'Send the JSON file as the tool wrote it.',
    });
  }
  const flaw = jsonFlawOf(text.ok, deepestNesting, true);
  if (flaw === undefined) return { ok: value };
  const twice = flaw.is === 'twice';
  return unreadable(
    twice ? 'An object of the report has a name twice.' : `The report nests objects and arrays deeper than ${deepestNesting}.`,
    {
      got: twice ? `the name ${flaw.name} twice` : `more than ${deepestNesting} levels`,
      expected: twice ? 'each name once' : `at most ${deepestNesting} levels`,
      fix: 'Send the JSON file as the tool wrote it.',
    },
  );
};

/** Stands in the place of facts when a report could not be read or contradicts its receipt, so that it is judged all the same: `inconclusive`. */
export type UnreadableFacts = { readonly type: 'unreadable'; readonly reason: string };
