import type { EvidenceKind } from '../../lib/evidence/kind.ts';
import { evidenceTypes, parseEvidence } from '../../lib/registry/evidence.ts';
import { type LargeType, largeReport } from './large-reports.ts';

/** Parses one report in a process of its own, and prints seconds and peak memory: `parse-one.ts TYPE MEGABYTES`. */
const [type = '', megabytes = ''] = process.argv.slice(2);
const bytes = largeReport(type as LargeType, Number(megabytes));
const before = process.memoryUsage.rss();
const began = process.cpuUsage();
const parsed = parseEvidence(type, bytes);
const seconds = process.cpuUsage(began).user / 1e6;
if (parsed.refused) throw new Error(JSON.stringify(parsed.refused));
const scrubBegan = process.cpuUsage();
(evidenceTypes[type as LargeType] as EvidenceKind).scrub?.(bytes);
const scrubSeconds = process.cpuUsage(scrubBegan).user / 1e6;
process.stdout.write(
  JSON.stringify({ type, bytes: bytes.byteLength, seconds, scrubSeconds, before, peak: process.resourceUsage().maxRSS * 1024 }),
);
