import { html } from 'hono/html';
import type { RunView } from '../query/view.ts';
import { counted } from '../wording.ts';
import { asWords, visible } from './format.ts';
import { type Markup, shortDigest } from './layout.ts';

type Release = Pick<RunView, 'service' | 'commit' | 'commitPage' | 'artifacts' | 'definition'> & { readonly profile?: RunView['profile'] };

/** A commit with the page of its code host, where that is known. Only https is a link. */
export const commitLink = (shown: string, address: string | null): Markup =>
  address?.startsWith('https://') ? html`<a href="${address}" rel="noopener noreferrer">${shown}</a>` : html`${shown}`;

/** What identifies the release to a machine, folded: a person compares it rarely, and on a phone it fills the screen. */
export const identifiers = (
  { service, commit, commitPage, artifacts, definition, profile = null }: Release,
  more: Markup | '' = '',
): Markup =>
  html`<details><summary>Commit, ${artifacts.length === 1 ? 'artifact' : `${artifacts.length} artifacts`} and digests</summary><dl>
<dt>Commit</dt><dd class="mono">${commitLink(commit, commitPage)}</dd>
<dt>Artifacts</dt><dd><ul class="plain">${artifacts.map((artifact) => html`<li>${artifact.component} <span class="mono">${artifact.digest}</span>${artifact.platforms === undefined ? '' : html` <span class="soft">for ${artifact.platforms.length} platforms</span>`}</li>`)}</ul></dd>
<dt>Checklist</dt><dd>${definition.name} ${definition.version} <span class="mono" title="${definition.digest}">${shortDigest(definition.digest)}</span> <a href="/checklist?digest=${definition.digest}">read it</a>, <a href="/checklist?diff=${definition.digest}">compare today’s with it</a></dd>
${profileRow(profile, service)}${more}</dl></details>`;

const profileRow = (profile: RunView['profile'], service: string): Markup | '' =>
  profile === null
    ? ''
    : html`<dt>Profile of the service</dt><dd><a href="/services/${service}/profile">Profile of ${service}</a> <span class="mono">${shortDigest(profile.digest)}</span> ${profile.startedAs === 'proposed' ? 'proposed' : 'in force'} at the start, applied to the checklist <span class="mono">${shortDigest(profile.base)}</span></dd>
`;

/** What a rollback to no version does. */
export const withdrawn: Markup = html`the service is taken away, as two people accepted`;

/** Of a version that two people adopted and no platform has confirmed. */
export const notReadBack = ({ readBack }: { readonly readBack?: boolean | undefined }): Markup | '' =>
  readBack === false ? html` <strong>No platform has confirmed it:</strong> two people say that it ran.` : '';

/** Where a rollback leads, as the row of a list; nothing where that is not known. */
export const rollbackRow = (target: RunView['rollbackTarget']): Markup | '' => {
  if (target === null) return '';
  const where =
    target.level === 'withdraw'
      ? withdrawn
      : html`version <strong><bdi>${visible(target.version)}</bdi></strong>, ${asWords(target.level)}${target.run === null ? '' : html`, <a href="/runs/${target.run}"><span class="mono">${target.run}</span></a>`}.${notReadBack(target)}`;
  return html`<dt>A rollback leads to</dt><dd>${where}</dd>`;
};

type WithChecks = readonly {
  readonly id: string;
  readonly title: string;
  readonly checks: readonly { readonly check: string; readonly title: string }[];
}[];

/** The title of one of these gates or of their checks; its id where they do not have it. */
export const titleIn = (gates: WithChecks, id: string): string =>
  gates.flatMap(({ checks }) => checks).find(({ check }) => check === id)?.title ?? gates.find((gate) => gate.id === id)?.title ?? id;

type Deviations = RunView['deviations'];

/** Deviations with the same reason and approver, together. */
const byReason = (deviations: Deviations): Deviations[] => {
  const keyOf = ({ reason, approver }: Deviations[number]): string => `${approver} ${reason}`;
  return [...new Set(deviations.map(keyOf))].map((key) => deviations.filter((one) => keyOf(one) === key));
};

const figure = ({ title, says }: Deviations[number]): string => visible(`${title}: ${says}.`);

const deviationGroup = (group: Deviations): Markup => {
  const [first] = group;
  if (first === undefined) return html``;
  const figures = group.length === 1 ? figure(first) : html`<ul class="plain">${group.map((one) => html`<li>${figure(one)}</li>`)}</ul>`;
  return html`<li>${figures} ${first.reason} <span class="soft">Accepted by the ${asWords(first.approver)}.</span></li>`;
};

/** What a reader must know before trusting the rest, under one line: deviations, and the notes of every report of this run. */
export const foldedExceptions = (of: Disclosed): Markup | '' =>
  of.disclosures.length + of.deviations.length === 0
    ? ''
    : html`<details><summary>${counted(of.deviations.length, 'deviation')} from the document, ${counted(of.disclosures.length, 'note')}</summary>${listed(of)}</details>`;

type Disclosed = Pick<RunView, 'deviations' | 'disclosures'>;
const listed = ({ disclosures, deviations }: Disclosed): Markup => html`<ul>${byReason(deviations).map((group) => deviationGroup(group))}
${disclosures.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
