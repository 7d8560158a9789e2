import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { sha256 } from './canonical-json.ts';

/**
 * The one script of the pages (lib/browser), as browsers get it. Here esbuild makes it when it is first imported; in a function its text stands
 * written (`writtenScript`, lib/stack/bundle.ts), so that no function carries esbuild.
 */
const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('./browser/main.ts', import.meta.url))],
  bundle: true,
  write: false,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  tsconfigRaw: {},
});

export const scriptText: string = outputFiles[0]?.text ?? '';

/** Names the text by its digest, so that a browser may keep it for ever. */
export const scriptFile: string = `console-${sha256(scriptText).slice(0, 16)}.js`;
