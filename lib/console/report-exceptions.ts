import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { exceptionLines, type Line } from './exception-lines.ts';
import type { Names } from './format.ts';
import { type Markup, pill } from './layout.ts';
import { foldedItems, heightOf } from './phone.ts';
import { foldedExceptions } from './release.ts';

/** The exceptions of the whole run so far: every report that people sign begins with them. */
export const runExceptions = async (approval: ApprovalPage, names: Names, roomPx: number): Promise<Markup> => {
  const lines = exceptionLines(approval, names);
  const ofStage = foldedExceptions(approval);
  const { first, others } = await fitting(lines, roomPx - heightOf(String(await ofStage)));
  const none = html`<p>No check of any gate that was reached is failing, missing, waived or not applicable. No gate was rejected, and no incident was resumed.</p>`;
  return html`<section class="card" aria-labelledby="run-exceptions"><h2 id="run-exceptions">Exceptions so far</h2>
${lines.length === 0 ? none : html`<ul class="plain notable tight">${first}</ul>`}
${foldedItems(others.map(item), `and ${moreOf(others)}`, 'plain notable tight')}
${ofStage}</section>`;
};

const item = ({ kind, tone, whole, short, isList = false }: Line): Markup =>
  isList ? html`<li>${pill(kind, tone)} ${behind(short, whole)}</li>` : html`<li>${pill(kind, tone)} <span>${whole}</span></li>`;

const shortItem = ({ kind, tone, whole, short }: Line): Markup => html`<li>${pill(kind, tone)} ${behind(short, whole)}</li>`;

const behind = (short: Markup | null, whole: Markup): Markup => html`<details class="inline"><summary>${short}</summary>${whole}</details>`;

/** "5 more: 3 not applicable, 2 for information". */
const moreOf = (lines: readonly Line[]): string => {
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  const countOf = (some: readonly Line[]): number => some.reduce((sum, { count }) => sum + count, 0);
  return `${countOf(lines)} more: ${kinds.map((kind) => `${countOf(lines.filter((one) => one.kind === kind))} ${kind}`).join(', ')}`;
};

/** The line that counts what has no room, in pixels. */
const foldPx = 50;
/** The triangle and the blank before what opens a fold. */
const opener = '▸ ';

/**
 * What of the list fits into a height on a phone, in its order, and at least one; the others for a fold. One of each kind comes before a second of any:
 * however much fails, a waiver shows. Each is short where that makes room for another one, and the first ones are whole where room is left.
 */
const fitting = async (lines: readonly Line[], roomPx: number) => {
  const sized = await Promise.all(
    lines.map(async (line) => {
      const { kind, tone, short, isList } = line;
      const brief = short === null ? undefined : heightOf(String(await html`<li>${pill(kind, tone)} ${opener}${short}</li>`));
      const whole = isList === true && brief !== undefined ? brief : heightOf(String(await item(line)));
      return { line, brief: Math.min(brief ?? whole, whole), whole };
    }),
  );
  type Sized = (typeof sized)[number];
  const isFirst = ({ line }: Sized): boolean => lines.find(({ kind }) => kind === line.kind) === line;
  const all = sized.reduce((sum, { brief }) => sum + brief, 0);
  let left = all <= roomPx ? roomPx : roomPx - foldPx;
  const admitted = new Set<Sized>();
  for (const one of [...sized.filter(isFirst), ...sized.filter((one) => !isFirst(one))]) {
    if (one.brief > left && admitted.size > 0) continue;
    admitted.add(one);
    left -= one.brief;
  }
  const first = sized
    .filter((one) => admitted.has(one))
    .map(({ line, brief, whole }) => {
      if (whole - brief > left) return shortItem(line);
      left -= whole - brief;
      return item(line);
    });
  return { first, others: sized.filter((one) => !admitted.has(one)).map(({ line }) => line) };
};
