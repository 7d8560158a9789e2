/** What was found in a repository: everything that a starting profile is written from. */
export type Repository = {
  readonly service: string;
  /** Paths of all files that git knows. */
  readonly files: readonly string[];
  /** Names of what `package.json` depends on. */
  readonly dependencies: readonly string[];
  /** The OpenAPI document, and its operations as "GET /orders". */
  readonly openapi: { readonly path: string; readonly endpoints: readonly string[] } | undefined;
  /** Ports that a Dockerfile exposes. */
  readonly ports: readonly number[];
  /** Kinds of records that some file of the repository writes, such as `backup`. */
  readonly records: readonly string[];
  /** Tools and commands (`toolsLookedFor`) that the files name which say how the repository is built and released. */
  readonly tools: readonly string[];
};

const codeFile = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kts?|scala|groovy|rb|php|cs|swift|dart|cc?|cpp|cxx|vue|svelte)$/i;
export const isCodeFile = (path: string): boolean => codeFile.test(path);
