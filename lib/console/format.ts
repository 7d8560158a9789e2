import { asWords, withInstants } from '../wording.ts';

export { asWords, formatInstant } from '../wording.ts';

/** The name of a person for an id. Events contain ids only; only pages for signed-in people show names. */
export type Names = (person: string) => string;

/** A sentence of the trail for people: ids of people become names, instants become readable, and names of members stand without backticks. */
export const withNames = (sentence: string, names: Names): string =>
  withInstants(sentence.replace(/`([\w ./:<>=-]+)`/g, '$1').replace(/\bp-[a-z0-9]{8,32}\b/g, (id) => names(id)));

/** `observation.recorded` as "observation recorded": an event as people read it. */
export const eventWords = (type: string): string => asWords(type.replace('.', ' '));

/** A sentence of ours about commands and members, which a terminal shows with backticks. */
export const withoutTicks = (sentence: string): string => sentence.replaceAll('`', '');

/**
 * Foreign text as a page may show it: control characters, other than line ends, and characters that change the direction of text are
 * shown by their number. Otherwise a text could be read otherwise than it was written.
 */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(
      /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
