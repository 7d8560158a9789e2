import { Unreachable } from '../api/unreachable.ts';
import { Usage } from '../cli/io.ts';
import { localStatus, localToken } from './commands.ts';
import { LocalFault } from './local-fault.ts';

type Access = { readonly url: string; readonly tokenOf: (who: string) => Promise<string> };

/** The running local stage, or undefined when no stage is running. The command line uses it when no other address is configured. */
export const localAccess = async (folder?: string): Promise<Access | undefined> => {
  const { state, publicUrl, people } = await withCliErrors(async () => localStatus({ folder }));
  if (state === 'dead')
    throw new Unreachable(
      'the local stage ended without being stopped; run `node bin/holdpoint.mjs local down` to clean up and `node bin/holdpoint.mjs local up` to start it',
    );
  if (state === 'partly-up')
    throw new Unreachable('only a part of the local stage is running; `node bin/holdpoint.mjs local up` starts the rest');
  if (state === 'down' || publicUrl === null) return undefined;
  return {
    url: publicUrl,
    // The caller may name a role instead of a person; in the local roster one person has it.
    tokenOf: (who) => withCliErrors(() => localToken(people.find(({ roles }) => roles.includes(who))?.login ?? who, { folder })),
  };
};

/** Converts local faults into the two errors that the command line handles. */
const withCliErrors = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((thrown: unknown) => {
    if (!(thrown instanceof LocalFault)) throw thrown;
    if (thrown.type === 'person-unknown') throw new Usage(thrown.message, { cause: thrown });
    throw new Unreachable(thrown.message, { cause: thrown });
  });
