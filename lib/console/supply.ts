import { html } from 'hono/html';
import type { Supply } from '../query/supply.ts';
import type { Role } from '../roles.ts';
import { capital, counted } from '../wording.ts';
import { asWords, visible, withoutTicks } from './format.ts';
import { type Markup, time } from './layout.ts';
import { anyOf } from './rollback-now.ts';

/** How a check is supplied, in words: the page of the run and that of the check say the same. */

export const command = (text: string): Markup => html`<span class="mono command">${text}</span>`;

/** What to do, for a list of what is open. */
export const supplyTitles: Readonly<Record<Supply['way'], string>> = {
  signatures: 'Signatures',
  attestation: 'To be attested',
  evidence: 'Reports to send',
  comparison: 'Nothing to compare with',
  series: 'Reports to send',
  deployment: 'Deployment to report',
  labels: 'Observations to label',
  alarms: 'Alarms to try out',
  notices: 'Mails of Holdpoint',
  target: 'A version to go back to',
  drill: 'A rehearsal of the rollback',
  explanations: 'Changes to explain',
  rollback: 'Steps of the rollback',
  checks: 'Follows from other checks',
  look: 'Holdpoint looks itself',
  nobody: 'Nothing to supply',
};

/** "a technical lead": whose it is; nothing where no person supplies it. */
export const whose = ({ roles }: Pick<Supply, 'roles'>): string => (roles.length === 0 ? '' : anyOf(roles as readonly Role[]));

type Sentence = (supply: Supply) => string;
const plain =
  (text: string): Sentence =>
  () =>
    text;
/** Only the page of the check says it: that of the run leads there. */
const asked: Sentence = (supply) => `${whose(supply)} attests it on this page, or with:`;

/** One sentence for each way; it ends with a colon where commands follow. */
const sentences: Readonly<Record<Supply['way'], Sentence>> = {
  signatures: plain(
    'Each person who is asked has a mail with a link to the report and its form. Nobody else can open that link. Who has answered:',
  ),
  attestation: asked,
  evidence: ({ wants }) => `It needs ${withoutTicks(visible(wants))}. Send it with:`,
  comparison: (supply) =>
    `The reports were received and pass; nothing is known of an earlier release with which they could be compared. ${capital(whose(supply))} waives it on the page of the check, or records with a reason what passed before, which a second person confirms:`,
  series: ({ wants }) => `It is computed from ${withoutTicks(visible(wants))}. Send it with:`,
  deployment: ({ commands }) =>
    commands.length === 0
      ? 'Nothing is sent for it: the deployment of every component is reported.'
      : 'The pipeline reports the deployment of each component with:',
  labels: plain('Nothing is sent for it: it is computed from observations. An operations lead labels bad ones on the page of the reviews.'),
  alarms: plain('Nothing is sent for it: let each alarm go red and OK again. Holdpoint hears both from the alarm itself.'),
  notices: plain('Nothing is sent for it: Holdpoint sends the mails itself and records them.'),
  target: plain(
    'A version that was released before and is stable. Without such a version, one operations lead and one technical lead adopt what runs, each with:',
  ),
  drill: plain('A rollback is rehearsed in staging with:'),
  explanations: plain('Changes that no run accounts for stand in the inbox. They are explained with:'),
  rollback: plain('Nothing is sent for it: it is computed from the steps of the rollback.'),
  checks: plain('Nothing is sent for it: it is computed from other checks.'),
  look: ({ wants }) => `Nothing is sent for it: Holdpoint looks itself at the ${wants} that the stage file names.`,
  nobody: plain('Nothing is judged for it.'),
};

/** How it is supplied, without the commands. */
export const supplySentence = (supply: Supply): string => capital(sentences[supply.way](supply));

/** What has to come first; what is made before it does not count. */
export const supplyTime = ({ after, from }: Pick<Supply, 'after' | 'from'>): Markup | '' => {
  if (after !== null) return html`<strong>Not yet:</strong> what is made before ${asWords(after.replace('.', ' '))} does not count.`;
  return from === null ? '' : html`<strong>Not yet:</strong> its window opens at ${time(from)}.`;
};

/** The whole of it, for the page of one check. */
export const supplyText = (supply: Supply): Markup =>
  html`${supplySentence(supply)} ${supplyTime(supply)}${supply.commands.map(command)}${moreCommands(supply)}`;

export const moreCommands = ({ commandsLeftOut: more }: Pick<Supply, 'commandsLeftOut'>): Markup | '' =>
  more === 0 ? '' : html`<span class="soft">The same for ${counted(more, 'more component')}.</span>`;
