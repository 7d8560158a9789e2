import type { EvidenceKind } from '../evidence/kind.ts';
import { type EvidenceType, loadAll } from './evidence-list.ts';

/** What is known of an evidence type without its parser. */
export type TypeFacts = Pick<EvidenceKind, 'description' | 'mediaTypes' | 'maxBytes' | 'insteadOfUpload' | 'judgedAs'>;

/**
 * The facts of every type, from its module. In a function they stand written (`writtenTypes`, lib/stack/bundle.ts), so that what can be said before a
 * report is read needs no parser.
 */
export const typeFacts = Object.fromEntries(
  Object.entries<EvidenceKind>(await loadAll()).map(([id, { description, mediaTypes, maxBytes, insteadOfUpload, judgedAs }]) => [
    id,
    {
      description,
      mediaTypes,
      maxBytes,
      ...(insteadOfUpload === undefined ? {} : { insteadOfUpload }),
      ...(judgedAs === undefined ? {} : { judgedAs }),
    },
  ]),
) as Readonly<Record<EvidenceType, TypeFacts>>;
