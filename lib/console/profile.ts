import { html } from 'hono/html';
import type { ProfileForm } from '../api/console-pages.ts';
import type { Refusal } from '../outcome.ts';
import { lineDifferences, looseDifferences } from '../query/diff-words.ts';
import type { ProfileActs } from '../query/profile-act.ts';
import type { ProfileView } from '../query/profile-view.ts';
import { differenceList } from './differences.ts';
import { slipNote } from './form-field.ts';
import { asWords, type Names, visible } from './format.ts';
import { keptNote, wrote } from './kept-text.ts';
import { type Markup, page, pill, shortDigest, time } from './layout.ts';
import { profileSections } from './profile-sections.ts';
import { refusalNote } from './refusal-note.ts';

export type ProfilePage = {
  readonly view: ProfileView;
  readonly person: string;
  readonly acts: ProfileActs;
  readonly nonce: string;
  /** What was typed into a form that was not recorded. */
  readonly typed?: Omit<ProfileForm, 'nonce'> | undefined;
  readonly refusal?: Refusal | undefined;
  /** Whether the reason was what was wrong. */
  readonly slip?: string | undefined;
};

/** What a service says of itself: what is in force, what is proposed, and the form to answer. */
export const profilePage = (shown: ProfilePage, names: Names): Markup => {
  const { view, person, refusal } = shown;
  const { service, inForce, open, rejected } = view;
  return page(
    { title: `${refusal === undefined ? '' : 'Not recorded: '}Profile of ${service}`, person: names(person) },
    html`<p class="soft"><a href="/runs?${new URLSearchParams({ service }).toString()}">${service}</a></p>
<h1>Profile of ${service}</h1>
<p class="lead">What the service says of itself, and what it asks otherwise than the document. A technical lead and an operations lead approve it, neither of whom has proposed it.</p>
${refusal === undefined ? kept(shown) : refusalNote(refusal, names, refusedMore(shown))}
${open === null ? '' : openCard(view, open, names)}
${open === null ? '' : diffCard(view)}
${open === null ? '' : formOf(shown)}
${rejected == null ? '' : rejectedCard(rejected, open !== null, names)}
${forceCard(view, inForce, names)}`,
  );
};

const kept = ({ typed, acts }: ProfilePage): Markup | '' =>
  typed === undefined ? '' : keptNote([['Why', typed.reason]], acts.may.includes(typed.act) ? 'answer' : null);

/** What was typed, where the form for it is gone. */
const refusedMore = ({ typed, acts }: ProfilePage): Markup | '' =>
  typed === undefined || acts.may.includes(typed.act) ? '' : wrote([['Why', typed.reason]]);

type Proposal = NonNullable<ProfileView['open']>;

const openCard = (
  { outdated }: ProfileView,
  open: Proposal,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="open"><div class="head"><h2 id="open">Proposed</h2>${pill(`waits for the ${asWords(open.needs ?? '')}`, 'wait')}</div>
${outdated ? html`<div class="note"><p><strong>The checklist has changed since.</strong> The same file must be proposed again before it can be approved.</p></div>` : ''}
${facts(open, names)}</section>`;

/** Why the last proposal was rejected, for who proposes the next one and who answers it. */
const rejectedCard = (
  rejected: Proposal,
  hasNext: boolean,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="rejected"><div class="head"><h2 id="rejected">${hasNext ? 'Rejected before' : 'Rejected'}</h2>${pill('rejected', 'bad')}</div>
${facts(rejected, names)}${hasNext ? '' : html`<p>Heed the reason, then propose the corrected file: <span class="mono">holdpoint profile put holdpoint.yaml</span></p>`}</section>`;

const forceCard = (
  { service, open }: ProfileView,
  inForce: Proposal | null,
  names: Names,
): Markup => html`<section class="card" aria-labelledby="force"><div class="head"><h2 id="force">In force</h2>${inForce === null ? pill('none', 'calm') : pill('in force', 'good')}</div>
${
  inForce === null
    ? html`<p>No profile is in force: runs of ${service} take <a href="/checklist">the checklist of the stage</a> as it is.${open === null ? html` Somebody who works on the service proposes one with:` : ''}</p>${open === null ? html`<p><span class="mono command">holdpoint init</span><span class="mono command">holdpoint profile put holdpoint.yaml</span></p>` : ''}`
    : html`<dl>${approvalFacts(inForce, names)}</dl><p><a href="/checklist?digest=${inForce.definition}">The checklist that it gives</a></p>${digests(inForce)}`
}</section>
${inForce === null ? '' : profileSections(inForce, service)}`;

const facts = (one: Proposal, names: Names): Markup => html`<dl>${approvalFacts(one, names)}</dl>${digests(one)}`;

const digests = ({ profile, definition }: Proposal): Markup => html`<details><summary>Digests</summary><dl>
<dt>Profile</dt><dd class="mono" title="${profile}">${shortDigest(profile)}</dd>
<dt>Checklist that it gives</dt><dd class="mono" title="${definition}">${shortDigest(definition)}</dd></dl></details>`;

const approvalFacts = ({ by, at, answers }: Proposal, names: Names): Markup => html`<dt>Proposed</dt><dd>by ${names(by)}, ${time(at)}</dd>
${answers.map(
  ({ by: who, roles, answer, at: when, reason }) =>
    html`<dt>${answer === 'approved' ? 'Approved' : 'Rejected'}</dt><dd>by ${names(who)} as ${roles.map(asWords).join(', ')}, ${time(when)}${reason?.text == null ? '' : html`<span class="said">Reason: “<bdi>${visible(reason.text)}</bdi>”</span>`}</dd>`,
)}`;

const diffCard = ({ service, diff, inForce }: ProfileView): Markup => {
  const differences = diff === null ? [] : [...looseDifferences(diff), ...lineDifferences(diff)];
  return html`<section class="card" aria-labelledby="diff"><h2 id="diff">What it changes</h2>
<p class="soft">Compared with ${inForce === null ? 'the checklist of the stage' : 'the profile in force'}, what is looser first: deviations and removed features with their reasons, then every check that changes.</p>
${differences.length === 0 ? html`<p>Nothing changes.</p>` : differenceList(differences, 50_000, `holdpoint profile diff --service ${service}`)}</section>`;
};

const formOf = ({ view, acts, nonce, typed, slip }: ProfilePage): Markup => {
  const { may, why } = acts;
  if (may.length === 0)
    return html`<section class="card narrow" aria-labelledby="answer"><h2 id="answer">Answer</h2><p>${visible(asWords(why ?? ''))}</p></section>`;
  const button = (act: 'approved' | 'rejected', text: string): Markup | '' =>
    may.includes(act)
      ? html`<button class="${act === 'approved' ? 'button' : 'button danger'}" type="submit" name="act" value="${act}">${text}</button>`
      : '';
  return html`<form class="card narrow" method="post" action="/services/${view.service}/profile" autocomplete="off" aria-labelledby="answer">
<h2 id="answer">Answer</h2>
${why === null ? '' : html`<p>${why}</p>`}
<p>You answer for what is shown above. It needs a sign-in of the last 15 minutes; if yours is older you sign in again, and your text is kept.</p>
<p><label class="field" for="reason">Why?</label>${slipNote('reason', slip)}<textarea id="reason" name="reason" maxlength="2000" aria-describedby="${slip === undefined ? '' : 'reason-slip '}reason-hint"${slip === undefined ? '' : html` aria-invalid="true"`}>${typed?.reason ?? ''}</textarea><span class="soft hint" id="reason-hint">A rejection needs a reason of 10 characters at least. It is kept apart from the trail and can be erased.</span></p>
<input type="hidden" name="nonce" value="${nonce}">
<p class="jump">${button('approved', 'Approve the profile')}${button('rejected', 'Reject it')}</p>
</form>`;
};
