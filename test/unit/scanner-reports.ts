import { readFileSync } from 'node:fs';
import type { Facts } from '../../lib/registry/evidence.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { vulnerabilitiesWithin } from '../../lib/rules/vulnerabilities-within.ts';

/** Reports of scanners, and the strictest rule on them. */
export const read = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../samples/evidence/${file}`, import.meta.url)));
export const parsed = (file: string) => JSON.parse(new TextDecoder().decode(read(file)));
export const limits = { tools: ['npm audit', 'trivy', 'zap'], maxCritical: 0, maxHigh: 0, maxUnknown: 0 };
export const strict = vulnerabilitiesWithin.of({ ...limits, maxSuppressed: 0 });
export const judged = (facts: Facts, rule: typeof strict = strict) => judgeEvidence(rule, facts);
export const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0, unknown: 0 };
