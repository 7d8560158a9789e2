import { localStatus, localToken } from './commands.ts';

/** What the command line uses when nothing else says where to go: the running local stage, if there is one. */
export const localAccess = async (): Promise<{ readonly url: string; readonly tokenOf: (who: string) => Promise<string> } | undefined> => {
  const { state, publicUrl, people } = localStatus();
  if (state !== 'up' || publicUrl === null) return undefined;
  return {
    url: publicUrl,
    // A role stands for the person who holds it here.
    tokenOf: (who) => localToken(people.find(({ roles }) => roles.includes(who))?.login ?? who),
  };
};
