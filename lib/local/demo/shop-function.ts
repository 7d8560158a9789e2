import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import * as z from 'zod';
import { codeDigest } from '../../fields.ts';

/** The versions of the shop's function behind these aliases are the demo's production and staging. */
export type ShopAlias = 'live' | 'staging';
const liveAlias: ShopAlias = 'live';

export type PublishedVersion = { readonly version: string; readonly digest: string };

export const createShopFunction = (functionName: string) => {
  const client = new LambdaClient({});
  const readAlias = async (name: ShopAlias): Promise<PublishedVersion> => {
    const { FunctionVersion } = await client.send(new GetAliasCommand({ FunctionName: functionName, Name: name }));
    const { CodeSha256 } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: FunctionVersion }),
    );
    const digest = codeDigest(CodeSha256 ?? '');
    if (FunctionVersion === undefined || digest === undefined)
      throw new Error(`the alias ${name} of the shop's function has no version or no digest`);
    return { version: FunctionVersion, digest };
  };
  const isHealthy = async (qualifier: string): Promise<boolean> => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: functionName, Qualifier: qualifier, Payload: JSON.stringify(healthRequest) }),
    );
    if (answer.FunctionError !== undefined || answer.Payload === undefined) return false;
    return answerSchema.safeParse(JSON.parse(Buffer.from(answer.Payload).toString())).data?.statusCode === 200;
  };
  return {
    functionName,
    /** Asks a version or an alias for GET /health, without the API. */
    isHealthy,
    /** The variables of the live version. */
    readVariables: async (): Promise<Readonly<Record<string, string>>> => {
      const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: liveAlias }));
      return Environment?.Variables ?? {};
    },
    /** Uploads the release's code and publishes it as a version. The live version does not change. */
    publish: async (bundle: Buffer, description: string): Promise<PublishedVersion> => {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile: await zipped(bundle) }));
      const { Version, CodeSha256 } = await client.send(
        new PublishVersionCommand({ FunctionName: functionName, Description: description }),
      );
      const digest = codeDigest(CodeSha256 ?? '');
      if (Version === undefined || digest === undefined) throw new Error("the shop's function was published without a version or a digest");
      return { version: Version, digest };
    },
    /** Deploys the version: changes what runs behind the alias. */
    shift: async (version: string, alias: ShopAlias): Promise<void> => {
      await client.send(new UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: version }));
    },
    /** The version behind the alias, and the digest of its code. */
    read: readAlias,
  };
};
export type ShopFunction = ReturnType<typeof createShopFunction>;

/** GET /health as API Gateway would send it. */
const healthRequest = { rawPath: '/health', headers: {}, requestContext: { requestId: 'demo', http: { method: 'GET' } } };
const answerSchema = z.object({ statusCode: z.number() });

/** A reproducible ZIP file of the bundle: the same code has the same digest. */
const zipped = async (bundle: Buffer): Promise<Buffer> => {
  const zip = new ZipFile();
  zip.addBuffer(bundle, 'index.mjs', { mtime: new Date('2026-01-01T00:00:00Z'), mode: 0o100644 });
  const bytes = buffer(zip.outputStream);
  zip.end();
  await Promise.race([bytes, once(zip, 'error').then(([error]) => Promise.reject(error))]);
  return bytes;
};
