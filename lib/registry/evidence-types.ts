import { noReportOf } from '../evidence/no-report.ts';
import { unreadable } from '../evidence/unreadable.ts';
import { type Refusal, refuse } from '../outcome.ts';
import { counted } from '../wording.ts';
import type { EvidenceType } from './evidence-list.ts';
import { typeFacts } from './written-types.ts';

export type { EvidenceType } from './evidence-list.ts';
export { typeFacts } from './written-types.ts';

export const isEvidenceType = (type: string): type is EvidenceType => Object.hasOwn(typeFacts, type);

/** The types that CI uploads as files. */
export const uploadedIds = (Object.keys(typeFacts) as readonly EvidenceType[]).filter(
  (type) => typeFacts[type].insteadOfUpload === undefined,
);

/** The type on which the rules are that judge this one. */
export const judgedAs = (type: string): string => (isEvidenceType(type) ? typeFacts[type].judgedAs : undefined) ?? type;

/** Why a report is refused before it is read; undefined when a parser has to read it. */
export const refusedUnread = (type: string, bytes: Uint8Array): { readonly refused: Refusal; readonly ok?: never } | undefined => {
  if (!isEvidenceType(type))
    return refuse('evidence-type-unknown', 'There is no such evidence type.', {
      got: type.slice(0, 60),
      expected: Object.keys(typeFacts).join(', '),
      fix: 'Use one of these types.',
    });
  const { maxBytes, description } = typeFacts[type];
  if (bytes.byteLength > maxBytes) {
    return refuse('body-too-large', `A ${type} report may have at most ${maxBytes} bytes.`, {
      got: `${counted(bytes.byteLength, 'byte')}`,
      expected: `${maxBytes} bytes at most`,
      fix: 'Split the report by source, or leave out captured output.',
    });
  }
  const no = noReportOf(bytes);
  return no && unreadable(no.detail, { got: no.got, expected: description, fix: no.fix });
};
