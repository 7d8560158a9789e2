import { eventTypes } from '../../lib/audit/event.ts';
import { rollbackStepIds } from '../../lib/audit/events/rollback.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { roles } from '../../lib/roles.ts';

/** Words of the program that no sentence for people contains: names of events, and ids of roles, gates, checks and steps. */
const ids = [...roles, ...baseChecklist.gates.map(({ id }) => id), ...baseChecklist.items.map(({ id }) => id), ...rollbackStepIds];
/** An id of one word is a word like any other, and so are these. */
const plain = new Set(['sign-off', 'go-no-go']);
const names = [...new Set([...eventTypes, ...ids])].filter((name) => /[-.]/.test(name) && !plain.has(name));
const named = new RegExp(`(?<![\\w./“*-])(?:${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(?![\\w/*-]|\\.\\w)`, 'g');

/** Signs and words that only a program needs. */
const others = /`|(?<![\d.,])\b1 (?!(?:less|plus|yes)\b)\w{2,}(?<!s)s\b(?! )|\bundefined\b|\[object /g;

/** What stands there as a program needs it: commands, ids and file names in the type of a machine, and the values of fields. */
const machine = [
  /<(code|pre|style|script|select|textarea|svg|title)\b[\s\S]*?<\/\1>/g,
  /<(span|dd|p|td|bdi|a|div|summary) class="[^"]*\bmono\b[^"]*"[^>]*>(?:(?!<\/?\1\b)[\s\S])*<\/\1>/g,
];

/** The words of the program in what a person reads of a page or a mail. */
export const privateWordsIn = (html: string): readonly string[] => {
  const prose = machine.reduce((text, one) => text.replace(one, ' · '), html).replace(/<[^>]*>/g, ' ');
  return privateWordsOf(prose.replace(/&#39;/g, "'").replace(/&quot;/g, '"'));
};

/** Each with the words around it. */
export const privateWordsOf = (prose: string): readonly string[] =>
  [named, others].flatMap((pattern) =>
    [...prose.matchAll(pattern)].map(
      ({ 0: word, index }) =>
        `${word} in: ${prose
          .slice(Math.max(0, index - 80), index + 60)
          .replace(/\s+/g, ' ')
          .trim()}`,
    ),
  );
