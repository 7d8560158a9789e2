import { type Io, Usage } from './io.ts';

/** What git says; throws Usage where there is no repository or no git. */
export const git = async (io: Io, args: readonly string[]): Promise<string> => {
  const { code, text } = await io.output('git', args);
  if (code === 127) throw new Usage('git is not installed: files and their commits are found by it');
  if (code !== 0) throw new Usage('git does not know these files: run the command inside of the repository, and commit the files first');
  return text;
};

/** The whole id of a commit that an option names, as git knows it. */
export const commitOf = async (io: Io, option: string, given: string): Promise<string> => {
  const { code, text } = await io.output('git', ['rev-parse', '--verify', '--end-of-options', `${given}^{commit}`]);
  if (code !== 0) throw new Usage(`--${option} ${given}: git does not know this commit; fetch the whole history`);
  return text.trim();
};
