import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { ownAddresses } from '../lib/stack/own-addresses.ts';

const entry = fileURLToPath(new URL('packaged.ts', import.meta.url));

/** `inputs`: the modules in the file, as paths from the root of the checkout. `atStart`: those that every command runs, also `--help`. */
export type Bundle = { readonly contents: Uint8Array; readonly inputs: readonly string[]; readonly atStart: readonly string[] };

/** Bytes. What it costs is the time to start: each command loads what it needs, so a larger file starts no slower command. */
export const mostCliBytes = 1_480_000;

/** The command line as one ES module for the oldest supported Node.js, with everything that it needs in it. */
export const bundleCli = async (): Promise<Bundle> => {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    minify: true,
    // Licences ask that their notices go along.
    legalComments: 'eof',
    charset: 'utf8',
    logLevel: 'error',
    plugins: [ownAddresses],
    banner: {
      // Some dependencies are CommonJS and call `require`, which an ES module does not have.
      js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const contents = outputFiles[0]?.contents;
  if (contents === undefined) throw new Error(`esbuild gave no bundle for ${entry}`);
  return { contents, inputs: Object.keys(metafile.inputs), atStart: startOf(metafile) };
};

/** What the entry reaches without `import()`, whose modules run when a command asks for them. */
const startOf = ({ inputs }: Metafile): readonly string[] => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind, external } of inputs[file]?.imports ?? []) if (kind !== 'dynamic-import' && !external) visit(path);
  };
  visit('bin/packaged.ts');
  return [...reached].sort();
};
