import { html } from 'hono/html';
import type { ChangedCheck, ChangedComponent, ReleaseChanges } from '../query/release-changes.ts';
import { counted } from '../wording.ts';
import { byVerdict } from './checks.ts';
import { asWords, visible } from './format.ts';
import { type Markup, shortDigest, verdictPill } from './layout.ts';
import { commitLink } from './release.ts';
import { cutShort } from './said.ts';

type Compared = Extract<ReleaseChanges, { readonly state: 'compared' }>;

/** What differs from the last release, in one row of the release; the differences themselves follow in `releaseDifferences`. */
export const releaseChangesRow = (changes: ReleaseChanges): Markup | '' => {
  if (changes.state === 'none') return '';
  const { run, version } = changes;
  const says =
    changes.state === 'unreadable'
      ? html`<strong>not known:</strong> the audit trail of that run cannot be read. Tell operations.`
      : summaryOf(changes);
  return html`<dt>Since the last release</dt><dd><a href="/runs/${run}"><bdi>${visible(version)}</bdi></a>: ${says}</dd>`;
};

/** Why nothing is compared, folded with what identifies the report; nothing where something is. */
export const nothingToCompare = (changes: ReleaseChanges): Markup | '' => {
  if (changes.state !== 'none') return '';
  return changes.version === null
    ? html`<dt>Last release</dt><dd>No earlier release is known, so nothing is compared.</dd>`
    : html`<dt>Last release</dt><dd>Version <bdi>${visible(changes.version)}</bdi> was adopted by people: no run says how it was checked, so nothing is compared.</dd>`;
};

const summaryOf = ({ commit, components, componentsInAll, checks, checksInAll, definition, profile, deviations }: Compared): string =>
  [
    commit === null ? 'the same commit' : 'another commit',
    components.length === 0 ? 'the same artifacts' : `${components.length} of ${counted(componentsInAll, 'component')}`,
    checks.length === 0 ? 'every check as before' : `${checks.length} of ${counted(checksInAll, 'check')} judged otherwise`,
    ...(definition === null ? [] : ['another checklist']),
    ...(profile === null ? [] : ['another profile']),
    ...(deviations.added.length === 0 ? [] : [counted(deviations.added.length, 'new deviation')]),
    ...(deviations.removed.length === 0 ? [] : [`${counted(deviations.removed.length, 'deviation')} less`]),
  ].join(', ');

/** The differences one by one, folded: unfolded they would push the answers off the screen of a phone. Nothing where nothing differs. */
export const releaseDifferences = (
  changes: ReleaseChanges,
  current: { readonly run: string; readonly commit: string; readonly commitPage: string | null },
): Markup | '' => {
  if (changes.state !== 'compared') return '';
  const { run, version, commit, commitPage, components, checks, definition, profile, deviations } = changes;
  const listed = [
    ...byVerdict(checks, ({ is }) => is?.verdict ?? 'pass').map((one) => checkItem(one, { was: run, is: current.run })),
    ...components.map(componentItem),
    ...(commit === null
      ? []
      : [
          html`<li>Commit: <span class="mono">${commitLink(commit.slice(0, 12), commitPage)}</span> → <span class="mono">${commitLink(current.commit.slice(0, 12), current.commitPage)}</span></li>`,
        ]),
    ...(definition === null
      ? []
      : [
          html`<li>Checklist: before ${definition.name} ${definition.version} <span class="mono">${shortDigest(definition.digest)}</span></li>`,
        ]),
    ...(profile === null ? [] : [html`<li>Profile of the service: ${digestOr(profile.was)} → ${digestOr(profile.is)}</li>`]),
    ...deviations.added.map((one) => html`<li>New deviation: ${deviationText(one)}. <bdi>${visible(one.reason)}</bdi></li>`),
    ...deviations.removed.map((one) => html`<li>No deviation any more: ${deviationText(one)}.</li>`),
  ];
  if (listed.length === 0) return '';
  return html`<details><summary>Different from <bdi>${visible(cutShort(version))}</bdi>: ${listed.length}</summary><ul class="plain">${listed}</ul></details>`;
};

type Judged = ChangedCheck['was'];
const judgedAs = (judged: Judged): Markup =>
  judged === null ? html`not on the checklist` : html`${verdictPill(judged.verdict)}${basisOf(judged)}`;
/** The basis of a waiver and of what is not applicable is its verdict. */
const basisOf = ({ verdict, basis }: NonNullable<Judged>): string => (basis === null || basis === verdict ? '' : ` ${asWords(basis)}`);

const checkItem = ({ check, title, was, is }: ChangedCheck, runs: { readonly was: string; readonly is: string }): Markup =>
  html`<li><a href="/runs/${is === null ? runs.was : runs.is}/checks/${check}">${title}</a>: ${judgedAs(was)} → ${judgedAs(is)}</li>`;

const componentItem = ({ component, was, is }: ChangedComponent): Markup =>
  html`<li><bdi>${visible(component)}</bdi>: ${was === null ? html`new, ${digestOr(is)}` : is === null ? 'not part of this release' : html`${digestOr(was)} → ${digestOr(is)}`}</li>`;

const digestOr = (digest: string | null): Markup => (digest === null ? html`none` : html`<span class="mono">${shortDigest(digest)}</span>`);

const deviationText = ({ title, says }: Compared['deviations']['added'][number]): string => visible(`${title}: ${says}`);
