import type { LocalInstant } from '../notification.ts';
import type { Notification } from '../ports.ts';
import { withNames } from './format.ts';

/**
 * Text of callers on one line. A version or a name must not start a header or a paragraph, and an address in it must not become a
 * link: mail programs would show it beside ours.
 */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/:\/\/|\bwww\./gi, (sign) => `${sign} `)
    .trim();
/** To the second, where minutes are all that people have. */
export const second = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
export const minute = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

/** "2026-03-09 09:00 Europe/Berlin (2026-03-09 08:00 UTC)". */
export const inBothZones = ({ at, local, zone }: LocalInstant): string =>
  zone === 'UTC' ? minute(at) : `${local} ${oneLine(zone)} (${minute(at)})`;

/** The same to the second: offsets of zones are whole minutes. */
export const secondInBothZones = ({ at, local, zone }: LocalInstant): string =>
  zone === 'UTC' ? second(at) : `${local}:${at.slice(17, 19)} ${oneLine(zone)} (${second(at)})`;

/** A paragraph, a list, or commands that people copy. */
export type Part = string | readonly string[] | Commands;
type Commands = { readonly commands: readonly string[] };

/** As a mail without HTML and a chat show it. */
export const plainText = (part: Part): string => {
  if (typeof part === 'string') return part;
  return 'commands' in part ? part.commands.join('\n\n') : part.map((item) => `- ${item}`).join('\n');
};

/** Whether it says nothing: an empty paragraph or list. */
export const isEmpty = (part: Part): boolean => plainText(part) === '';

export type Content = {
  readonly subject: string;
  readonly paragraphs: readonly Part[];
  readonly small: readonly string[];
};
export type Linked = Content & { readonly action: string };
export type Of<Kind extends Notification['kind']> = Extract<Notification, { kind: Kind }>;

export const releaseOf = ({ service, version, environment }: Notification): string => oneLine(`${service} ${version} to ${environment}`);

export const openRun = ({ run }: Notification): Pick<Linked, 'action' | 'small'> => ({
  action: 'Open the run',
  small: [`Run ${oneLine(run)}.`],
});

/** Reasons are sentences of the trail: instants become readable. */
export const sentence = (reason: string): string => oneLine(withNames(reason, (id) => id));
