import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
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

/** The deployed sample: one function whose alias `live` is what production is. */
export const alias = 'live';

export type Built = { readonly version: string; readonly digest: string };

export const createSample = (functionName: string) => {
  const client = new LambdaClient({});
  return {
    functionName,
    /** Builds the release's code, uploads it and publishes a version of it; what is live does not change. */
    publish: async (release: string): Promise<Built> => {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile: await zipped(release) }));
      const { Version, CodeSha256 } = await client.send(new PublishVersionCommand({ FunctionName: functionName, Description: release }));
      if (Version === undefined || CodeSha256 === undefined)
        throw new Error('the sample function was published without a version or a digest');
      return { version: Version, digest: digestOf(CodeSha256) };
    },
    /** Production changes here. */
    shift: async (version: string): Promise<void> => {
      await client.send(new UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: version }));
    },
    /** What is live, read back: the digest of the code behind the alias. */
    readBack: async (): Promise<Built> => {
      const { FunctionVersion } = await client.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
      const { CodeSha256 } = await client.send(
        new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: FunctionVersion }),
      );
      if (FunctionVersion === undefined || CodeSha256 === undefined)
        throw new Error('the alias of the sample function names no version or no digest');
      return { version: FunctionVersion, digest: digestOf(CodeSha256) };
    },
    /** Asks a version or the alias; the answer is the function's own. */
    ask: async (qualifier: string): Promise<{ readonly ok: boolean; readonly release?: string }> => {
      const answer = await client.send(
        new InvokeCommand({ FunctionName: functionName, Qualifier: qualifier, Payload: JSON.stringify({ ask: 'health' }) }),
      );
      if (answer.FunctionError !== undefined || answer.Payload === undefined) return { ok: false };
      return JSON.parse(Buffer.from(answer.Payload).toString()) as { ok: boolean; release?: string };
    },
  };
};
export type Sample = ReturnType<typeof createSample>;

/** Lambda gives a digest in base64. */
const digestOf = (base64: string): string => `sha256:${Buffer.from(base64, 'base64').toString('hex')}`;

/** The sample's source with the release stamped into it, as a ZIP that is the same for the same input. */
const zipped = async (release: string): Promise<Buffer> => {
  const source = readFileSync(fileURLToPath(new URL('../../stack/sample-app/index.mjs', import.meta.url)), 'utf8');
  const zip = new ZipFile();
  const at = { mtime: new Date('2026-01-01T00:00:00Z'), mode: 0o100644 };
  zip.addBuffer(Buffer.from(source), 'index.mjs', at);
  zip.addBuffer(Buffer.from(JSON.stringify({ release })), 'release.json', at);
  const bytes = buffer(zip.outputStream);
  zip.end();
  await Promise.race([bytes, once(zip, 'error').then(([fault]) => Promise.reject(fault))]);
  return bytes;
};
