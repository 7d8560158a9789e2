import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import type { Aliases, AliasState, Functions, Reply } from '../../lib/actuators/ports.ts';
import { cut } from '../../lib/canonical-json.ts';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import { codeDigest } from '../../lib/fields.ts';
import { isBusy, replyOf } from './aws-call.ts';
import type { LambdaAt } from './lambda-at.ts';

const callMs = 10_000;
/** A function of the service's owners may take so long. */
const invocationMs = 90_000;

/** `busy` also for a race: the alias has changed, or the function is being changed. */
const races = /PreconditionFailed|ResourceConflict/;
const replyTo = (fault: unknown): { readonly busy: string } | { readonly refused: string } => {
  const { name = 'fault', message = '', $metadata } = fault as { name?: string; message?: string; $metadata?: { httpStatusCode?: number } };
  const why = cut(`${name}: ${message}`, 300);
  return isBusy($metadata?.httpStatusCode, name) || races.test(name) ? { busy: why } : { refused: why };
};

export const createAliases = (lambdaAt: LambdaAt): Aliases => {
  const call = async <T>(
    place: AwsPlace,
    name: string,
    act: (client: LambdaClient, signal: AbortSignal) => Promise<Reply<T>>,
  ): Promise<Reply<T>> => {
    const client = await lambdaAt(place, name);
    if ('failed' in client) return replyOf(client);
    return act(client, AbortSignal.timeout(callMs)).catch(replyTo);
  };
  return {
    read: (place, name, alias) =>
      call<AliasState>(place, name, async (client, abortSignal) => {
        const command = new GetAliasCommand({ FunctionName: name, Name: alias });
        const { FunctionVersion, RevisionId, RoutingConfig } = await client.send(command, { abortSignal });
        if (!FunctionVersion || !RevisionId) return { refused: `Lambda says no version of the alias ${alias}` };
        const split = Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {}).length > 0;
        return { ok: { version: FunctionVersion, revision: RevisionId, split } };
      }),
    digestOf: (place, name, version) =>
      call<string>(place, name, async (client, abortSignal) => {
        const command = new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: version });
        const { CodeSha256 = '' } = await client.send(command, { abortSignal });
        const digest = codeDigest(CodeSha256);
        return digest === undefined ? { refused: `Lambda says no digest of version ${version}` } : { ok: digest };
      }),
    point: (place, name, alias, { version, revision }) =>
      call<null>(place, name, async (client, abortSignal) => {
        const command = new UpdateAliasCommand({
          FunctionName: name,
          Name: alias,
          FunctionVersion: version,
          RevisionId: revision,
          // Without it, Lambda keeps the weights that the alias has.
          RoutingConfig: { AdditionalVersionWeights: {} },
        });
        await client.send(command, { abortSignal });
        return { ok: null };
      }),
  };
};

export const createFunctions = (lambdaAt: LambdaAt): Functions => ({
  invoke: async (place, name, request) => {
    const client = await lambdaAt(place, name);
    if ('failed' in client) return replyOf(client);
    const abortSignal = AbortSignal.timeout(invocationMs);
    const command = new InvokeCommand({
      FunctionName: name,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(JSON.stringify(request)),
    });
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      const answer = jsonOf(Payload);
      if (FunctionError === undefined) return { ok: answer };
      const said = (answer as { readonly errorMessage?: unknown } | null)?.errorMessage;
      return { refused: `it failed: ${cut(typeof said === 'string' ? said : FunctionError, 200)}` };
    } catch (fault) {
      return abortSignal.aborted ? { refused: `it did not answer within ${invocationMs / 1000} seconds` } : replyTo(fault);
    }
  },
});

/** Null where it is no JSON. */
const jsonOf = (payload: Uint8Array | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
  } catch {
    return null;
  }
};
