import * as z from 'zod';
import { quoted } from '../canonical-json.ts';
import type { SarifFacts, SarifTool } from '../evidence/sarif.ts';
import { type SeverityCounts, severities } from '../evidence/severity.ts';
import { isOneOf } from '../evidence/tool-names.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atMost, listed } from './parameter-words.ts';

/** What scanners of vulnerabilities state beyond a SARIF log (`scanMembers` in `lib/evidence/scan-facts.ts`). */
type ScanFacts = SarifFacts & {
  readonly vulnerabilities?: SeverityCounts;
  readonly misconfigurations?: SeverityCounts;
  readonly secrets?: number;
  readonly scanned?: string;
  readonly targets?: number;
};

type Limits = {
  readonly maxCritical: number;
  readonly maxHigh: number;
  readonly maxUnknown: number;
  readonly maxMedium?: number | undefined;
  readonly maxLow?: number | undefined;
  readonly maxSuppressed?: number | undefined;
};

export const vulnerabilitiesWithin = evidenceRule({
  kind: 'vulnerabilities-within/1',
  description: 'A trusted scanner looked at something, and found no more vulnerabilities of each severity than a limit, and no secret.',
  evidence: 'sarif',
  parameters: {
    tools: z.array(z.string()).min(1),
    maxCritical: z.int().min(0),
    maxHigh: z.int().min(0),
    /** Findings whose severity the scanner does not know may be of any. */
    maxUnknown: z.int().min(0),
    maxMedium: z.int().min(0).optional(),
    maxLow: z.int().min(0).optional(),
    /** The most findings that the report itself may set aside. */
    maxSuppressed: z.int().min(0).optional(),
  },
  words: {
    tools: listed('scanners that are trusted'),
    maxCritical: atMost('critical vulnerabilities'),
    maxHigh: atMost('high vulnerabilities'),
    maxUnknown: atMost('vulnerabilities of unknown severity'),
    maxMedium: atMost('medium vulnerabilities'),
    maxLow: atMost('low vulnerabilities'),
    maxSuppressed: atMost('findings that the report sets aside'),
  },
  bounds: {
    maxCritical: { most: 5 },
    maxHigh: { most: 20 },
    maxUnknown: { most: 20 },
    maxMedium: { most: 1000 },
    maxLow: { most: 10_000 },
    maxSuppressed: { most: 100 },
  },
  // A log of findings in code has no severities of vulnerabilities, and is not this rule's business.
  appliesTo: ({ tools }, facts: ScanFacts) => facts.vulnerabilities !== undefined && facts.tools.some(isOneOf(tools)),
  wants: ({ tools }) => `a report of ${tools.join(' or ')}`,
  // A clean scan of one thing says nothing about another.
  covers: (later: readonly ScanFacts[], earlier: ScanFacts) =>
    later.some(
      ({ tools, scanned }) => scanned === earlier.scanned && earlier.tools.every((tool) => tools.some(({ name }) => name === tool.name)),
    ),
  judge: (rule, facts: ScanFacts): Judgement => {
    const [tool] = facts.tools.filter(isOneOf(rule.tools));
    const { vulnerabilities: found, scanned = '' } = facts;
    if (tool === undefined || found === undefined)
      return { verdict: 'inconclusive', reason: `no report of vulnerabilities by ${rule.tools.join(' or ')}` };
    const figures = `${tool.name} of ${quoted(scanned, 80)}: ${severities.map((one) => `${found[one]} ${one}`).join(', ')}`;
    const beyond = beyondOf(rule, facts, found) ?? setAside(rule, tool);
    if (beyond !== undefined) return { verdict: 'fail', reason: `${figures}; ${beyond}${firstOf(tool)}` };
    if (tool.unfinished > 0) return { verdict: 'inconclusive', reason: `${figures}; ${tool.signs.join('; ')}` };
    if ((facts.targets ?? 0) === 0)
      return { verdict: 'inconclusive', reason: `${figures}; it looked at nothing that can have vulnerabilities` };
    return { verdict: 'pass', reason: `${figures}; ${facts.targets} looked at` };
  },
});

const beyondOf = (rule: Limits, { misconfigurations, secrets = 0 }: ScanFacts, found: SeverityCounts): string | undefined => {
  if (secrets > 0) return `${secrets} secrets`;
  const limits: Readonly<Partial<Record<keyof SeverityCounts, number | undefined>>> = {
    critical: rule.maxCritical,
    high: rule.maxHigh,
    unknown: rule.maxUnknown,
    medium: rule.maxMedium,
    low: rule.maxLow,
  };
  for (const severity of severities) {
    const most = limits[severity] ?? Number.POSITIVE_INFINITY;
    if (found[severity] > most) return `at most ${most} ${severity} expected`;
    const wrong = misconfigurations?.[severity] ?? 0;
    if (wrong > most) return `${counted(wrong, 'misconfiguration')} of severity ${severity}, at most ${most} expected`;
  }
  return undefined;
};

/** Who writes the report also writes what it sets aside: how much is accepted is the definition's to say. */
const setAside = ({ maxSuppressed }: Limits, { suppressed }: SarifTool): string | undefined =>
  maxSuppressed !== undefined && suppressed > maxSuppressed
    ? `${counted(suppressed, 'finding')} set aside, at most ${maxSuppressed} expected`
    : undefined;

const firstOf = ({ first: [worst] }: SarifTool): string =>
  worst === undefined ? '' : `; first: ${quoted(worst.rule, 80)} in ${worst.place ? quoted(worst.place, 120) : 'no named place'}`;
