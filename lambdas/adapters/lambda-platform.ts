import * as z from 'zod';
import type { Aliases, Functions, Reply } from '../../lib/actuators/ports.ts';
import { cut } from '../../lib/canonical-json.ts';
import { codeDigest } from '../../lib/fields.ts';
import { type AwsCall, type AwsFailure, parsed, replyOf } from './aws-call.ts';
import { placeOf } from './lambda-place.ts';

/** A function of the service's owners may take so long. */
const invocationMs = 90_000;

/** `busy` also for a race: the alias has changed, or the function is being changed. */
const races = /PreconditionFailed|ResourceConflict/;
const replyTo = (failure: AwsFailure): Reply<never> => replyOf({ ...failure, busy: failure.busy || races.test(failure.code) });

export const aliasSchema = z.object({
  FunctionVersion: z.string().default(''),
  RevisionId: z.string().default(''),
  RoutingConfig: z.object({ AdditionalVersionWeights: z.record(z.string(), z.number()).nullish() }).nullish(),
});
export const configurationSchema = z.object({ Version: z.string().default(''), CodeSha256: z.string().default('') });

export const createAliases = (call: AwsCall): Aliases => ({
  read: async (place, name, alias) => {
    const input = { FunctionName: name, Name: alias };
    const answer = await call(placeOf(place, name), { service: 'lambda', operation: 'GetAlias', input });
    if ('failed' in answer) return replyTo(answer);
    const { FunctionVersion, RevisionId, RoutingConfig } = parsed(aliasSchema, answer.text) ?? { FunctionVersion: '', RevisionId: '' };
    if (FunctionVersion === '' || RevisionId === '') return { refused: `Lambda says no version of the alias ${alias}` };
    const split = Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0;
    return { ok: { version: FunctionVersion, revision: RevisionId, split } };
  },
  digestOf: async (place, name, version) => {
    const input = { FunctionName: name, Qualifier: version };
    const answer = await call(placeOf(place, name), { service: 'lambda', operation: 'GetFunctionConfiguration', input });
    if ('failed' in answer) return replyTo(answer);
    const digest = codeDigest(parsed(configurationSchema, answer.text)?.CodeSha256 ?? '');
    return digest === undefined ? { refused: `Lambda says no digest of version ${version}` } : { ok: digest };
  },
  point: async (place, name, alias, { version, revision }) => {
    const input = {
      FunctionName: name,
      Name: alias,
      FunctionVersion: version,
      RevisionId: revision,
      // Without it, Lambda keeps the weights that the alias has.
      RoutingConfig: { AdditionalVersionWeights: {} },
    };
    const answer = await call(placeOf(place, name), { service: 'lambda', operation: 'UpdateAlias', input });
    return 'failed' in answer ? replyTo(answer) : { ok: null };
  },
});

export const createFunctions = (call: AwsCall): Functions => ({
  invoke: async (place, name, request) => {
    const input = { FunctionName: name, InvocationType: 'RequestResponse', Payload: JSON.stringify(request) };
    const answer = await call(placeOf(place, name), { service: 'lambda', operation: 'Invoke', input, mostMs: invocationMs });
    if ('failed' in answer)
      return answer.code === 'TimeoutError' ? { refused: `it did not answer within ${invocationMs / 1000} seconds` } : replyTo(answer);
    const said = jsonOf(answer.text);
    if (answer.functionError === undefined) return { ok: said };
    const words = (said as { readonly errorMessage?: unknown } | null)?.errorMessage;
    return { refused: `it failed: ${cut(typeof words === 'string' ? words : answer.functionError, 200)}` };
  },
});

/** Null where it is no JSON. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
