import { html } from 'hono/html';
import type { LocalInstant } from '../notification.ts';
import type { ApprovalPage } from '../run/commands/show-approval.ts';
import type { Invalidation } from '../run/state/invalidation.ts';
import { counted } from '../wording.ts';
import { type Names, visible } from './format.ts';
import { deadline, type Markup, time } from './layout.ts';
import { inBothZones } from './mail-text.ts';
import { fittingOnPhone, foldedItems } from './phone.ts';
import { said } from './said.ts';
import { plannedT0 } from './schedule.ts';

/** What became of a request for an approval, and what changed since it was sent. */

const answerWords: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  'changes-requested': 'requested changes to',
};

export const stateNote = (approval: ApprovalPage, names: Names, until: LocalInstant): Markup => {
  if (approval.state === 'open')
    return html`<div class="note calm"><p><strong><a href="#answer">Answer</a> before ${deadline(approval.expires, inBothZones(until))}</strong></p></div>`;
  if (approval.state === 'answered' && approval.answered !== null) {
    const { answer, at, person } = approval.answered;
    return html`<div class="note ${answer === 'approved' ? 'good' : 'bad'}"><p><strong>${names(person)} ${answerWords[answer] ?? answer} this report on ${time(at)}.</strong></p><p>The answer is in the audit trail and cannot be changed.</p></div>`;
  }
  if (approval.state === 'invalidated') return invalidatedNote(approval, names);
  if (approval.state === 'expired')
    return html`<div class="note bad"><p><strong>The time to answer ended on ${time(approval.expires)}.</strong></p><p>A missing answer denies: the gate does not pass. The <a href="/runs/${approval.run}">page of the run</a> shows what happens next.</p></div>`;
  if (approval.state === 'recalled' && approval.recalled !== null) return recalledNote(approval, approval.recalled, names);
  if (approval.state === 'superseded' && approval.superseded !== null) return supersededNote(approval.run, approval.superseded);
  return html`<div class="note"><p><strong>This request is closed.</strong></p><p>The gate was decided without this answer, an incident interrupted it, or the run has ended. The <a href="/runs/${approval.run}">page of the run</a> shows which.</p></div>`;
};

const recalledNote = ({ run, words }: ApprovalPage, recall: NonNullable<ApprovalPage['recalled']>, names: Names): Markup =>
  html`<div class="note"><p><strong>${recall.by === null ? html`<a href="/runs/${recall.newer}">A newer run</a> asks for the same approvals, so this request ended on ${time(recall.at)}` : html`${names(recall.by)} recalled this request on ${time(recall.at)}`}. Nothing has to be answered.</strong></p>${recall.by === null ? '' : html`<p>${said(words, recall.reason, { as: 'Reason' })}</p>`}<p>If people are asked again, they get a new mail. The <a href="/runs/${run}">page of the run</a> shows what it is waiting for.</p></div>`;

const supersededNote = (run: string, { run: by, version, at }: NonNullable<ApprovalPage['superseded']>): Markup =>
  html`<div class="note"><p><strong>This release was superseded by ${version === null ? 'a newer release' : html`version <bdi>${visible(version)}</bdi>`} on ${time(at)}. The request is withdrawn.</strong></p><p>Nothing has to be answered: <a href="/runs/${by}">the newer run</a> has taken the environment over. The <a href="/runs/${run}">page of this run</a> lists what was not reached.</p></div>`;

const invalidatedNote = ({ answered, invalidated, run }: ApprovalPage, names: Names): Markup => {
  const before =
    answered === null
      ? ''
      : html`<p>${names(answered.person)} ${answerWords[answered.answer] ?? answered.answer} the earlier report on ${time(answered.at)}. That answer stays in the audit trail and no longer counts.</p>`;
  const changes = invalidated === null ? '' : html`<p>What has changed:</p>${changesOf(invalidated, names)}`;
  return html`<div class="note"><p><strong>This request is invalidated: the report has changed since it was sent.</strong></p>${before}${changes}<p>The checks below are the current ones. If the gate still needs an answer, Holdpoint asks again with a new mail. The <a href="/runs/${run}">page of the run</a> shows it.</p></div>`;
};

/** Six lines of a phone. */
const changesPx = 140;

/** Who changed what, and when: what fits into a height on a phone, the others folded under their number. */
export const changesOf = async (
  { changes, target, t0, overridden, resumed, authors }: Invalidation,
  names: Names,
  roomPx = changesPx,
): Promise<Awaited<Markup>> => {
  const items = [
    ...(t0 === null
      ? []
      : [html`<li>Planned T0: ${plannedT0(t0.is)}, before ${plannedT0(t0.was)}; moved on ${time(t0.at)} by ${names(t0.by)}</li>`]),
    ...(target === null
      ? []
      : [
          html`<li>Target of a rollback: <bdi>${visible(target.is ?? 'none')}</bdi>, before <bdi>${visible(target.was ?? 'none')}</bdi></li>`,
        ]),
    ...overridden.map(
      ({ freeze, at, by }) =>
        html`<li>Freeze <bdi>${visible(freeze)}</bdi>: overridden on ${time(at)} by ${by.map(names).join(' and ')}</li>`,
    ),
    ...resumed.map(({ title, at, by }) => html`<li>Incident: resumed at ${title} on ${time(at)} by ${names(by)}</li>`),
    ...(authors ? [html`<li>Authors: others than before</li>`] : []),
    ...changes.map(({ title, event }) =>
      event === null
        ? html`<li>${title}: changed by the passing of time</li>`
        : html`<li>${title}: ${event.what} on ${time(event.at)}${event.by.kind === 'person' ? ` by ${names(event.by.id)}` : event.by.kind === 'ci' ? ' by a CI job' : ''}</li>`,
    ),
  ];
  // Which of two things that were recorded in one instant the report contained, nothing says.
  if (items.length === 0)
    return html`<p>Something was recorded while the request was sent. Which part of the report it changed is not known.</p>`;
  if (roomPx === 0) return html`${foldedItems(items, counted(items.length, 'change'), 'plain', 'inline narrow-only')}`;
  const { first, others } = await fittingOnPhone(items, roomPx, (item) => item);
  return html`<ul>${first}</ul>${foldedItems(others, undefined, '', 'narrow-only')}`;
};
