/** How a language writes comments and strings, as far as they must be distinguished. */
export type Language = {
  /** What begins a comment that ends with the line. */
  readonly line: readonly string[];
  /** What begins and ends a comment of several lines. */
  readonly block: readonly (readonly [from: string, to: string])[];
  /** What begins and ends a string; `lines`: it may go over several; `holes`: code may stand in it. */
  readonly strings: readonly StringForm[];
  /** What begins a string whose end is the sign behind it, or the bracket that closes it, which the expression captures: `%w[`. */
  readonly bracketed?: RegExp;
  /** Only what stands between these is of the language, and what stands around it is a page with comments of its own. */
  readonly within?: { readonly opens: RegExp; readonly closes: RegExp };
  /** A comment of several lines may hold others, which must all end. */
  readonly nested?: true;
  /** What begins a text that goes up to a line with its name, which the expression captures: `<<EOF`. */
  readonly heredoc?: RegExp;
  /** A string that stands alone as a statement is documentation, and counts as a comment. */
  readonly docStrings?: true;
  /** `/…/` is a regular expression where no operand stands before it. */
  readonly regex?: true;
  /** Elements of JSX may stand where an expression may. */
  readonly jsx?: true;
};

/** `plain`: a hole in which no comment can stand. `twice`: what begins the hole stands for itself where it is written twice. */
type Hole = { readonly from: string; readonly to: string; readonly plain?: true; readonly twice?: true };
export type StringForm = {
  readonly from: string;
  readonly to: string;
  readonly lines?: true;
  readonly raw?: true;
  readonly holes?: readonly Hole[];
};

const quotes = [
  { from: '"', to: '"' },
  { from: "'", to: "'" },
] as const;
const c: Language = { line: ['//'], block: [['/*', '*/']], strings: quotes };
const dollar = [{ from: '${', to: '}' }] as const;
const javascript: Language = { ...c, strings: [...quotes, { from: '`', to: '`', lines: true, holes: dollar }], regex: true };
const go: Language = { ...c, strings: [...quotes, { from: '`', to: '`', lines: true, raw: true }] };
const tripled = { from: '"""', to: '"""', lines: true } as const;
const jvm: Language = { ...c, strings: [tripled, ...quotes] };
const withHoles = (from: string, holes: readonly Hole[]): readonly StringForm[] => [
  { from: from.repeat(3), to: from.repeat(3), lines: true, holes },
  { from, to: from, holes },
];
const groovy: Language = { ...c, strings: [...withHoles('"', dollar), { from: "'''", to: "'''", lines: true }, ...quotes] };
/** Kotlin, Scala, Swift and Dart nest their comments; Java and Groovy do not. */
const kotlin: Language = { ...c, strings: [...withHoles('"', dollar), ...quotes], nested: true };
const scala: Language = {
  ...jvm,
  strings: [
    ...['s', 'f', 'raw'].flatMap((prefix) => withHoles('"', dollar).map((form) => ({ ...form, from: prefix + form.from }))),
    ...jvm.strings,
  ],
  nested: true,
};
const dart: Language = { ...c, strings: [...withHoles('"', dollar), ...withHoles("'", dollar)], nested: true };
const swift: Language = { ...c, strings: withHoles('"', [{ from: '\\(', to: ')' }]), nested: true };
/** In a verbatim string a backslash is a backslash, and a quotation mark is written twice. */
const csharp: Language = {
  ...c,
  strings: [
    { from: '$"""', to: '"""', lines: true, raw: true, holes: [{ from: '{', to: '}', twice: true }] },
    ...['$@"', '@$"'].map((from) => ({ from, to: '"', lines: true, raw: true, holes: [{ from: '{', to: '}', twice: true }] }) as const),
    { from: '@"', to: '"', lines: true, raw: true },
    { from: '$"', to: '"', holes: [{ from: '{', to: '}', twice: true }] },
    tripled,
    ...quotes,
  ],
};
/** A lifetime looks like the start of a character, so of characters only the quotation mark counts. */
const rust: Language = {
  ...c,
  strings: [
    { from: "'\"'", to: '', raw: true },
    { from: "'\\\"'", to: '', raw: true },
    { from: 'r##"', to: '"##', lines: true, raw: true },
    { from: 'r#"', to: '"#', lines: true, raw: true },
    { from: 'r"', to: '"', lines: true, raw: true },
    { from: '"', to: '"', lines: true },
  ],
  nested: true,
};
const python: Language = {
  line: ['#'],
  block: [],
  strings: [
    // A sign such as `#` behind a colon is a format there, so no comment is looked for.
    ...['f', 'F', 'rf', 'fr', 'Rf', 'fR'].flatMap((prefix) =>
      ['"', "'"].flatMap((quote) =>
        withHoles(quote, [{ from: '{', to: '}', plain: true, twice: true }]).map((form) => ({ ...form, from: prefix + form.from })),
      ),
    ),
    tripled,
    { from: "'''", to: "'''", lines: true },
    ...quotes,
  ],
  docStrings: true,
};
const hash: Language = { line: ['#'], block: [], strings: quotes };
const heredoc = /<<[-~]?\s*(["'`]?)([A-Za-z_]\w*)\1/y;
/** Strings go over lines. In single quotes a backslash is a backslash; in double ones commands may stand. */
const shell: Language = {
  ...hash,
  strings: [
    { from: "'", to: "'", lines: true, raw: true },
    {
      from: '"',
      to: '"',
      lines: true,
      holes: [
        { from: '$(', to: ')', plain: true },
        { from: '${', to: '}', plain: true },
      ],
    },
  ],
  heredoc,
};
const long = [
  { from: '"', to: '"', lines: true },
  { from: "'", to: "'", lines: true },
] as const;
const ruby: Language = {
  ...hash,
  strings: [
    { from: '"', to: '"', lines: true, holes: [{ from: '#{', to: '}' }] },
    { from: "'", to: "'", lines: true },
  ],
  bracketed: /%[wWiIqQrsx]?([[({<|!/])/y,
  block: [['\n=begin', '\n=end']],
  heredoc: /<<[-~]?(["'`]?)([A-Z_]\w*)\1/y,
};
const perl: Language = {
  ...hash,
  strings: long,
  bracketed: /\bq[qwrx]?\s*([[({<|!/])/y,
  block: [
    ['\n=pod', '\n=cut'],
    ['\n=head', '\n=cut'],
  ],
  heredoc,
};
const php: Language = {
  ...c,
  line: ['//', '#'],
  strings: long,
  within: { opens: /<\?(?:php\b|=)?/g, closes: /\?>/y },
  heredoc: /<<<[ \t]*(["']?)([A-Za-z_]\w*)\1/y,
};
const powershell: Language = { ...hash, block: [['<#', '#>']] };
const hcl: Language = { ...c, line: ['#', '//'], heredoc };
const nix: Language = { ...hash, block: c.block };
const ini: Language = { line: ['#', ';'], block: [], strings: [] };
const properties: Language = { line: ['#'], block: [], strings: [] };
const graphql: Language = { ...hash, strings: [tripled, ...quotes] };
const sql: Language = { line: ['--'], block: [['/*', '*/']], strings: [{ from: "'", to: "'", lines: true, raw: true }] };
const lua: Language = {
  line: ['--'],
  block: [
    ['--[[', ']]'],
    ['--[=[', ']=]'],
  ],
  strings: [{ from: '[[', to: ']]', lines: true, raw: true }, ...quotes],
};
/** A name may end with an apostrophe, so only double quotes begin a string. */
const haskell: Language = { line: ['--'], block: [['{-', '-}']], strings: [{ from: '"', to: '"' }], nested: true };
const markup: Language = { line: [], block: [['<!--', '-->']], strings: [] };
/** Files that hold markup, script and styles. */
const component: Language = { ...javascript, within: { opens: /<(?:script|style)\b[^>]*>/gi, closes: /<\/(?:script|style)\s*>/iy } };
/** Between its first two fences stands code. */
const astro: Language = {
  ...javascript,
  within: { opens: /^---$|<(?:script|style)\b[^>]*>/gim, closes: /(?<=\n)---(?=\n)|<\/(?:script|style)\s*>/iy },
};

const byEnding: Readonly<Record<string, Language>> = {
  ...of(javascript, 'mjs cjs ts mts cts'),
  ...of({ ...javascript, jsx: true }, 'js jsx tsx'),
  ...of(c, 'c h cc cpp cxx hpp hh m mm proto scss less css'),
  ...of(go, 'go'),
  ...of(jvm, 'java'),
  ...of(groovy, 'groovy gradle'),
  ...of(kotlin, 'kt kts'),
  ...of(scala, 'scala'),
  ...of(swift, 'swift'),
  ...of(dart, 'dart'),
  ...of(csharp, 'cs'),
  ...of(rust, 'rs'),
  ...of(python, 'py pyi'),
  ...of(shell, 'sh bash zsh'),
  ...of(hash, 'yaml yml toml r ex exs mk conf'),
  ...of(hcl, 'tf tfvars hcl'),
  ...of(perl, 'pl pm'),
  ...of(nix, 'nix'),
  ...of(powershell, 'ps1 psm1 psd1'),
  ...of(ini, 'ini'),
  ...of(properties, 'properties'),
  ...of(graphql, 'graphql gql'),
  ...of(ruby, 'rb rake gemspec'),
  ...of(php, 'php'),
  ...of(sql, 'sql'),
  ...of(lua, 'lua'),
  ...of(haskell, 'hs elm'),
  ...of(markup, 'xml svg'),
  ...of(component, 'html htm vue svelte'),
  ...of(astro, 'astro'),
};

const byName: Readonly<Record<string, Language>> = {
  dockerfile: hash,
  containerfile: hash,
  makefile: hash,
  rakefile: ruby,
  gemfile: ruby,
  jenkinsfile: groovy,
};

function of(language: Language, endings: string): Readonly<Record<string, Language>> {
  return Object.fromEntries(endings.split(' ').map((ending) => [ending, language]));
}

/** Interpreters that a script names in its first line, without their version: `python3.12` is `python`. */
const byInterpreter: Readonly<Record<string, Language>> = {
  ...of(shell, 'sh bash zsh dash ash ksh'),
  ...of(javascript, 'node nodejs deno bun'),
  ...of(python, 'python pypy'),
  ...of(hash, 'make rscript awk gawk sed elixir'),
  ...of(ruby, 'ruby'),
  ...of(perl, 'perl'),
  ...of(php, 'php'),
  ...of(lua, 'lua luajit'),
  ...of(groovy, 'groovy'),
  ...of(powershell, 'pwsh'),
};

/** Whether only its first line can tell the language of a file: its name has no ending. */
export const isUnnamed = (path: string): boolean => !nameIn(path).includes('.') && languageOf(path) === undefined;

/** The language of a file by its name, or by the interpreter in the first line of one without an ending; undefined where it is not known. */
export const languageOf = (path: string, source = ''): Language | undefined => {
  const name = nameIn(path);
  const [, ending] = /\.([a-z0-9]+)$/.exec(name) ?? [];
  const known = get(byName, name) ?? get(byEnding, ending ?? '');
  return known ?? (name.includes('.') ? undefined : get(byInterpreter, interpreterOf(source)));
};

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();
const get = (languages: Readonly<Record<string, Language>>, name: string): Language | undefined =>
  Object.hasOwn(languages, name) ? languages[name] : undefined;

/** `#!/bin/bash`, and `#!/usr/bin/env -S NAME=value python3 -u`. */
const interpreterOf = (source: string): string => {
  const [first = '', ...others] = (/^#!([^\n]*)/.exec(source)?.[1] ?? '').trim().split(/\s+/);
  const program = /(?:^|\/)env$/.test(first) ? (others.find((word) => !/^-|=/.test(word)) ?? '') : first;
  return /^[a-z]*/.exec(program.slice(program.lastIndexOf('/') + 1).toLowerCase())?.[0] ?? '';
};
