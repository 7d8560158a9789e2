import { readFileSync } from 'node:fs';
import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { evidenceTypes, isEvidenceType, parseEvidence } from '../../lib/registry/evidence.ts';

/** Parses and scrubs one report, and prints the seconds of processor time and the most memory: `parse-one.ts TYPE FILE`. */
const [type = '', file = ''] = process.argv.slice(2);
const bytes: Uint8Array = readFileSync(file);
const began = process.cpuUsage();
const parsed = parseEvidence(type, bytes);
if (parsed.refused || !isEvidenceType(type)) throw new Error(`${file} is refused: ${JSON.stringify(parsed.refused)}`);
(evidenceTypes[type] as EvidenceKind).scrub?.(bytes);
const { user, system } = process.cpuUsage(began);
process.stdout.write(
  JSON.stringify({ bytes: bytes.byteLength, seconds: (user + system) / 1e6, peak: process.resourceUsage().maxRSS * 1024 }),
);
