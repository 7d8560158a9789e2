import * as z from 'zod';
import { keyOfEndpoint } from '../evidence/listed-names.ts';
import type { OpenapiFacts } from '../evidence/openapi.ts';
import { longestOperationName } from '../fields.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atLeast, chosen, listed } from './parameter-words.ts';
import { withParts } from './parts.ts';
import { among, withNames } from './shown-by-name.ts';

export const openapiDocumented = evidenceRule({
  kind: 'openapi-documented/1',
  description: 'The OpenAPI document has no structural problem, or describes every operation.',
  evidence: 'openapi',
  wants: () => 'an OpenAPI document',
  parameters: {
    require: z.enum(['valid', 'described']),
    minOperations: z.int().min(1),
    /** Each of these must be an operation of the document. */
    endpoints: z.array(z.string().min(1)).min(1).optional(),
  },
  words: {
    require: chosen('the document', { valid: 'is valid', described: 'is valid and describes every operation' }),
    minOperations: atLeast('operations'),
    endpoints: listed('endpoints that it must have', 'none named'),
  },
  bounds: { minOperations: { least: 1 } },
  service: {
    takes: () => ['endpoints'],
    fitted: (rule, { endpoints }) => (endpoints === undefined ? rule : { ...rule, endpoints: [...endpoints] }),
  },
  covers: (later: readonly OpenapiFacts[], earlier: OpenapiFacts) => later.some(({ title }) => title === earlier.title),
  judge: (rule, facts: OpenapiFacts) => {
    const judged = judgeDocument(rule, facts);
    if (rule.endpoints === undefined) return judged;
    const isNamed = among(facts.named);
    return withNames(judged, {
      kind: 'endpoint',
      names: rule.endpoints,
      isShown: (name) => isNamed(keyOfEndpoint(name)),
      where: 'in the document',
      ...(facts.named === undefined ? { advice: 'the facts name no operations: send the document again, or split it' } : {}),
    });
  },
});

type Asked = { readonly require: 'valid' | 'described'; readonly minOperations: number };

const judgeDocument = (rule: Asked, facts: OpenapiFacts): Judgement => {
  if (facts.operations < rule.minOperations)
    return {
      verdict: 'inconclusive',
      reason: `${counted(facts.operations, 'operation')}, at least ${rule.minOperations} expected${facts.problemsCount > 0 ? `; ${facts.problems[0]}` : ''}`,
    };
  if (facts.problemsCount > 0)
    return {
      verdict: 'fail',
      reason: `the document has structural problems (${facts.problemsCount} found); first: ${facts.problems[0]}`,
    };
  if (rule.require === 'valid')
    return {
      verdict: 'pass',
      reason: `OpenAPI ${versionOf(facts)} with ${counted(facts.operations, 'operation')}, no structural problem`,
    };
  if (facts.undescribedCount > 0)
    return eachOperation(facts, {
      verdict: 'fail',
      reason: `${facts.undescribedCount} of ${counted(facts.operations, 'operation')} without summary or description; first: ${facts.undescribed[0]}`,
    });
  return {
    verdict: 'pass',
    reason: `OpenAPI ${versionOf(facts)}: ${facts.operations} of ${counted(facts.operations, 'operation has', 'operations have')} a summary or description`,
  };
};

/** The facts name the first operations without a description only. */
const eachOperation = ({ undescribed, undescribedCount, operations }: OpenapiFacts, judgement: Judgement): Judgement => {
  const unlisted = undescribedCount - undescribed.length;
  return withParts(judgement, {
    parts: undescribed.map((name) => ({
      // A name of the greatest length may have been cut, and then stands for several.
      subject: { kind: 'endpoint', id: name.length < longestOperationName ? name : '' },
      verdict: 'fail',
      reason: 'neither a summary nor a description',
    })),
    besides:
      unlisted > 0
        ? { verdict: 'fail', reason: `${counted(unlisted, 'more operation')} without summary or description, which are not named` }
        : undefined,
    unnamed: operations - undescribed.length,
  });
};

const versionOf = ({ version, readAs }: OpenapiFacts): string =>
  readAs === null ? version : `${version} (newer than ${readAs}, and read as far as ${readAs} goes)`;
