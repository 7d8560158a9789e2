import { baseChecklist } from '../checklist/checklist.ts';
import type { Checklist } from '../checklist/definition.ts';
import { profiled } from '../profile/apply.ts';
import { type Misfit, type Mistake, readProfile } from '../profile/read.ts';
import type { Profile } from '../profile/schema.ts';
import { bytesIn } from './given-file.ts';
import { type Io, Usage } from './io.ts';
import { plain } from './plain.ts';

/** A profile from a file, and the shipped definition with it; or every mistake with its place. */
export type Given =
  | {
      readonly profile: Profile;
      readonly checklist: Checklist;
      readonly placed: (misfits: readonly Misfit[]) => readonly Mistake[];
    }
  | { readonly wrong: readonly Mistake[] };

export const profileIn = async (io: Io, file: string): Promise<Given> => {
  const read = readProfile(await bytesIn(io, file));
  if ('wrong' in read) return read;
  const { profile, placed } = read.ok;
  const result = profiled(baseChecklist, profile);
  if ('wrong' in result) return { wrong: placed(result.wrong) };
  return { profile, checklist: result.ok, placed };
};

/** The definition for a command that only uses the profile. Throws Usage with the first mistake. */
export const checklistWith = async (io: Io, file: string | undefined): Promise<Checklist> =>
  file === undefined ? baseChecklist : (await profileWith(io, file)).checklist;

/** The same with the profile itself. */
export const profileWith = async (io: Io, file: string): Promise<Pick<Extract<Given, { profile: Profile }>, 'profile' | 'checklist'>> => {
  const given = await profileIn(io, file);
  if (!('wrong' in given)) return given;
  const [first, ...more] = given.wrong;
  const others = more.length === 0 ? '' : ` (and ${more.length} more; \`holdpoint profile check ${file}\` lists all)`;
  throw new Usage(`${first === undefined ? file : mistakeText(file, first)}${others}`);
};

/** As compilers write it, so that terminals and editors make a link of it. */
export const mistakeText = (file: string, { line, column, member, message }: Mistake): string =>
  plain(`${file}:${line}:${column}: ${member === '' ? '' : `${member}: `}${message}`);
