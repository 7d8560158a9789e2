import { html } from 'hono/html';
import { authorWords } from '../query/author-words.ts';
import type { ReleaseChanges } from '../query/release-changes.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { ShownAuthors } from '../run/state/shown-authors.ts';
import { counted } from '../wording.ts';
import { type AnswersRoom, answersSoFar, isOver } from './approval-answers.ts';
import { changesOf } from './approval-state.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, time } from './layout.ts';
import { heightOf } from './phone.ts';
import { rollbackRow } from './release.ts';
import { releaseChangesRow, releaseDifferences } from './release-changes.ts';
import { saidBriefly, shortened } from './said.ts';
import { plannedT0 } from './schedule.ts';

/** The pipeline sent it, so it is no word of the person who started the job. */
const starter = 'CI';

/**
 * How much of the release stands unfolded on a phone: characters of a text and of a name, heights of lists in pixels, and whether the facts that
 * nobody has to weigh do.
 */
type Room = AnswersRoom & { readonly mostName: number; readonly changedPx: number; readonly furtherStand: boolean };

/** From the widest room to the narrowest, in which lists are only counted and any release fits. */
const rooms = [
  { most: 140, mostName: 60, changedPx: 140, answersPx: 420, furtherStand: true },
  { most: 100, mostName: 60, changedPx: 90, answersPx: 260, furtherStand: true },
  { most: 100, mostName: 30, changedPx: 90, answersPx: 200, furtherStand: false },
  { most: 60, mostName: 30, changedPx: 60, answersPx: 90, furtherStand: false },
  { most: 36, mostName: 20, changedPx: 0, answersPx: 0, furtherStand: false },
] as const satisfies readonly Room[];

/**
 * What is released and why, who wrote it, what is new, and who has answered, with as little folded as heights on a phone leave, in pixels. `wanted`: with
 * room for the exceptions; `most`: before what changed and who has answered is only counted.
 */
export const releaseSection = async (
  approval: ApprovalPage,
  names: Names,
  changes: ReleaseChanges,
  heights: { readonly wanted: number; readonly most: number },
): Promise<Awaited<Markup>> => {
  const [widest, ...narrower] = rooms;
  let section = await sectionIn(widest, approval, names, changes);
  for (const room of narrower)
    if (heightOf(String(section)) > (room.changedPx === 0 ? heights.most : heights.wanted))
      section = await sectionIn(room, approval, names, changes);
  return section;
};

/** `says`: what the fold names it; `stands`: it is unusual, and stands unfolded on every page. */
type Fact = { readonly says: string; readonly row: Markup; readonly stands: boolean };

const sectionIn = async (room: Room, approval: ApprovalPage, named: Names, changes: ReleaseChanges): Promise<Awaited<Markup>> => {
  const names: Names = (id) => shortened(named(id), room.mostName);
  const { words, said, target, authors } = approval;
  const isTight = room.changedPx === 0;
  const text = (digest: string | null, each?: string): Markup | '' =>
    saidBriefly(words, digest, starter, { most: room.most, ...(each === undefined ? {} : { each }) });
  const listed = (said.changes === null ? undefined : words.get(said.changes)?.text)?.split('\n') ?? [];
  const facts: readonly (Fact | undefined)[] = [
    fact(listed.length === 0 ? 'changes' : counted(listed.length, 'change'), titled('Changes', text(said.changes, 'change'))),
    fact('planned T0', titled('Planned T0', plannedT0(approval.plannedT0))),
    fact('target of a rollback', isTight && target?.readBack === false ? unconfirmed : rollbackRow(target), target?.readBack === false),
    fact('last release', releaseChangesRow(changes), changes.state === 'unreadable'),
    fact('authors', authorsRow(approval, names, isTight ? 0 : mostAuthors), authors?.reader === 'yes' || authors?.reader === 'unknown'),
    fact('requested by', titled('Requested by', text(said.requestedBy))),
  ];
  const further = facts.filter((one) => one !== undefined);
  const isStanding = ({ stands }: Fact): boolean => room.furtherStand || stands;
  const behind = further.filter((one) => !isStanding(one));
  return html`<section class="card" aria-labelledby="release"><h2 id="release">Release</h2><dl class="brief">
${titled('Reason', text(said.why))}
<dt>Risk</dt><dd>${asWords(approval.risk)}, impact ${asWords(approval.impact)}</dd>
${further.filter(isStanding).map(({ row }) => row)}
${sinceSigned(approval, room)}
${await sinceRound(approval, names, room)}
<dt id="answers">${isOver(approval.state) ? 'Answers' : 'Answers so far'}</dt><dd>${await answersSoFar(approval, names, room)}</dd>
</dl>${behind.length === 0 ? '' : html`<details class="narrow-only"><summary>Also: ${behind.map(({ says }) => says).join(', ')}</summary><dl class="brief">${behind.map(({ row }) => row)}</dl>${releaseDifferences(changes, approval)}</details>`}${behind.length === 0 ? releaseDifferences(changes, approval) : ''}</section>`;
};

const unconfirmed = html`<dt>A rollback leads to</dt><dd>a version that <strong>no platform has confirmed</strong></dd>`;

const titled = (name: string, value: Markup | ''): Markup | '' => (value === '' ? '' : html`<dt>${name}</dt><dd>${value}</dd>`);
const fact = (says: string, row: Markup | '', stands = false): Fact | undefined => (row === '' ? undefined : { says, row, stands });

const mostAuthors = 5;

/** Who wrote the release, of whom not everybody may sign alone. The accounts that stand for nobody in the roster are named with the digests. */
const authorsRow = ({ authors }: ApprovalPage, names: Names, most: number): Markup | '' => {
  if (authors === undefined) return '';
  if (authors.known === null) return html`<dt>Authors</dt><dd>not known, so nobody is asked</dd>`;
  const { people, others, isUnnamed } = authors.known;
  const left = people.length - most;
  const named = [...people.slice(0, most).map(names), ...(left > 0 ? [`${left} more, named below`] : [])];
  if (most === 0) return html`<dt>Authors</dt><dd>${readerNote(authors)}</dd>`;
  return html`<dt>Authors</dt><dd>${authorWords({ people: named, others: others.length, isUnnamed })}${authors.reader === 'no' ? '' : '. '}${readerNote(authors)}</dd>`;
};

const mostOthers = 50;

/** Everybody, also whom the row of the release does not name. */
export const furtherAuthors = ({ authors }: ApprovalPage, names: Names): Markup => {
  const people = authors?.known?.people ?? [];
  return html`${people.length > 0 ? html`<dt>Authors in the roster</dt><dd>${people.map(names).join(', ')}</dd>` : ''}${othersRow(authors?.known?.others ?? [])}`;
};

const othersRow = (others: readonly string[]): Markup | '' => {
  const left = others.length - mostOthers;
  return others.length === 0
    ? ''
    : html`<dt>Authors not in the roster</dt><dd>${others.slice(0, mostOthers).map((one, place) => html`${place === 0 ? '' : ', '}<bdi>${visible(one)}</bdi>`)}${left > 0 ? ` and ${left} more` : ''}</dd>`;
};

const readerNote = ({ reader }: ShownAuthors): Markup | '' => {
  if (reader === 'no') return '';
  const why = reader === 'yes' ? 'You are among them' : 'It is not known whether you are among them';
  return html`<span class="soft">${why}: your approval counts only beside that of somebody who is not.</span>`;
};

const mostChanged = 3;

/** What is new for somebody who signed an earlier gate of the same run. */
const sinceSigned = ({ lastSigned, exceptions: { checks }, run }: ApprovalPage, { changedPx }: Room): Markup | '' => {
  if (lastSigned === null) return '';
  const changed = checks.filter(({ finding }) => lastSigned.changed.includes(finding.check));
  const which = [
    ...(lastSigned.events === 0 ? [] : [html`${counted(lastSigned.events, 'other exception')} below`]),
    ...(changed.length === 0
      ? []
      : [
          html`new or changed: ${firstOf(
            changed.map(
              ({ finding }) => html`<a href="/runs/${run}/checks/${finding.check}">${finding.title}</a> (${asWords(finding.verdict)})`,
            ),
            changedPx === 0 ? 0 : mostChanged,
          )}`,
        ]),
  ];
  return html`<dt>Since you approved ${lastSigned.title}</dt><dd>${changedPx === 0 ? '' : html`${time(lastSigned.at)}: `}${which.length === 0 ? 'no exception is new or changed' : which.map((one, place) => html`${place === 0 ? '' : '; '}${one}`)}</dd>`;
};

/** The first few in a sentence, the others behind a fold. */
const firstOf = (items: readonly Markup[], most: number): Markup => {
  const inSentence = (some: readonly Markup[]): Markup => html`${some.map((one, place) => html`${place === 0 ? '' : ', '}${one}`)}`;
  const left = items.length - most;
  return left <= 1
    ? inSentence(items)
    : html`${inSentence(items.slice(0, most))} <details class="inline narrow-only"><summary>${most === 0 ? counted(left, 'check') : `and ${left} more`}</summary>${inSentence(items.slice(most))}</details>`;
};

const sinceRound = async ({ changedBefore, round }: ApprovalPage, names: Names, { changedPx }: Room): Promise<Awaited<Markup> | ''> =>
  changedBefore === null
    ? ''
    : html`<dt>Changed since round ${round - 1}</dt><dd>${changedPx === 0 ? '' : html`The answers of round ${round - 1} were invalidated on ${time(changedBefore.at)}. `}${await changesOf(changedBefore, names, changedPx)}</dd>`;
