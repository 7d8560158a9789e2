import type * as z from 'zod';
import { excerpt } from '../canonical-json.ts';
import { type EvidenceKind, mostJson } from '../evidence/kind.ts';
import { neighbourOf } from '../evidence/neighbours.ts';
import { noReportOf } from '../evidence/no-report.ts';
import { contentOf, isJson } from '../evidence/read-content.ts';
import type { Parsed } from '../evidence/report-time.ts';
import { jsonOf, type UnreadableFacts } from '../evidence/unreadable.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { counted } from '../wording.ts';
import { type EvidenceType, type EvidenceTypes, loadAll } from './evidence-list.ts';
import { isEvidenceType, refusedUnread } from './evidence-types.ts';

export { type EvidenceType, isEvidenceType, judgedAs } from './evidence-types.ts';

export const evidenceTypes: EvidenceTypes = await loadAll();

/** Typed facts that a parser computed from a report. */
export type Facts = z.infer<EvidenceTypes[EvidenceType]['facts']>;
/** Facts as they are stored and judged. */
export type StoredFacts = Facts | UnreadableFacts;
export type FactsOf<T extends EvidenceType> = Extract<Facts, { type: T }>;

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

/** The types that are judged by the rules on this type, itself first. */
export const typesJudgedAs = (type: string): readonly EvidenceType[] =>
  all
    .flatMap(({ id, judgedAs: other }) => (id === type || other === type ? [id] : []))
    .sort((a, b) => Number(b === type) - Number(a === type));

/** The type that the content shows. Content that shows none, or several, is refused. */
export const recognise = (bytes: Uint8Array): Outcome<EvidenceType> => {
  const content = contentOf(bytes);
  const found = all.filter(({ recognises }) => recognises(content)).map(({ id }) => id);
  const [type, ...others] = found;
  if (type === undefined && isJson(content.head) && bytes.byteLength > mostJson)
    return refuse('body-too-large', `A JSON report may have at most ${mostJson} bytes, unless it is a log with one object on each line.`, {
      got: `${counted(bytes.byteLength, 'byte')}`,
      expected: `${mostJson} bytes at most`,
      fix: 'Split the report by source, or leave out captured output.',
    });
  const neighbour = type === undefined ? neighbourOf(content) : undefined;
  if (neighbour !== undefined)
    return refuse('evidence-type-unknown', `The report is ${neighbour.name}, which Holdpoint does not read.`, {
      got: neighbour.name,
      expected: uploadedTypes.map(({ id }) => id).join(', '),
      fix: neighbour.fix,
    });
  if (type === undefined) {
    // What is wrong with JSON says more than its beginning does: most types show by a member that may stand at the end.
    const broken = isJson(content.head) && content.json === undefined ? jsonOf(bytes, 'JSON').refused : undefined;
    const noSign = 'The report shows no sign of an evidence type that Holdpoint knows.';
    const no = noReportOf(bytes);
    return refuse('evidence-type-unknown', no?.detail ?? (broken === undefined ? noSign : `${broken.detail} So its type is not known.`), {
      got: no?.got ?? broken?.got ?? (excerpt(content.head, 60) || 'nothing'),
      expected: uploadedTypes.map(({ id }) => id).join(', '),
      fix: no?.fix ?? 'Name the type, or send the file that the tool wrote.',
    });
  }
  if (others.length === 0) return { ok: type };
  return refuse('evidence-type-ambiguous', 'The report shows signs of several evidence types.', {
    got: found.join(', '),
    expected: 'one of them',
    fix: 'Name the type.',
  });
};

/** Bytes to typed facts and the report's own time. Never throws: bytes that cannot be read are refused. */
export const parseEvidence = (type: string, bytes: Uint8Array): Parsed<Facts> => {
  const no = refusedUnread(type, bytes);
  if (no !== undefined || !isEvidenceType(type)) return no as Parsed<Facts>;
  const parsed = evidenceTypes[type].parse(bytes);
  if (parsed.refused === undefined) return parsed;
  // A report that was given under the type of another one.
  const neighbour = neighbourOf(contentOf(bytes));
  return neighbour === undefined ? parsed : { refused: { ...parsed.refused, fix: `The report is ${neighbour.name}. ${neighbour.fix}` } };
};
