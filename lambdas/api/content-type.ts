import { shown } from '../../lib/api/problem.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import { evidenceTypes, isEvidenceType } from '../../lib/registry/evidence.ts';

/** Checks the type's own media types. The command refuses unknown types and reports over the limit, because it records the refusal. */
export const wrongContentType = (type: string, contentType: string): Refusal | undefined => {
  if (!isEvidenceType(type) || contentType === 'application/octet-stream') return undefined;
  const accepted = evidenceTypes[type].mediaTypes;
  if (accepted.includes(contentType)) return undefined;
  return refuse('content-type', `A report of type ${type} cannot have this content type.`, {
    got: shown(contentType),
    expected: `${accepted.join(' or ')}, or application/octet-stream`,
    fix: 'Send the report with one of these content types.',
  }).refused;
};
