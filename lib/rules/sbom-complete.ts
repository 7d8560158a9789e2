import * as z from 'zod';
import type { CyclonedxFacts } from '../evidence/cyclonedx.ts';
import { evidenceRule } from './kind.ts';

export const sbomComplete = evidenceRule({
  kind: 'sbom-complete/1',
  description: 'Every package of the bill of materials has a name, a version and a package URL.',
  evidence: 'cyclonedx',
  parameters: { minComponents: z.int().min(1) },
  bounds: { minComponents: { least: 1 } },
  covers: (later: readonly CyclonedxFacts[], earlier: CyclonedxFacts) => later.some(({ subject }) => subject === earlier.subject),
  judge: (rule, facts: CyclonedxFacts) => {
    if (facts.components < rule.minComponents)
      return { verdict: 'inconclusive', reason: `${facts.components} packages, at least ${rule.minComponents} expected` };
    if (facts.incompleteCount > 0)
      return {
        verdict: 'fail',
        reason: `${facts.incompleteCount} of ${facts.components} packages without name, version or package URL; first: ${facts.incomplete[0]}`,
      };
    return {
      verdict: 'pass',
      reason: `${facts.components} packages of ${facts.subject ?? 'an unnamed subject'}, each with name, version and package URL`,
    };
  },
});
