import { run } from '../../lib/cli/main.ts';
import { bytes } from './parsed.ts';
import { terminal } from './terminal.ts';

/** Runs a command in a repository with these files, or in a folder of one; no server is known. */
export const inRepository = async (argv: readonly string[], files: Readonly<Record<string, string>>, grep = '', folder = '') => {
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  const { io, said } = terminal(
    undefined,
    {},
    {
      readFile: async (path) => (files[path] === undefined ? Promise.reject(missing(path)) : bytes(files[path])),
      entryOf: async (path) => {
        const text = files[path];
        if (text === undefined) throw missing(path);
        return { kind: 'file', bytes: text.length, modifiedAt: new Date(0), version: '1' };
      },
      output: async (_command, [name, option]) => {
        if (name === 'grep') return { code: grep === '' ? 1 : 0, text: grep };
        if (option === '--show-prefix') return { code: 0, text: folder === '' ? '\n' : `${folder}/\n` };
        if (name === 'rev-parse') return { code: 0, text: '/work/My Shop\n' };
        return {
          code: 0,
          text: Object.keys(files)
            .map((path) => `${path}\0`)
            .join(''),
        };
      },
    },
  );
  const code = await run([...argv], { ...io, env: {} });
  return { code, said, out: said.out, err: said.err };
};
