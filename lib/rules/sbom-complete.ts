import * as z from 'zod';
import type { CyclonedxFacts } from '../evidence/cyclonedx.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast } from './parameter-words.ts';

export const sbomComplete = evidenceRule({
  kind: 'sbom-complete/1',
  description: 'Every package of the bill of materials has a name, a version and a package URL or CPE name, and the bill claims no gap.',
  evidence: 'cyclonedx',
  wants: () => 'a bill of materials: CycloneDX or SPDX',
  parameters: { minComponents: z.int().min(1) },
  words: { minComponents: atLeast('packages') },
  bounds: { minComponents: { least: 1 } },
  covers: (later: readonly CyclonedxFacts[], earlier: CyclonedxFacts) => later.some(({ subject }) => subject === earlier.subject),
  judge: ({ minComponents }, facts: CyclonedxFacts) => {
    const { components, incompleteCount, violation, withoutDependencies } = facts;
    if (violation !== null) return { verdict: 'fail', reason: `the bill does not follow the ${formatOf(facts)} schema: ${violation}` };
    if (incompleteCount > 0)
      return {
        verdict: 'fail',
        reason: `${incompleteCount} of ${counted(components, 'package')} without name, version or package URL, or with contradicting ones; first: ${facts.incomplete[0]}`,
      };
    const gap = ofCompleteness(facts);
    if (gap !== undefined) return gap;
    if (facts.unlisted !== undefined)
      return {
        verdict: 'inconclusive',
        reason: `${counted(facts.unlisted.count, 'dependency is', 'dependencies are')} named and not listed, so the bill is not whole; first: ${facts.unlisted.first}`,
      };
    const subject = facts.subject ?? 'an unnamed subject';
    if (components === 0 && withoutDependencies && minComponents === 1)
      return { verdict: 'pass', reason: `${subject} depends on no package, as the bill's dependency graph says${versionNote(facts)}` };
    if (components < minComponents)
      return { verdict: 'inconclusive', reason: `${counted(components, 'package')}, at least ${minComponents} expected` };
    return {
      verdict: 'pass',
      reason: `${counted(components, 'package')} of ${subject}, each with name, version and identity${versionNote(facts)}`,
    };
  },
});

/** What the bill says of itself: only `complete`, or nothing, lets it pass. */
const ofCompleteness = ({ completeness }: CyclonedxFacts): Judgement | undefined => {
  if (completeness === null || completeness === 'complete') return undefined;
  const reason = `the bill calls itself ${completeness} (compositions)`;
  return { verdict: completeness.startsWith('incomplete') ? 'fail' : 'inconclusive', reason };
};

/** Bills of other formats are judged as CycloneDX. */
const formatOf = ({ type }: { readonly type: string }): string => (type === 'spdx' ? 'SPDX' : 'CycloneDX');

const versionNote = (facts: CyclonedxFacts): string => {
  const { specVersion, readAs } = facts;
  return readAs === null ? '' : `; ${formatOf(facts)} ${specVersion} is newer than ${readAs} and was read as far as ${readAs} goes`;
};
