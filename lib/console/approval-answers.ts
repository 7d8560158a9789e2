import { html } from 'hono/html';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import { counted } from '../wording.ts';
import { answerPill, askedName } from './answers.ts';
import { asWords, type Names } from './format.ts';
import { type Markup, pill, time } from './layout.ts';
import { fittingOnPhone, foldedItems } from './phone.ts';
import { saidBriefly } from './said.ts';

/** What stands unfolded on a phone: characters of a note, and a height in pixels; with 0 the answers are counted, and the people who have not answered stand with their roles alone. */
export type AnswersRoom = { readonly most: number; readonly answersPx: number };

type Answered = ApprovalPage['answers'][number] & { readonly over?: boolean };

/** Nobody can answer any more. */
export const isOver = (state: ApprovalPage['state']): boolean => state === 'closed' || state === 'expired' || state === 'superseded';

/** The answers of this and earlier rounds. Nobody has to ask colleagues what they answered. Who has not answered stands in one line. */
export const answersSoFar = async (
  { answers, round, words, state }: ApprovalPage,
  names: Names,
  { most, answersPx }: AnswersRoom,
): Promise<Awaited<Markup>> => {
  const isWaiting = (one: Answered): boolean => one.answer === null && one.round === round && !one.invalidated && !one.recalled;
  // What asked for a change or said no is read by everybody, whatever became of its round.
  const isFolded = (one: Answered): boolean => one.round < round && (one.answer === null || one.answer === 'approved');
  const waiting = answers.filter(isWaiting).map((one) => ({ ...one, over: isOver(state) }));
  const item = (one: Answered): Markup =>
    html`<li>${answerPill(one)} ${asWords(one.role)}: ${askedName(one, names)}${one.at === null ? '' : html` <span class="soft">${time(one.at)}</span>`}${one.round > 1 ? html` <span class="soft">round ${one.round}</span>` : ''} ${saidBriefly(words, one.note, { as: 'Note' }, { most })}</li>`;
  // Who said no comes first, and then the newest: what has no room is folded.
  const given = answers.filter((one) => !isWaiting(one) && !isFolded(one)).toSorted((a, b) => weightOf(b) - weightOf(a));
  const before = answers.filter(isFolded);
  if (answersPx === 0) return counts(given, waiting, before, item);
  const { first, others } = await fittingOnPhone(given, answersPx, item);
  const more = foldedItems(others.map(item), html`and ${others.length} more: ${byAnswer(others)}`, 'plain', 'narrow-only');
  return html`<ul class="plain">${first.map(item)}${more === '' ? '' : html`<li>${more}</li>`}${
    waiting[0] === undefined
      ? ''
      : html`<li>${answerPill(waiting[0])} ${waiting.map((one, place) => html`${place === 0 ? '' : ', '}${asWords(one.role)}: ${askedName(one, names)}`)}</li>`
  }${before.length === 0 ? '' : html`<li>${foldedItems(before.map(item), earlierRounds(before))}</li>`}</ul>`;
};

/** In one paragraph: how many answers of each kind, and the roles that have not answered. */
const counts = async (
  given: readonly Answered[],
  waiting: readonly Answered[],
  before: readonly Answered[],
  item: (one: Answered) => Markup,
): Promise<Awaited<Markup>> => {
  const all = [...given, ...before];
  const folded =
    all.length === 0
      ? ''
      : foldedItems(all.map(item), html`${counted(all.length, 'answer')}: ${byAnswer(all)}`, 'plain', 'inline narrow-only');
  return html`${folded} ${waiting[0] === undefined ? '' : html`${answerPill(waiting[0])} ${waiting.map(({ role }) => asWords(role)).join(', ')}`}`;
};

const weightOf = ({ answer }: Answered): number => ['approved', 'changes-requested', 'rejected'].indexOf(answer ?? '');

/** "2 rejected, 1 approved". A rejection that counts is marked, also where it is folded. */
const byAnswer = (others: readonly Answered[]): Markup =>
  html`${[...new Set(others.map(({ answer }) => answer))].map((kind, place) => {
    const own = others.filter(({ answer }) => answer === kind);
    const says = `${own.length} ${asWords(kind ?? 'not answered')}`;
    const counts = kind === 'rejected' && own.some(({ invalidated, recalled }) => !invalidated && !recalled);
    return html`${place === 0 ? '' : ', '}${counts ? pill(says, 'bad') : says}`;
  })}`;

/** "Earlier rounds, which count no more: 1 approved, 2 not answered". */
const earlierRounds = (before: readonly Answered[]): string => {
  const approved = before.filter(({ answer }) => answer !== null).length;
  const counts = [
    ...(approved === 0 ? [] : [`${approved} approved`]),
    ...(approved === before.length ? [] : [`${before.length - approved} not answered`]),
  ];
  return `Earlier rounds, which count no more: ${counts.join(', ')}`;
};
