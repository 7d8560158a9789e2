import * as z from 'zod';
import type { OpenapiFacts } from '../evidence/openapi.ts';
import { evidenceRule } from './kind.ts';

export const openapiDocumented = evidenceRule({
  kind: 'openapi-documented/1',
  description: 'The OpenAPI document has no structural problem, or describes every operation.',
  evidence: 'openapi',
  parameters: { require: z.enum(['valid', 'described']), minOperations: z.int().min(1) },
  bounds: { minOperations: { least: 1 } },
  service: {
    takes: () => ['endpoints'],
    fitted: (rule, { endpoints = 0 }) => ({ ...rule, minOperations: Math.max(rule.minOperations, endpoints) }),
  },
  covers: (later: readonly OpenapiFacts[], earlier: OpenapiFacts) => later.some(({ title }) => title === earlier.title),
  judge: (rule, facts: OpenapiFacts) => {
    if (facts.operations < rule.minOperations)
      return { verdict: 'inconclusive', reason: `${facts.operations} operations, at least ${rule.minOperations} expected` };
    if (facts.problemsCount > 0)
      return {
        verdict: 'fail',
        reason: `the document has structural problems (${facts.problemsCount} found); first: ${facts.problems[0]}`,
      };
    if (rule.require === 'valid')
      return { verdict: 'pass', reason: `OpenAPI ${versionOf(facts)} with ${facts.operations} operations, no structural problem` };
    if (facts.undescribedCount > 0)
      return {
        verdict: 'fail',
        reason: `${facts.undescribedCount} of ${facts.operations} operations without summary or description; first: ${facts.undescribed[0]}`,
      };
    return {
      verdict: 'pass',
      reason: `OpenAPI ${versionOf(facts)}: ${facts.operations} of ${facts.operations} operations have a summary or description`,
    };
  },
});

const versionOf = ({ version, readAs }: OpenapiFacts): string =>
  readAs === null ? version : `${version} (newer than ${readAs}, and read as far as ${readAs} goes)`;
