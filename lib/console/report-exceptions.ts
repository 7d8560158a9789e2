import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { exceptionLines, type Line } from './exception-lines.ts';
import type { Names } from './format.ts';
import { type Markup, pill } from './layout.ts';
import { foldedItems, heightOf } from './phone.ts';
import { foldedExceptions } from './release.ts';

/** The exceptions of the whole run so far: every report that people sign begins with them. What fails has a fold of its own, which names it. */
export const runExceptions = async (approval: ApprovalPage, names: Names, roomPx: number): Promise<Markup> => {
  const lines = exceptionLines(approval, names);
  const ofStage = foldedExceptions(approval);
  const { first, others } = fitting(await sizedOf(lines), roomPx - heightOf(String(await ofStage)));
  const none = html`<p>No check of any gate that was reached is failing, missing, waived or not applicable. No gate was rejected, and no incident was resumed.</p>`;
  return html`<section class="card worst" aria-labelledby="run-exceptions"><h2 id="run-exceptions">Exceptions so far</h2>
${lines.length === 0 ? none : html`<ul class="plain notable tight">${first}</ul>`}
${[others.filter(isBad), others.filter((one) => !isBad(one))].map((some) => foldedItems(some.map(item), html`${moreOf(some)}`, 'plain notable tight', 'narrow-only'))}
${ofStage}</section>`;
};

/** Of the room that the release and the exceptions share, so much can be theirs before the release is folded to its least. */
const mostOfRoom = 0.65;

/** One exception and the folds of the others, in pixels. */
export const fewestPx = 250;

/** How high the exceptions want to be before the release has anything unfolded that can be folded: one of each kind, or all of them where they are few. */
export const leastPx = async (approval: ApprovalPage, names: Names, roomPx: number): Promise<number> => {
  const sized = await sizedOf(exceptionLines(approval, names));
  const firsts = sized.filter((one) => isFirst(one, sized));
  const least = Math.min(heightsOf(sized), heightsOf(firsts) + foldsPx(sized, 0));
  return Math.min(least + heightOf(String(await foldedExceptions(approval))), mostOfRoom * roomPx);
};

const isBad = ({ tone }: Line): boolean => tone === 'bad';

const item = ({ kind, tone, whole, short, isList = false }: Line): Markup =>
  isList ? html`<li>${pill(kind, tone)} ${behind(short, whole)}</li>` : html`<li>${pill(kind, tone)} <span>${whole}</span></li>`;

const shortItem = ({ kind, tone, whole, short }: Line): Markup =>
  html`<li>${pill(kind, tone)} ${behind(short, whole, 'inline narrow-only')}</li>`;

const behind = (short: Markup | null, whole: Markup, kind = 'inline'): Markup =>
  html`<details class="${kind}"><summary>${short}</summary>${whole}</details>`;

/** So many characters of names stand in a fold of what fails: two lines of a phone. */
const mostNames = 60;

/** "and 5 more: 3 not applicable, 2 for information", or "and 3 more not applicable". What fails is named: a fold must not make it look harmless. */
const moreOf = (lines: readonly Line[]): Markup => {
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  const countOf = (some: readonly Line[]): number => some.reduce((sum, { count }) => sum + count, 0);
  const counts = kinds.map((kind) => `${countOf(lines.filter((one) => one.kind === kind))} ${kind}`).join(', ');
  const says = kinds.length === 1 ? `and ${countOf(lines)} more ${kinds[0]}` : `and ${countOf(lines)} more: ${counts}`;
  return lines.some(isBad) ? html`<strong class="failing">${says}${namesIn(lines)}</strong>` : html`${says}`;
};

const namesIn = (lines: readonly Line[]): string => {
  const all = lines.flatMap(({ name }) => name ?? []);
  const shown = all.filter((_, place) => all.slice(0, place + 1).join(', ').length <= mostNames);
  const left = all.length - shown.length;
  return shown.length === 0 ? '' : ` (${shown.join(', ')}${left === 0 ? '' : ` and ${left} more`})`;
};

/** The line that counts what has no room, in pixels. */
const foldPx = 50;
/** The same where it names what fails. */
const namingFoldPx = 90;
/** The triangle and the blank before what opens a fold. */
const opener = '▸ ';

type Sized = { readonly line: Line; readonly brief: number; readonly whole: number };

const sizedOf = (lines: readonly Line[]): Promise<readonly Sized[]> =>
  Promise.all(
    lines.map(async (line) => {
      const { kind, tone, short, isList } = line;
      const brief = short === null ? undefined : heightOf(String(await html`<li>${pill(kind, tone)} ${opener}${short}</li>`));
      const whole = isList === true && brief !== undefined ? brief : heightOf(String(await item(line)));
      return { line, brief: Math.min(brief ?? whole, whole), whole };
    }),
  );

const heightsOf = (sized: readonly Sized[]): number => sized.reduce((sum, { brief }) => sum + brief, 0);
const isFirst = ({ line }: Sized, sized: readonly Sized[]): boolean => sized.find((one) => one.line.kind === line.kind)?.line === line;

/** What the folds take where not everything fits. */
const foldsPx = (sized: readonly Sized[], roomPx: number): number => {
  if (heightsOf(sized) <= roomPx) return 0;
  const before = sized.filter((one) => isFirst(one, sized) || isBad(one.line));
  return before.some((one) => !isFirst(one, sized)) && heightsOf(before) > roomPx - foldPx ? foldPx + namingFoldPx : foldPx;
};

/**
 * What of the list fits into a height on a phone, in its order, and at least one; the others for a fold, which stands open where a screen is wide. One of each kind comes before a second of any:
 * however much fails, a waiver shows. What fails comes before all others. Each is short where that makes room for another one, and the first ones are whole where room is left.
 */
const fitting = (sized: readonly Sized[], roomPx: number) => {
  const failing = sized.filter(({ line }) => isBad(line));
  const firsts = sized.filter((one) => isFirst(one, sized));
  let left = roomPx - foldsPx(sized, roomPx);
  const admitted = new Set<Sized>();
  for (const one of [...firsts, ...failing, ...sized]) {
    const isOutdone = !isBad(one.line) && !firsts.includes(one) && failing.some((bad) => !admitted.has(bad));
    if (admitted.has(one) || isOutdone || (one.brief > left && admitted.size > 0)) continue;
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
