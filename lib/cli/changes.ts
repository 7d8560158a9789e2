import * as z from 'zod';
import { emptyTrees, isEmptyTree } from '../evidence/empty-trees.ts';
import { schemaOf } from '../evidence/record.ts';
import { changes as changesRecord } from '../evidence/records/changes.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { commitOf, git } from './git.ts';
import { type Command, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { writeRecord } from './write-record.ts';

const options = { base: { type: 'string' }, head: { type: 'string' }, output: { type: 'string' } } as const;

export const changes: Command = {
  usage: [
    'holdpoint changes --base COMMIT [--head COMMIT] [--output FILE]',
    '',
    'Lists the files that differ between two commits, as git does. COMMIT after --base is that of the live version, and after --head that of the',
    `release (default: HEAD). For a first release --base is git's empty tree, ${emptyTrees[0]}: then every file is listed.`,
    'The check about coverage then names each production file among them that no coverage report has. The list counts when it begins at the commit',
    'of the version that is live. A renamed file is one that was deleted and one that was added.',
  ].join('\n'),
  binds: 'the files that differ between --base and --head, each commit by its whole id; nothing is sent to Holdpoint',
  defaults: '--head HEAD, --output changes.record.json',
  examples: ['holdpoint changes --base $OLD_COMMIT', 'holdpoint changes --base $OLD_COMMIT --head $COMMIT --output final.record.json'],
  prints: z.object({ file: z.string(), ...schemaOf(changesRecord).shape }),
  run: async (argv, io) => {
    const { values } = read(argv, options, []);
    const given = need(values.base, 'base');
    const base = isEmptyTree(given) ? given : await commitOf(io, 'base', given);
    const head = await commitOf(io, 'head', values.head ?? 'HEAD');
    const files = filesIn(await git(io, [...diff, base, head, '--']));
    const record = { schema: 'holdpoint.changes/1', at: io.now().toISOString(), tool: 'holdpoint changes, git diff', base, head, files };
    const output = values.output ?? 'changes.record.json';
    await writeRecord(io, changesRecord, { record, output });
    io.out(values.json ? jsonText({ file: output, ...record }) : `${summaryOf(files, output)}\n`);
    return 0;
  },
};

/** The same whatever the machine is set to: the whole repository, and a submodule that moved is a change, too. */
const diff = ['diff', '--name-status', '--no-renames', '--no-relative', '--no-ext-diff', '--ignore-submodules=none', '-z'] as const;

type Changed = { readonly path: string; readonly change: 'added' | 'modified' | 'deleted' };

/** Of each file a status and its path. Whatever is neither added nor deleted (T: it has another type) is modified. */
const filesIn = (text: string): readonly Changed[] => {
  const fields = text.split('\0').filter((field) => field !== '');
  return Array.from({ length: fields.length / 2 }, (_, place) => {
    const [status, path] = [fields[2 * place] ?? '', fields[2 * place + 1] ?? ''];
    if (!/^[ADMT]$/.test(status)) throw new Usage(`git says ${status} of ${path}, which no commit has: resolve it and commit`);
    return { path, change: status === 'A' ? 'added' : status === 'D' ? 'deleted' : 'modified' };
  });
};

const summaryOf = (files: readonly Changed[], output: string): string => {
  const having = (change: Changed['change']): number => files.filter((one) => one.change === change).length;
  return `${counted(files.length, 'file differs', 'files differ')}: ${having('added')} added, ${having('modified')} modified, ${having('deleted')} deleted.\nThe record is in ${plain(output)}.`;
};
