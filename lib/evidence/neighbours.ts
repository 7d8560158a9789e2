import { type Content, hasMembers } from './content.ts';

/** A format that Holdpoint does not read, and how its tool writes one that it reads. */
type Neighbour = { readonly name: string; readonly fix: string };
type Known = Neighbour & { readonly isShown: (content: Content, first: unknown) => boolean };

const root =
  (...names: readonly string[]) =>
  ({ elements }: Content): boolean =>
    names.includes(elements[0]?.name ?? '');
const members =
  (...names: readonly string[]) =>
  ({ json }: Content): boolean =>
    hasMembers(json, ...names);
const entry =
  (...names: readonly string[]) =>
  ({ json }: Content): boolean =>
    Array.isArray(json) && hasMembers(json[0], ...names);

const junitOfDotnet = 'Add the package JunitXml.TestLogger to the test project, and run `dotnet test --logger junit`.';
const reportGenerator = (file: string): string =>
  `Convert it: \`reportgenerator -reports:${file} -targetdir:coverage -reporttypes:Cobertura\` writes coverage/Cobertura.xml.`;
const trivyFix = (lock: string): string => `Send a report of Trivy, which reads ${lock}: \`trivy fs --format json --output trivy.json .\`.`;

/** Known by what their formats alone have. The options are those of the tools' documentation. */
const neighbours: readonly Known[] = [
  { name: 'a test report of Visual Studio (TRX)', isShown: root('testrun'), fix: junitOfDotnet },
  { name: 'a test report of xUnit.net', isShown: root('assemblies'), fix: junitOfDotnet },
  { name: 'a test report of NUnit', isShown: root('test-run', 'test-results'), fix: junitOfDotnet },
  {
    name: 'a test report of TestNG',
    isShown: root('testng-results'),
    fix: 'Send the JUnit files that TestNG writes beside it: junitreports/TEST-*.xml, or TEST-*.xml in surefire-reports with Maven.',
  },
  {
    name: 'a test report of Robot Framework',
    isShown: root('robot'),
    fix: 'Convert it: `rebot --xunit junit.xml output.xml`.',
  },
  {
    name: 'a test report of CTest',
    isShown: root('site'),
    fix: 'Run `ctest --output-junit junit.xml` (CMake 3.21 and later).',
  },
  {
    name: 'the output of `go test -json`',
    isShown: (_content, first) => hasMembers(first, 'Action', 'Package'),
    fix: 'Run `gotestsum --junitfile junit.xml`.',
  },
  {
    name: 'a test report of Jest or Vitest as JSON',
    isShown: members('numTotalTests', 'testResults'),
    fix: 'Use the reporter jest-junit, or `vitest run --reporter=junit --outputFile=junit.xml`.',
  },
  {
    name: 'a coverage report of Clover',
    isShown: ({ elements: [first, second] }) =>
      first?.name === 'coverage' && (first.attributes.clover !== undefined || second?.name === 'project'),
    fix: 'Use `phpunit --coverage-cobertura cobertura.xml`, the reporter lcov of Istanbul, Jest or Vitest, or convert it with ReportGenerator (-reporttypes:Cobertura).',
  },
  {
    name: 'a coverage report of coverage.py as JSON',
    isShown: ({ json }) => hasMembers(json, 'meta', 'files', 'totals'),
    fix: 'Run `coverage lcov` or `coverage xml` (pytest-cov: --cov-report=lcov).',
  },
  {
    name: "Istanbul's coverage-final.json",
    isShown: ({ json }) => hasMembers(json) && Object.values(json).some((one) => hasMembers(one, 'path', 'statementMap', 's')),
    fix: 'Use the reporter lcov: `nyc report --reporter=lcov`, `c8 report --reporter=lcov`, `jest --coverage --coverageReporters=lcov`.',
  },
  {
    name: 'a cover profile of Go',
    isShown: ({ head }) => /^mode: (?:set|count|atomic)\r?\n/.test(head),
    fix: 'Convert it: `gcov2lcov -infile=cover.out -outfile=coverage.lcov`.',
  },
  {
    name: 'a coverage report of dotCover',
    isShown: (content) =>
      content.elements[0]?.attributes.DotCoverVersion !== undefined || hasMembers(content.json, 'DotCoverVersion', 'Kind'),
    fix: `Let dotCover write DetailedXML. ${reportGenerator('dotcover.xml')}`,
  },
  { name: 'a coverage report of OpenCover', isShown: root('coveragesession'), fix: reportGenerator('opencover.xml') },
  {
    name: 'a coverage report of LLVM as JSON',
    isShown: ({ json }) => hasMembers(json, 'data', 'type') && json.type === 'llvm.coverage.json.export',
    fix: 'Run `llvm-cov export -format=lcov` (`cargo llvm-cov --lcov --output-path lcov.info`).',
  },
  {
    name: 'the output of `yarn audit --json`',
    isShown: (_content, first) => hasMembers(first, 'type', 'data') && /^audit(?:Advisory|Summary|Action)$/.test(String(first.type)),
    fix: trivyFix('yarn.lock'),
  },
  {
    name: 'the output of `yarn npm audit --json`',
    isShown: (_content, first) => hasMembers(first, 'value', 'children') && hasMembers(first.children, 'ID', 'Severity'),
    fix: trivyFix('yarn.lock'),
  },
  {
    name: 'a report of pip-audit',
    isShown: ({ json }) => hasMembers(json, 'dependencies', 'fixes') && Array.isArray(json.dependencies),
    fix: trivyFix('requirements.txt, poetry.lock and uv.lock'),
  },
  {
    name: 'a report of Snyk as JSON',
    isShown: (content) =>
      members('vulnerabilities', 'ok', 'packageManager')(content) || entry('vulnerabilities', 'ok', 'packageManager')(content),
    fix: 'Run `snyk test --sarif-file-output=snyk.sarif`.',
  },
  {
    name: 'a report of Grype as JSON',
    isShown: ({ json }) => hasMembers(json, 'matches', 'descriptor'),
    fix: 'Run `grype -o sarif --file grype.sarif`.',
  },
  {
    name: 'a report of OSV-Scanner as JSON',
    isShown: ({ json }) =>
      hasMembers(json, 'results') && Array.isArray(json.results) && json.results.some((one) => hasMembers(one, 'source', 'packages')),
    fix: 'Run `osv-scanner` with `--format sarif`.',
  },
  {
    name: 'a report of ESLint as JSON',
    isShown: entry('filePath', 'messages', 'errorCount'),
    fix: 'Run `eslint --format @microsoft/eslint-formatter-sarif --output-file eslint.sarif`.',
  },
  {
    name: 'a report of Semgrep as JSON',
    isShown: members('results', 'errors', 'paths'),
    fix: 'Run `semgrep scan --sarif --output semgrep.sarif`.',
  },
];

/** Which of the formats that Holdpoint does not read the content shows; undefined where it shows none. */
export const neighbourOf = (content: Content): Neighbour | undefined => {
  const first = content.json ?? firstLine(content.head);
  return neighbours.find(({ isShown }) => isShown(content, first));
};

/** What lines of JSON begin with. */
const firstLine = (head: string): unknown => {
  const [line = ''] = head.split(/\r?\n/, 1);
  try {
    return line.startsWith('{') ? JSON.parse(line) : undefined;
  } catch {
    return undefined;
  }
};
