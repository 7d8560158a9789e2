import { html } from 'hono/html';
import type { RunView } from '../query/view.ts';
import { type Names, visible } from './format.ts';
import { deadline, type Markup, pill, time } from './layout.ts';
import { said, type WordsByDigest } from './said.ts';

/** A planned T0 in plain words. */
export const plannedT0 = (planned: string): Markup =>
  planned === 'when-released' ? html`as soon as every gate before it has passed` : deadline(planned);

/** How T0 was moved, what is frozen then, and who lets the run pass a freeze. Nothing where there is nothing of it. */
export const schedule = (run: RunView, names: Names, words: WordsByDigest): Markup | '' => {
  const { rescheduled, freezes, freezeOverrides } = run;
  return html`${
    rescheduled.length === 0
      ? ''
      : html`<dt>T0 was moved</dt><dd><ul class="plain">${rescheduled.map(
          ({ at, by, from, to, reason }) =>
            html`<li>on ${time(at)} by ${names(by)}: from ${plannedT0(from)} to ${plannedT0(to)}. ${said(words, reason, { as: 'Reason' })}</li>`,
        )}</ul></dd>`
  }
${freezes.length === 0 ? '' : html`<dt>Freeze</dt><dd><ul class="plain">${freezes.map((one) => frozen(one, run.run))}</ul></dd>`}
${
  freezeOverrides.length === 0
    ? ''
    : html`<dt>Freeze overrides</dt><dd><ul class="plain">${freezeOverrides.map(
        ({ freeze, at, by, approved, reasons }) =>
          html`<li>${pill(approved ? 'overridden' : 'waits for a second person', approved ? 'calm' : 'wait')} <bdi>${visible(freeze)}</bdi>: ${by.map(names).join(' and ')} on ${time(at)}. ${reasons.map((reason, place) => said(words, reason, names(by[place] ?? '')))}</li>`,
      )}</ul></dd>`
}`;
};

const frozen = ({ name, reason, zone, from, to, fromLocal, toLocal, overridden }: RunView['freezes'][number], run: string): Markup =>
  html`<li>${overridden ? pill('overridden', 'calm') : pill('frozen', 'wait')} <bdi>${visible(name)}</bdi> (<bdi>${visible(reason)}</bdi>): from ${time(from)} until ${time(to)} <span class="soft">(${fromLocal} until ${toLocal}, ${zone})</span>${overridden ? '' : html`. T0 does not come before it ends, unless <a href="/runs/${run}/operating#override-freeze">two people override it</a>.`}</li>`;
