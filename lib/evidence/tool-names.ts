/** Tools that name themselves in several ways, by version, edition or wrapper. The first name is the one that facts and rules use. */
const aliases: readonly (readonly string[])[] = [
  ['gitleaks', 'gitleaks cli', 'gitleaks-action', 'gitleaks action', 'zricethezav/gitleaks', 'gitleaks/gitleaks'],
  ['secretlint', '@secretlint/core', '@secretlint/node', '@secretlint/secretlint-formatter-sarif', 'secretlint/secretlint'],
  ['trufflehog', 'trufflehog oss', 'trufflesecurity/trufflehog'],
  ['detect-secrets', 'yelp/detect-secrets', 'detect secrets'],
  ['semgrep', 'semgrep oss', 'semgrep ce', 'semgrep pro', 'semgrep code', 'semgrep cli'],
  ['codeql', 'codeql command-line toolchain', 'codeql cli', 'github codeql'],
  ['trivy', 'aqua trivy', 'aquasecurity/trivy', 'aqua security trivy'],
  ['eslint', '@microsoft/eslint-formatter-sarif'],
  ['biome', '@biomejs/biome'],
  ['grype', 'anchore grype'],
  ['bandit', 'pycqa bandit'],
  ['kics', 'checkmarx kics', 'keeping infrastructure as code secure'],
];

const canonicalNames: ReadonlyMap<string, string> = new Map(
  aliases.flatMap(([first = '', ...more]) => [first, ...more].map((name) => [name, first])),
);

/** One name for one tool, whatever its case and spelling: in lower case, and as the table of aliases has it. */
export const toolName = (written: string): string => {
  const name = written
    .trim()
    .toLowerCase()
    .replace(/\s+/g, ' ')
    // Codacy and MegaLinter run other tools and add their own names.
    .replace(/ \((reported by codacy|megalinter [^()]*)\)$/, '')
    .replace(/[ /@]v?\d+(\.\d+)+$/, '');
  return canonicalNames.get(name) ?? name;
};

/** Tools are known by all of their names; facts that were stored before the table of aliases have the name of the report. */
export const isOneOf = (tools: readonly string[]): ((tool: { readonly name: string }) => boolean) => {
  const names = new Set(tools.map(toolName));
  return ({ name }) => names.has(toolName(name));
};
