import { type Io, Usage } from './io.ts';

/** What git says; throws Usage where there is no repository or no git. */
export const git = async (io: Io, args: readonly string[]): Promise<string> => {
  const { code, text } = await io.output('git', args);
  if (code === 127) throw new Usage('git is not installed: files and their commits are found by it');
  if (code !== 0) throw new Usage('git does not know these files: run the command inside of the repository, and commit the files first');
  return text;
};
