/** How a language writes comments and strings, as far as they must be distinguished. */
export type Language = {
  /** What begins a comment that ends with the line. */
  readonly line: readonly string[];
  /** What begins and ends a comment of several lines. */
  readonly block: readonly (readonly [from: string, to: string])[];
  /** What begins and ends a string; `lines`: it may go over several. */
  readonly strings: readonly { readonly from: string; readonly to: string; readonly lines?: true; readonly raw?: true }[];
  /** A string that stands alone as a statement is documentation, and counts as a comment. */
  readonly docStrings?: true;
  /** `/…/` is a regular expression where no operand stands before it. */
  readonly regex?: true;
};

const quotes = [
  { from: '"', to: '"' },
  { from: "'", to: "'" },
] as const;
const c: Language = { line: ['//'], block: [['/*', '*/']], strings: quotes };
const javascript: Language = { ...c, strings: [...quotes, { from: '`', to: '`', lines: true }], regex: true };
const go: Language = { ...c, strings: [...quotes, { from: '`', to: '`', lines: true, raw: true }] };
const jvm: Language = { ...c, strings: [{ from: '"""', to: '"""', lines: true }, ...quotes] };
/** A lifetime looks like the start of a character, so only double quotes begin a string. */
const rust: Language = { ...c, strings: [{ from: '"', to: '"', lines: true }] };
const python: Language = {
  line: ['#'],
  block: [],
  strings: [{ from: '"""', to: '"""', lines: true }, { from: "'''", to: "'''", lines: true }, ...quotes],
  docStrings: true,
};
const hash: Language = { line: ['#'], block: [], strings: quotes };
const ruby: Language = { ...hash, block: [['=begin', '=end']] };
const php: Language = { ...c, line: ['//', '#'] };
const sql: Language = { line: ['--'], block: [['/*', '*/']], strings: [{ from: "'", to: "'", lines: true, raw: true }] };
const markup: Language = { line: [], block: [['<!--', '-->']], strings: [] };
/** Files that hold markup, script and styles. */
const component: Language = {
  ...javascript,
  block: [
    ['<!--', '-->'],
    ['/*', '*/'],
  ],
};

const byEnding: Readonly<Record<string, Language>> = {
  ...of(javascript, 'js jsx mjs cjs ts tsx mts cts'),
  ...of(c, 'c h cc cpp cxx hpp hh cs m mm swift dart proto scss less css graphql gql'),
  ...of(go, 'go'),
  ...of(jvm, 'java kt kts scala groovy gradle'),
  ...of(rust, 'rs'),
  ...of(python, 'py pyi'),
  ...of(hash, 'sh bash zsh yaml yml toml tf tfvars hcl pl pm r ex exs nix ps1 psm1 mk conf ini properties'),
  ...of(ruby, 'rb rake gemspec'),
  ...of(php, 'php'),
  ...of(sql, 'sql lua hs elm'),
  ...of(markup, 'html htm xml svg'),
  ...of(component, 'vue svelte astro'),
};

const byName: Readonly<Record<string, Language>> = {
  dockerfile: hash,
  containerfile: hash,
  makefile: hash,
  rakefile: ruby,
  gemfile: ruby,
  jenkinsfile: jvm,
};

function of(language: Language, endings: string): Readonly<Record<string, Language>> {
  return Object.fromEntries(endings.split(' ').map((ending) => [ending, language]));
}

/** The language of a file by its name; undefined where it is not known. */
export const languageOf = (path: string): Language | undefined => {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const [, ending = ''] = /\.([a-z0-9]+)$/.exec(name) ?? [];
  const own = Object.hasOwn(byName, name) ? byName[name] : undefined;
  return own ?? (Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined);
};
