import { html } from 'hono/html';
import type { Inbox } from '../query/inbox.ts';
import { askedOf, detailOf, groupsOf, type InboxItem } from '../query/inbox-item.ts';
import { capital, counted } from '../wording.ts';
import { fitting } from './fitting.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { deadline, type Markup, page, pill, type Tone, time } from './layout.ts';

type Reader = { readonly person: string; readonly roles: readonly string[]; readonly now: Date };

/** Bytes of the page for the items. */
const room = 70_000;

/** What waits for the signed-in person, most urgent first. */
export const inboxPage = (inbox: Inbox, { person, roles, now }: Reader, names: Names): Markup => {
  const { items, itemsLeftOut, runsLeftOut, runsRead, unreadable } = inbox;
  const shown = fitting(items, room, ({ title, detail, command, page: path }) => [title, detail ?? '', command, path]);
  const more = itemsLeftOut + items.length - shown.length;
  return page(
    { title: items.length === 0 ? 'Inbox' : `Inbox (${items.length})`, person: names(person), waiting: items.length, now, live: 'shows' },
    html`<h1>Inbox</h1>
<p class="lead">What waits for you${roles.length === 0 ? '' : ` as ${roles.map(asWords).join(', ')}`}, most urgent first. Everything here can also be done on the command line: <span class="mono">holdpoint inbox</span>.</p>
${unreadable === 0 ? '' : html`<div class="note bad"><p><strong>The audit trail of ${counted(unreadable, 'run or service', 'runs or services')} is damaged.</strong> What waits there is not shown: open the run, and tell operations.</p></div>`}
${runsLeftOut === 0 ? '' : html`<div class="note"><p>${counted(runsLeftOut, 'more run was', 'more runs were')} not looked at: ${runsRead} are read at most. <a href="/runs">Go to the list of runs</a></p></div>`}
${more === 0 ? '' : html`<div class="note"><p>${counted(more, 'more item has', 'more items have')} no room here. <span class="mono">holdpoint inbox</span> lists them.</p></div>`}
${items.length === 0 ? nothing(roles) : groupsOf(shown).map((group) => card(group, { roles, now }, names))}`,
  );
};

const nothing = (roles: readonly string[]): Markup => html`<div class="card"><p><strong>Nothing waits for you.</strong></p>
<p class="soft">Approvals, rollback decisions, checks that you supply, follow-ups, proposed profiles, standing evidence and unexplained changes appear here as soon as they wait for ${roles.length === 0 ? 'a role that you hold. You hold none yet: the roster says who has which.' : 'you. Approvals also come by mail.'}</p></div>`;

const kinds: Readonly<Record<InboxItem['kind'], readonly [string, Tone]>> = {
  approval: ['approval', 'wait'],
  'rollback-decision': ['rollback decision', 'bad'],
  'rollback-data': ['rollback decision', 'bad'],
  'rollback-step': ['rollback step', 'bad'],
  incident: ['incident', 'bad'],
  observation: ['observation', 'wait'],
  check: ['checks', 'wait'],
  'follow-up': ['follow-up', 'calm'],
  profile: ['profile', 'calm'],
  'standing-evidence': ['standing evidence', 'calm'],
  'unaccounted-change': ['unexplained change', 'wait'],
};

const card = (group: readonly [InboxItem, ...InboxItem[]], { roles, now }: Pick<Reader, 'roles' | 'now'>, names: Names): Markup => {
  const [first, ...others] = group;
  const [kind, tone] = first.kind === 'check' && others.length === 0 ? (['check', 'wait'] as const) : kinds[first.kind];
  return html`<article class="card item">
<div class="head">${pill(kind, tone)}<h2>${others.length === 0 ? html`<a href="${first.page}">${visible(first.title)}</a>` : `${counted(group.length, 'check')} of ${visible(first.gateTitle ?? 'one gate')} wait for you`}</h2></div>
<p class="soft">${where(first)}</p>
<p class="soft">Since ${time(first.since)}${until(first, now)}${asked(first, roles, names)}</p>
${
  others.length === 0
    ? single(first, names)
    : html`${together(group)}${byWhat(group).map(([what, some]) => html`<p><strong>${what}</strong></p><ul class="plain asked">${some.map((one) => listed(one, names))}</ul>`)}
<details><summary>The commands</summary>${[...new Set(group.map(({ command }) => command))].map((command) => html`<span class="mono command">${visible(command)}</span>`)}</details>`
}
</article>`;
};

/** By what there is to do: said once, and not for each of thirty checks. */
const byWhat = (group: readonly InboxItem[]): readonly (readonly [string, readonly InboxItem[]])[] =>
  [...new Set(group.map((one) => askedOf(one)[0]))].map((what) => [what, group.filter((one) => askedOf(one)[0] === what)]);

/** What the person attests on one page. */
const together = (group: readonly InboxItem[]): Markup | '' => {
  const attested = group.filter((one) => one.page.includes('/attest#'));
  const [path = ''] = attested[0]?.page.split('#') ?? [];
  return attested.length < 2 ? '' : html`<p><a class="button" href="${path}">Attest ${attested.length} of them on one page</a></p>`;
};

const where = ({ service, version, environment, run }: InboxItem): Markup =>
  html`<bdi>${visible(service)}</bdi>${version === null ? '' : html` <bdi>${visible(version)}</bdi>`}${environment === null ? '' : html` in <bdi>${visible(environment)}</bdi>`}${run === null ? '' : html`, run <a class="mono" href="/runs/${run}">${run}</a>`}`;

const until = ({ until: end }: InboxItem, now: Date): Markup | '' => {
  if (end === null) return '';
  return end <= now.toISOString()
    ? html`, <strong>overdue since ${deadline(end)}</strong>`
    : html`, <strong>until ${deadline(end)}</strong>`;
};

/** Who holds one role has read above in which they are asked. */
const asked = ({ role, for: principal }: InboxItem, roles: readonly string[], names: Names): Markup | '' =>
  role === null || (roles.length === 1 && principal === null)
    ? ''
    : html`, for you as ${asWords(role)}${principal === null ? '' : html` in place of ${names(principal)}`}`;

const single = ({ detail, command }: InboxItem, names: Names): Markup =>
  html`${detail === null ? '' : html`<p><bdi>${visible(capital(withNames(detail, names)))}</bdi></p>`}
<p><span class="mono command">${visible(command)}</span></p>`;

const listed = (item: InboxItem, names: Names): Markup => {
  const detail = detailOf(item);
  return html`<li><a href="${item.page}">${visible(askedOf(item)[1])}</a>${detail === undefined ? '' : html` <span class="soft"><bdi>${visible(withNames(detail, names))}</bdi></span>`}</li>`;
};
