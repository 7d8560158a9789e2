import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  CreateAliasCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  ResourceConflictException,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';

/** The deployed sample: one function whose alias `live` is what production is. */
export const alias = 'live';
/** Where the way back is tried before the release. */
const rehearsal = 'rehearsal';

export type Built = { readonly version: string; readonly digest: string };

export const createSample = (functionName: string) => {
  const client = new LambdaClient({});
  const shiftTo = async (version: string, name: string): Promise<void> => {
    await client.send(new UpdateAliasCommand({ FunctionName: functionName, Name: name, FunctionVersion: version }));
  };
  const readAlias = async (name: string): Promise<Built> => {
    const { FunctionVersion } = await client.send(new GetAliasCommand({ FunctionName: functionName, Name: name }));
    const { CodeSha256 } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: FunctionVersion }),
    );
    if (FunctionVersion === undefined || CodeSha256 === undefined)
      throw new Error(`the alias ${name} of the sample function names no version or no digest`);
    return { version: FunctionVersion, digest: digestOf(CodeSha256) };
  };
  const ask = async (qualifier: string): Promise<{ readonly ok: boolean; readonly release?: string }> => {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: functionName, Qualifier: qualifier, Payload: JSON.stringify({ ask: 'health' }) }),
    );
    if (answer.FunctionError !== undefined || answer.Payload === undefined) return { ok: false };
    return JSON.parse(Buffer.from(answer.Payload).toString()) as { ok: boolean; release?: string };
  };
  return {
    functionName,
    /** Asks a version or an alias; the answer is the function's own. */
    ask,
    /** Builds the release's code, uploads it and publishes a version of it; what is live does not change. */
    publish: async (release: string): Promise<Built> => {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile: await zipped(release) }));
      const { Version, CodeSha256 } = await client.send(new PublishVersionCommand({ FunctionName: functionName, Description: release }));
      if (Version === undefined || CodeSha256 === undefined)
        throw new Error('the sample function was published without a version or a digest');
      return { version: Version, digest: digestOf(CodeSha256) };
    },
    /** Tries the way back on an alias that nobody uses: forward to the release, back to what is live, and asked there. Says what it saw. */
    rehearse: async (version: string): Promise<string> => {
      const live = await readAlias(alias);
      await client
        .send(new CreateAliasCommand({ FunctionName: functionName, Name: rehearsal, FunctionVersion: live.version }))
        .catch((fault: unknown) => {
          if (!(fault instanceof ResourceConflictException)) throw fault;
        });
      await shiftTo(version, rehearsal);
      const forward = await readAlias(rehearsal);
      await shiftTo(live.version, rehearsal);
      const back = await readAlias(rehearsal);
      const { ok } = await ask(rehearsal);
      if (!ok || back.digest !== live.digest)
        throw new Error(
          `the way back does not work: version ${back.version} has ${back.digest}, ${live.digest} is live, and it ${ok ? 'answers' : 'does not answer'}`,
        );
      return `The alias ${rehearsal} was shifted to version ${forward.version} and back to version ${back.version}, which is live; the digest read back is ${back.digest}, and it answers.`;
    },
    /** Production changes here. */
    shift: (version: string): Promise<void> => shiftTo(version, alias),
    /** What is live, read back: the digest of the code behind the alias. */
    readBack: (): Promise<Built> => readAlias(alias),
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
