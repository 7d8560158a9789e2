import type { EvidenceKind } from '../evidence/kind.ts';
import type { Parsed } from '../evidence/report-time.ts';
import { onDemand } from '../on-demand.ts';
import type { Outcome } from '../outcome.ts';
import type { Facts } from './evidence.ts';
import { evidenceList } from './evidence-list.ts';
import { type EvidenceType, isEvidenceType, refusedUnread } from './evidence-types.ts';

const loadType = Object.fromEntries(
  Object.entries<() => Promise<EvidenceKind>>(evidenceList).map(([type, load]) => [type, onDemand(load)]),
) as {
  readonly [T in EvidenceType]: (typeof evidenceList)[T];
};

/** `parseEvidence`, which loads the parser of this one type when its first report comes. */
export const parseOnDemand = async (type: string, bytes: Uint8Array): Promise<Parsed<Facts>> => {
  const no = refusedUnread(type, bytes);
  if (no !== undefined || !isEvidenceType(type)) return no as Parsed<Facts>;
  const { parse } = await loadType[type]();
  return parse(bytes);
};

/** `recognise`, for which every type has to be loaded. */
export const recogniseOnDemand = async (bytes: Uint8Array): Promise<Outcome<EvidenceType>> => {
  const { recognise } = await import('./evidence.ts');
  return recognise(bytes);
};

/** What takes the secrets out of reports of a type that quotes them. */
export const scrubberOf = async (type: string): Promise<EvidenceKind['scrub']> => {
  if (!isEvidenceType(type)) return undefined;
  const kind: EvidenceKind = await loadType[type]();
  return kind.scrub;
};
