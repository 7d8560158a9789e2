import { html } from 'hono/html';
import type { ProfileSection } from '../query/profile-sections.ts';
import type { ProfileView } from '../query/profile-view.ts';
import { counted } from '../wording.ts';
import { fitting } from './fitting.ts';
import { visible } from './format.ts';
import { type Markup, time } from './layout.ts';

/** A page has room for so many bytes of each section, and unfolds a section of so many lines at most. */
const room = 9_000;
const mostUnfolded = 12;

/** What a profile says, as people read it, section by section. */
export const profileSections = ({ sections, content }: NonNullable<ProfileView['inForce']>, service: string): Markup | '' => {
  if (sections != null) return html`<div class="cards">${sections.map((one, place) => sectionCard(one, place, service))}</div>`;
  const why = content == null ? 'It is not stored any more.' : 'It has a form that this version of Holdpoint does not know.';
  return html`<section class="card" aria-labelledby="section-0"><h2 id="section-0">What it says</h2><p>${why} Read the file with:</p><p><span class="mono command">holdpoint profile show --service ${service} --yaml</span></p></section>`;
};

const sectionCard = ({ name, lines }: ProfileSection, place: number, service: string): Markup => {
  const shown = fitting(lines, room, ({ text, more }) => [text, ...more]);
  const list = html`<ul class="plain lines">${shown.map(lineOf)}</ul>${lines.length === shown.length ? '' : html`<p class="soft">${lines.length - shown.length} more have no room here: <span class="mono">holdpoint profile show --service ${service} --yaml</span></p>`}`;
  const heading = html`<h2 id="section-${place}">${name}</h2>`;
  return lines.length > mostUnfolded
    ? html`<details class="card slim"><summary>${heading} <span class="soft">${counted(lines.length, 'entry', 'entries')}</span></summary>${list}</details>`
    : html`<section class="card" aria-labelledby="section-${place}">${heading}${list}</section>`;
};

const lineOf = ({ text, more, until }: ProfileSection['lines'][number]): Markup =>
  html`<li><strong><bdi>${visible(text)}</bdi></strong>${until === null ? '' : html` until ${time(until)}, then required`}${more.map((one) => html`<span class="said soft"><bdi>${visible(one)}</bdi></span>`)}</li>`;
