import { html } from 'hono/html';
import { waitsForEnvironment } from '../query/gate-state.ts';
import type { RunView } from '../query/view.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, pill, time } from './layout.ts';
import { said, type WordsByDigest } from './said.ts';

type FollowUp = RunView['followUps'][number];

/** What is asked after a rollback, with the answers: on the page of the run and on that of the rollback. Nothing where nothing is asked. */
export const followUpsSection = (run: RunView, names: Names, words: WordsByDigest): Markup | '' =>
  run.followUps.length === 0
    ? ''
    : html`<section class="card" aria-labelledby="follow-ups"><h2 id="follow-ups">After the rollback</h2>
<p>${trailText(run)}</p>
<ul class="plain">${run.followUps.map((one) => html`<li>${one.answer === null ? pill('open', 'wait') : pill(asWords(one.answer.answer), one.answer.answer === 'not-justified' ? 'bad' : 'good')} <strong><bdi>${visible(one.title)}</bdi></strong>${usedBy(one, names)}${answerOf(one, names, words)}</li>`)}</ul></section>`;

const trailText = (run: RunView): string => {
  const { closed, followUps } = run;
  if (closed) return 'Everything is answered, and the audit trail is closed.';
  if (followUps.some(({ answer }) => answer === null)) return 'The audit trail stays open until everything here is answered.';
  return waitsForEnvironment(run)
    ? 'Everything is answered. The audit trail stays open until what runs is read back, or a person frees the environment.'
    : 'Everything is answered. The audit trail closes in a moment.';
};

const usedBy = ({ kind, usedBy: people }: FollowUp, names: Names): Markup | '' => {
  if (kind === 'rollback-cause') return '';
  if (people.length === 0)
    return html` <span class="soft">It is not known who used it: where CloudTrail records invocations of functions, it says whose credentials they were.</span>`;
  return html` <span class="soft">Used by ${people.map((id, place) => html`${place === 0 ? '' : ' and '}${names(id)}`)}.</span>`;
};

const answerOf = ({ kind, answer, dueAt }: FollowUp, names: Names, words: WordsByDigest): Markup | '' => {
  if (answer === null) return dueAt === null ? '' : html` <span class="soft">Answer before ${time(dueAt)}.</span>`;
  return html` <span class="soft">${names(answer.by)}, ${time(answer.at)}.</span> ${said(words, answer.words, { as: kind === 'rollback-cause' ? 'Cause' : 'Review' })}${fixOf(answer.link, words)}`;
};

/** The command accepts an address of the web only. The texts of a run could have been changed since, so it is looked at again. */
const fixOf = (link: string | null, words: WordsByDigest): Markup | '' => {
  const text = link === null ? null : (words.get(link)?.text ?? null);
  if (text === null) return '';
  return /^https:\/\/[!-~]+$/.test(text)
    ? html` <span class="said">The fix: <a href="${text}" rel="noopener noreferrer"><bdi>${visible(text)}</bdi></a></span>`
    : html` <span class="said">The fix: <bdi>${visible(text)}</bdi></span>`;
};
