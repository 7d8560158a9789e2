import { Unreachable } from '../api/client.ts';
import { Usage } from '../cli/io.ts';
import { localStatus, localToken } from './commands.ts';
import { LocalFault } from './error-document.ts';

type Access = { readonly url: string; readonly tokenOf: (who: string) => Promise<string> };

/** What the command line uses when nothing else says where to go: the running local stage, if there is one. */
export const localAccess = async (folder?: string): Promise<Access | undefined> => {
  const { state, publicUrl, people } = await understood(async () => localStatus({ folder }));
  if (state === 'dead')
    throw new Unreachable(
      'the local stage has ended without being stopped; `npx holdpoint local down` clears it away, `npx holdpoint local up` starts it',
    );
  if (state === 'partly-up') throw new Unreachable('the local stage is up in part only; `npx holdpoint local up` starts the rest');
  if (state === 'down' || publicUrl === null) return undefined;
  return {
    url: publicUrl,
    // A role stands for the person who holds it here.
    tokenOf: (who) => understood(() => localToken(people.find(({ roles }) => roles.includes(who))?.login ?? who, { folder })),
  };
};

/** The command line knows two ways in which nobody answers: a name that nobody has, and a stage that is not there. */
const understood = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((thrown: unknown) => {
    if (!(thrown instanceof LocalFault)) throw thrown;
    if (thrown.type === 'person-unknown') throw new Usage(thrown.message, { cause: thrown });
    throw new Unreachable(thrown.message, { cause: thrown });
  });
