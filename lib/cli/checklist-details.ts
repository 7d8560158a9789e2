import type { AnswerOf } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import { isDeviationOf } from '../checklist/definition.ts';
import { deviationInWords, thresholdsOf, titlesIn } from '../checklist/thresholds.ts';
import { isOneOf } from '../evidence/tool-names.ts';
import { evidenceTypes, isEvidenceType, typesJudgedAs } from '../registry/evidence.ts';
import { asWords } from '../wording.ts';
import { durationText } from './duration.ts';

/** A checklist as the server lists it. */
export type Listed = AnswerOf<(typeof operations)['readChecklist']>;
export type Item = Listed['items'][number];

/** What a report of each needed type may be. It is known here, so that the server's function that reads need not bundle the parsers. */
export const formatsOf = ({ items }: Listed) => {
  const needed = new Set<string>(items.flatMap(({ evidence }) => evidence.flatMap(typesJudgedAs)));
  return Object.values(evidenceTypes)
    .filter(({ id }) => needed.has(id))
    .map(({ id, description, fileNames, mediaTypes, maxBytes }) => ({ id, description, fileNames, mediaTypes, maxBytes }));
};

/** What a sender, an owner and an auditor need to know of a line, beside its title. */
export const detailsOf = (item: Item, list: Listed): string[] => {
  // A profile and a stage name the figures that they change.
  const figures: Readonly<Record<string, unknown>> = { ...item.rule };
  const thresholds = thresholdsOf(item.rule ?? null, titlesIn(list)).map(({ parameter, text }) =>
    typeof figures[parameter] === 'number' ? `${text} (${parameter})` : text,
  );
  const known = new Map(formatsOf(list).map((format) => [format.id as string, format]));
  const formats = item.evidence
    .flatMap((type) => typesOrSelf(type))
    .filter((type) => isTrusted(item, type))
    .map((type) => {
      const format = known.get(type);
      const names = format === undefined || format.fileNames.length === 0 ? '' : ` (${format.fileNames.join(', ')})`;
      return `${type}: ${format?.description ?? 'unknown to this version'}${names}`;
    });
  return [
    ...(thresholds.length === 0 ? [] : [`thresholds   ${thresholds.join('; ')}`]),
    `proof        ${item.proof}`,
    ...formats.map((format) => `evidence     ${format}`),
    ...(item.after === null ? [] : [`made after   ${item.after}`]),
    `maximum age  ${item.maxAgeSeconds === null ? 'as long as the run' : durationText(item.maxAgeSeconds * 1000)}`,
    `owner        ${asWords(item.owner)}`,
    `controls     ${item.controls.join(', ')}`,
    `exceptions   ${exceptionsTo(item)}`,
    ...(item.mode === 'observe'
      ? [`observed     judged and shown only${item.observeUntil === undefined ? '' : ` until ${item.observeUntil}, then required`}`]
      : []),
    ...list.deviations
      .filter((one) => isDeviationOf(one, item))
      .map(
        (one) =>
          `deviation    ${deviationInWords(one, item.rule ?? null, titlesIn(list))}. ${one.reason} Accepted by the ${asWords(one.approver)}.`,
      ),
  ];
};

/** A rule that trusts some tools takes no report of another one. What a further source of a profile takes is the profile's to say. */
const isTrusted = ({ rule, sources = [] }: Item, type: string): boolean => {
  const { tool } = isEvidenceType(type) ? evidenceTypes[type] : {};
  const trusted = sources.length > 0 ? undefined : rule?.tools;
  return tool === undefined || !Array.isArray(trusted) || isOneOf(trusted)({ name: tool });
};

/** A type of a newer server is shown by its name. */
const typesOrSelf = (type: string): readonly string[] => {
  const known = typesJudgedAs(type);
  return known.length === 0 ? [type] : known;
};

export const exceptionsTo = ({ waivable, optional }: Item): string =>
  [waivable ? 'may be waived' : 'may not be waived', ...(optional ? ['may be declared not applicable'] : [])].join(', ');
