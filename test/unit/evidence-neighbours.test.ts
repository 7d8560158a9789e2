import { describe, expect, test } from 'vitest';
import { neighbourOf } from '../../lib/evidence/neighbours.ts';
import { contentOf } from '../../lib/evidence/read-content.ts';
import { recognise } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
import { bytes, json, refusalOf, types } from './parsed.ts';

/** As the tools write them, cut down to what shows the format. */
const neighbours: readonly (readonly [name: string, report: Uint8Array, fix: string])[] = [
  ['TRX', bytes('<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results/></TestRun>'), '--logger junit'],
  ['xUnit.net', bytes('<assemblies timestamp="x"><assembly name="a.dll" total="1"/></assemblies>'), '--logger junit'],
  ['NUnit 3', bytes('<?xml version="1.0"?><test-run id="2" result="Passed" total="1"><test-suite/></test-run>'), '--logger junit'],
  ['NUnit 2', bytes('<test-results name="a.dll" total="1"/>'), '--logger junit'],
  ['TestNG', bytes('<testng-results skipped="0" failed="0" passed="1"><suite name="a"/></testng-results>'), 'junitreports/TEST-*.xml'],
  ['Robot Framework', bytes('<robot generator="Robot 7.0"><suite id="s1"/></robot>'), 'rebot --xunit'],
  ['CTest', bytes('<Site BuildName="a"><Testing/></Site>'), '--output-junit'],
  [
    'go test -json',
    bytes('{"Time":"2026-03-02T09:00:00Z","Action":"start","Package":"a"}\n{"Action":"pass","Package":"a"}\n'),
    'gotestsum',
  ],
  ['Jest', json({ numTotalTests: 1, testResults: [], success: true }), 'jest-junit'],
  [
    'Clover of PHPUnit',
    bytes('<coverage generated="1"><project timestamp="1"><file name="a.php"/></project></coverage>'),
    '--coverage-cobertura',
  ],
  ['Clover of Istanbul', bytes('<coverage generated="1" clover="3.2.0"><project timestamp="1"/></coverage>'), 'lcov'],
  ['coverage.py', json({ meta: { format: 3, version: '7.6.1' }, files: {}, totals: { covered_lines: 1 } }), 'coverage lcov'],
  [
    'Istanbul',
    json({ '/src/a.ts': { path: '/src/a.ts', statementMap: {}, fnMap: {}, branchMap: {}, s: {}, f: {}, b: {} } }),
    '--reporter=lcov',
  ],
  ['Go', bytes('mode: atomic\nexample.org/a/a.go:3.20,5.2 1 1\n'), 'gcov2lcov -infile=cover.out'],
  [
    'dotCover as XML',
    bytes('<Root CoveredStatements="1" TotalStatements="1" ReportType="Xml" DotCoverVersion="2024.1"/>'),
    'reporttypes:Cobertura',
  ],
  ['dotCover as JSON', json({ DotCoverVersion: '2024.1', Kind: 'Root', CoveredStatements: 1 }), 'reporttypes:Cobertura'],
  ['OpenCover', bytes('<CoverageSession><Summary/></CoverageSession>'), 'reporttypes:Cobertura'],
  ['LLVM', json({ data: [], type: 'llvm.coverage.json.export', version: '2.0.1' }), '-format=lcov'],
  ['yarn 1', bytes('{"type":"auditAdvisory","data":{"resolution":{}}}\n{"type":"auditSummary","data":{}}\n'), 'trivy fs'],
  ['yarn 1 without a finding', bytes('{"type":"auditSummary","data":{"vulnerabilities":{}}}\n'), 'trivy fs'],
  ['yarn 4', bytes('{"value":"lodash","children":{"ID":1,"Severity":"high"}}\n'), 'trivy fs'],
  ['pip-audit', json({ dependencies: [{ name: 'a', version: '1', vulns: [] }], fixes: [] }), 'trivy fs'],
  ['Snyk', json({ vulnerabilities: [], ok: true, packageManager: 'npm', dependencyCount: 1 }), '--sarif-file-output'],
  ['Snyk of several projects', json([{ vulnerabilities: [], ok: true, packageManager: 'npm' }]), '--sarif-file-output'],
  ['Grype', json({ matches: [], source: {}, descriptor: { name: 'grype' } }), 'grype -o sarif'],
  ['OSV-Scanner', json({ results: [{ source: { path: 'a' }, packages: [] }] }), '--format sarif'],
  ['ESLint', json([{ filePath: '/a.ts', messages: [], errorCount: 0 }]), 'formatter-sarif'],
  ['Semgrep', json({ results: [], errors: [], paths: { scanned: [] }, version: '1.0.0' }), '--sarif'],
];

describe('a report of a tool whose format is not read', () => {
  test.each(neighbours)('%s: the refusal names what writes one that is read', (_name, report, fix) => {
    expect(recognise(report).refused).toMatchObject({ type: 'evidence-type-unknown', fix: expect.stringContaining(fix) });
  });

  test.each(neighbours)('%s: also under a type that it is not', (_name, report, fix) => {
    for (const type of ['junit', 'cobertura', 'npm-audit']) expect(refusalOf(type, report).fix).toContain(fix);
  });

  test.each(types)('%s: a report that is read is none of them', (type) => {
    expect(neighbourOf(contentOf(sampleOf(type)))).toBeUndefined();
  });
});
