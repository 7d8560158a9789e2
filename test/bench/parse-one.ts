import { readFileSync } from 'node:fs';
import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { evidenceTypes, isEvidenceType, parseEvidence } from '../../lib/registry/evidence.ts';

/**
 * Parses and scrubs a report, once or as often as `TIMES` says, and prints the bytes that were read, the seconds of processor time and the
 * most memory: `parse-one.ts TYPE FILE [TIMES]`.
 */
const [type = '', file = '', times = '1'] = process.argv.slice(2);
const bytes: Uint8Array = readFileSync(file);
const began = process.cpuUsage();
for (let n = 0; n < Number(times); n += 1) {
  const parsed = parseEvidence(type, bytes);
  if (parsed.refused || !isEvidenceType(type)) throw new Error(`${file} is refused: ${JSON.stringify(parsed.refused)}`);
  (evidenceTypes[type] as EvidenceKind).scrub?.(bytes);
}
const { user, system } = process.cpuUsage(began);
process.stdout.write(
  JSON.stringify({ bytes: bytes.byteLength * Number(times), seconds: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024 }),
);
