import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleCli } from './bundle-cli.ts';

/**
 * `npm run build:cli` writes the command line as one file to dist/cli. `npm pack` packs that file: npm packs the package.json of the folder
 * as it is, so `prepack` (--package) puts one without dependencies in its place, and `postpack` (--restore) puts the checkout's back.
 */
const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [manifest, kept, file] = [at('package.json'), at('dist/package.checkout.json'), 'dist/cli/holdpoint.mjs'];

type Manifest = Readonly<Record<string, unknown>> & { readonly scripts: Readonly<Record<string, string>> };

/** The manifest of the package. npm reads `postpack` from it, too. */
const packaged = (checkout: string): string => {
  const { name, version, description, license, type, engines, scripts } = JSON.parse(checkout) as Manifest;
  const bin = { holdpoint: file };
  const { postpack } = scripts;
  // Private until its name is owned on the registry: `npm publish` refuses it.
  const members = { name, version, description, license, private: true, type, engines, bin, files: ['dist/cli'], scripts: { postpack } };
  return `${JSON.stringify(members, null, 2)}\n`;
};

const build = async (): Promise<void> => {
  const { contents } = await bundleCli();
  rmSync(at('dist/cli'), { recursive: true, force: true });
  mkdirSync(at('dist/cli'), { recursive: true });
  writeFileSync(at(file), contents);
  chmodSync(at(file), 0o755);
};

/** Puts the checkout's package.json back, unless somebody changed the packaged one meanwhile. */
const restore = (): void => {
  if (!existsSync(kept)) return;
  const checkout = readFileSync(kept, 'utf8');
  if (readFileSync(manifest, 'utf8') === packaged(checkout)) renameSync(kept, manifest);
  else rmSync(kept);
};

const [step] = process.argv.slice(2);
if (step === '--restore') restore();
else {
  // An earlier `npm pack` may have been killed in between.
  restore();
  await build();
  if (step === '--package') {
    const checkout = readFileSync(manifest, 'utf8');
    writeFileSync(kept, checkout);
    writeFileSync(manifest, packaged(checkout));
  }
}
