import type * as z from 'zod';
import type { EvidenceKind } from '../evidence/kind.ts';
import type { Parsed } from '../evidence/report-time.ts';
import { type UnreadableFacts, unreadable } from '../evidence/unreadable.ts';
import { refuse } from '../outcome.ts';
import { evidenceTypes } from './list.ts';

export { evidenceTypes } from './list.ts';

export type EvidenceType = keyof typeof evidenceTypes;
/** Typed facts that a parser computed from a report. */
export type Facts = z.infer<(typeof evidenceTypes)[EvidenceType]['facts']>;
/** Facts as they are stored and judged. */
export type StoredFacts = Facts | UnreadableFacts;
export type FactsOf<T extends EvidenceType> = Extract<Facts, { type: T }>;

export const isEvidenceType = (type: string): type is EvidenceType => Object.hasOwn(evidenceTypes, type);

/** A type under a name other than its id does not compile. */
type ById = { readonly [Id in EvidenceType]: EvidenceKind & { readonly id: Id } };
const all: readonly ById[EvidenceType][] = Object.values<ById[EvidenceType]>(evidenceTypes satisfies ById);

/** The types that CI uploads as files. */
export const uploadedTypes = all.filter(({ insteadOfUpload }) => insteadOfUpload === undefined);

const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i').test(name);

/** The types that a file's name (without its folder) fits. None or several: the caller must name the type. */
export const typesOfFile = (name: string): EvidenceType[] =>
  uploadedTypes.filter(({ fileNames }) => fileNames.some((pattern) => matches(pattern, name))).map(({ id }) => id);

/** Bytes to typed facts and the report's own time. Never throws: bytes that cannot be read are refused. */
export const parseEvidence = (type: string, bytes: Uint8Array): Parsed<Facts> => {
  if (!isEvidenceType(type))
    return refuse('evidence-type-unknown', 'There is no such evidence type.', {
      got: type.slice(0, 60),
      expected: Object.keys(evidenceTypes).join(', '),
      fix: 'Use one of these types.',
    });
  const { maxBytes, description, parse } = evidenceTypes[type];
  if (bytes.byteLength > maxBytes) {
    return refuse('body-too-large', `A ${type} report may have at most ${maxBytes} bytes.`, {
      got: `${bytes.byteLength} bytes`,
      expected: `${maxBytes} bytes at most`,
      fix: 'Split the report by source, or leave out captured output.',
    });
  }
  if (bytes.byteLength === 0)
    return unreadable('The report is empty.', { got: '0 bytes', expected: description, fix: 'Send the file that the tool wrote.' });
  return parse(bytes);
};
