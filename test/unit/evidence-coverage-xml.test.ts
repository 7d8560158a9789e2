import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EvidenceType } from '../../lib/registry/evidence.ts';
import { parseEvidence } from '../../lib/registry/evidence.ts';
import { inspectEvidence } from '../../lib/registry/inspect.ts';
import { judgeEvidence } from '../../lib/registry/rules.ts';
import { sampleOf } from '../samples.ts';
import { bytes, factsOf, inspected, refusalOf, rulesOf } from './parsed.ts';

const verdictOf = (type: EvidenceType, xml: string): string | undefined =>
  rulesOf(type).map((rule) => judgeEvidence(rule, factsOf(type, bytes(xml))).verdict)[0];

const classOf = (filename: string, lines: string, methods = ''): string =>
  `<class name="c" filename="${filename}" line-rate="1"><methods>${methods}</methods><lines>${lines}</lines></class>`;
const line = (number: number, hits: number | string, more = ''): string => `<line number="${number}" hits="${hits}" ${more}/>`;
const cobertura = (classes: string, root = ''): string =>
  `<?xml version="1.0"?><coverage line-rate="1" ${root}><packages><package name="p"><classes>${classes}</classes></package></packages></coverage>`;

describe('Cobertura', () => {
  test.each([
    ['cobertura-gcovr.xml', { covered: 2, total: 2, pct: 100 }, { covered: 2, total: 4, pct: 50 }, { covered: 2, total: 2, pct: 100 }],
    [
      'cobertura-istanbul.xml',
      { covered: 2, total: 3, pct: 66.67 },
      { covered: 2, total: 3, pct: 66.67 },
      { covered: 1, total: 2, pct: 50 },
    ],
  ])('the real report %s', (file, lines, branches, functions) => {
    const report = new Uint8Array(readFileSync(new URL(`../samples/evidence/${file}`, import.meta.url)));
    expect(inspectEvidence(report, undefined).ok).toMatchObject({ type: 'cobertura', words: { lines, branches, functions }, problems: [] });
  });

  test('records of one line are one line, whichever class or method they stand in, and it is hit when one of them is', () => {
    const xml = cobertura(
      classOf('a.cs', line(1, 1) + line(2, 0), `<method name="m" signature="()">${`<lines>${line(1, 1)}${line(2, 0)}</lines>`}</method>`) +
        classOf('.\\a.cs', line(2, 3) + line(3, 0)),
    );
    expect(inspected('cobertura', xml).words).toMatchObject({ lines: { covered: 2, total: 3, pct: 66.67 }, files: 1 });
  });

  test('coverlet: branches are written with capitals, and async methods have classes of their own', () => {
    const xml = cobertura(
      classOf('Shop/Order.cs', line(5, 2, 'branch="True" condition-coverage="50% (1/2)"') + line(6, 1, 'branch="False"')) +
        classOf('Shop/Order.cs', line(5, 2, 'branch="True" condition-coverage="100% (2/2)"')),
      'lines-valid="3" lines-covered="3" branches-valid="4" branches-covered="3" branch-rate="0.75" timestamp="1700000000"',
    );
    expect(inspected('cobertura', xml).words).toMatchObject({
      lines: { covered: 2, total: 2, pct: 100 },
      branches: { covered: 2, total: 2, pct: 100 },
    });
  });

  test('a branch without figures is one that was not taken; conditions count two branches each', () => {
    expect(inspected('cobertura', cobertura(classOf('a', line(1, 1, 'branch="true"')))).words).toMatchObject({
      branches: { covered: 0, total: 1 },
    });
    const withConditions =
      '<line number="1" hits="1" branch="true"><conditions><condition number="0" type="jump" coverage="50%"/><condition number="1" type="jump" coverage="100%"/></conditions></line>';
    expect(inspected('cobertura', cobertura(classOf('a', withConditions))).words).toMatchObject({ branches: { covered: 3, total: 4 } });
  });

  test('a share that the report declares decides nothing and is shown beside what was counted', () => {
    const xml = cobertura(classOf('a', line(1, 1) + line(2, 0)), 'lines-valid="2" lines-covered="2"').replace(
      'line-rate="1"',
      'line-rate="0.99"',
    );
    expect(verdictOf('cobertura', xml)).toBe('fail');
    expect(inspected('cobertura', xml)).toMatchObject({
      words: { lines: { covered: 1, total: 2, pct: 50 }, declared: { lines: { covered: 2, total: 2, pct: 99 } } },
      problems: [
        { type: 'declared-lines-covered', declared: 2, counted: 1 },
        { type: 'declared-lines-in-percent', declared: 99, counted: 50 },
      ],
    });
  });

  test('a file that is there twice is merged, and the difference to the totals is said', () => {
    const xml = cobertura(
      classOf('a', line(1, 1) + line(2, 0)) + classOf('a', line(1, 0) + line(2, 1)),
      'lines-valid="4" lines-covered="2"',
    );
    expect(inspected('cobertura', xml.replace('line-rate="1"', 'line-rate="0.5"'))).toMatchObject({
      words: { lines: { covered: 2, total: 2, pct: 100 }, declared: { lines: { covered: 2, total: 4, pct: 50 } } },
      problems: [
        { type: 'merged-lines-in-total', declared: 4, counted: 2 },
        { type: 'merged-lines-in-percent', declared: 50, counted: 100 },
      ],
    });
  });

  test('lines that only a method has are lines of the class, for the totals, too', () => {
    const xml = cobertura(
      classOf('a', line(1, 1), `<method name="m" signature="()"><lines>${line(2, 0)}</lines></method>`),
      'lines-valid="2" lines-covered="1"',
    );
    expect(factsOf('cobertura', bytes(xml)).lines).toEqual({ found: 2, hit: 1 });
  });

  test('totals as they are written for people are read, and a total that is no number is refused', () => {
    const xml = (valid: string): string => cobertura(classOf('a', line(1, 1)), `lines-valid="${valid}" lines-covered="900"`);
    expect(factsOf('cobertura', bytes(xml('1,000'))).lines).toEqual({ found: 1000, hit: 1 });
    for (const valid of ['many', '-1', '1e3', '99999999999'])
      expect(refusalOf('cobertura', bytes(xml(valid))).got).toBe(`lines-valid="${valid}"`);
  });

  test('methods of one name in two classes of a file are two, and those of one class that is there twice are one', () => {
    const method = (hits: number) => `<methods><method name="run" signature="()">${line(1, hits)}</method></methods>`;
    const one = (name: string, hits: number) =>
      `<class name="${name}" filename="a.java">${method(hits)}<lines>${line(1, hits)}</lines></class>`;
    expect(inspected('cobertura', cobertura(one('A', 1) + one('B', 0))).words).toMatchObject({ functions: { covered: 1, total: 2 } });
    expect(inspected('cobertura', cobertura(one('A', 1) + one('A', 0))).words).toMatchObject({ functions: { covered: 1, total: 1 } });
  });

  test('totals make a report worse: what is declared and not shown is not covered', () => {
    expect(verdictOf('cobertura', cobertura(classOf('a', line(1, 1)), 'lines-valid="1000" lines-covered="1"'))).toBe('fail');
    expect(verdictOf('cobertura', cobertura(classOf('a', line(1, 1)), 'lines-valid="1" lines-covered="0"'))).toBe('fail');
    expect(verdictOf('cobertura', cobertura(classOf('a', line(1, 1)), 'lines-valid="0" lines-covered="900"'))).toBe('fail');
  });

  test('no line is inconclusive, whatever the report declares', () => {
    expect(verdictOf('cobertura', cobertura(''))).toBe('inconclusive');
    expect(inspected('cobertura', cobertura('')).words).toMatchObject({ lines: { covered: 0, total: 0, pct: null } });
  });

  test('test files are set aside where they would raise the share', () => {
    const xml = cobertura(classOf('src/a.ts', line(1, 0)) + classOf('src/a.test.ts', line(1, 1)));
    expect(factsOf('cobertura', bytes(xml))).toMatchObject({ files: 1, testFiles: 1, lines: { found: 1, hit: 0 } });
  });

  test.each([
    ['a count that is none', cobertura(classOf('a', line(1, 'many'))), /hits="many"/],
    ['a line without a count', cobertura(classOf('a', '<line number="1"/>')), /hits=""/],
    ['a line without a number', cobertura(classOf('a', '<line hits="1"/>')), /number=""/],
    ['a class without a file', cobertura('<class name="a"><lines/></class>'), /without a name/],
    ['more branches covered than there are', cobertura(classOf('a', line(1, 1, 'condition-coverage="100% (3/2)"'))), /cannot be/],
    ['Clover', '<coverage generated="1"><project/></coverage>', /<project> in place of packages, as Clover has it/],
    ["SonarQube's coverage", '<coverage version="1"><file path="a"/></coverage>', /<file> in place of packages/],
  ])('refuses %s', (_what, xml, got) => {
    expect(refusalOf('cobertura', bytes(xml))).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

const counter = (type: string, missed: number, covered: number): string =>
  `<counter type="${type}" missed="${missed}" covered="${covered}"/>`;
const source = (name: string, lines: string, counters = ''): string => `<sourcefile name="${name}">${lines}${counters}</sourcefile>`;
const javaLine = (nr: number, ci: number, more = ''): string => `<line nr="${nr}" mi="${ci === 0 ? 3 : 0}" ci="${ci}" ${more}/>`;
const jacoco = (inner: string): string => `<report name="shop">${inner}</report>`;
const pack = (inner: string): string => `<package name="shop">${inner}</package>`;

describe('JaCoCo', () => {
  test('the real report', () => {
    expect(inspectEvidence(sampleOf('jacoco'), undefined).ok?.words).toEqual({
      lines: { covered: 13, total: 15, pct: 86.67 },
      branches: { covered: 7, total: 8, pct: 87.5 },
      functions: { covered: 5, total: 6, pct: 83.33 },
      files: 2,
      testFiles: 0,
      declared: {
        lines: { covered: 13, total: 15, pct: 86.67 },
        branches: { covered: 7, total: 8, pct: 87.5 },
        functions: { covered: 5, total: 6, pct: 83.33 },
      },
    });
    const { reportTime } = parseEvidence('jacoco', sampleOf('jacoco'));
    expect(reportTime?.madeBy).toMatch(/^2026-11-26T/);
  });

  test('modules may have the same package and file', () => {
    const group = (name: string, ci: number) => `<group name="${name}">${pack(source('A.java', javaLine(1, ci)))}</group>`;
    expect(inspected('jacoco', jacoco(group('api', 1) + group('web', 0))).words).toMatchObject({
      lines: { covered: 1, total: 2 },
      files: 2,
    });
  });

  test('a source file or class that is there twice is merged, and the difference to the counters is said', () => {
    const method = (missed: number) => `<method name="m" desc="()V">${counter('METHOD', missed, 1 - missed)}</method>`;
    const of = (missed: number) =>
      `<class name="shop/A" sourcefilename="A.java">${method(missed)}</class>${source('A.java', javaLine(1, 1 - missed))}`;
    const xml = jacoco(`${pack(of(0))}${pack(of(1))}${counter('LINE', 1, 1)}${counter('METHOD', 1, 1)}`);
    expect(inspected('jacoco', xml)).toMatchObject({
      words: { lines: { covered: 1, total: 1 }, functions: { covered: 1, total: 1 }, files: 1 },
      problems: [
        { type: 'merged-lines-in-total', declared: 2, counted: 1 },
        { type: 'merged-functions-in-total', declared: 2, counted: 1 },
      ],
    });
  });

  test('what a file counts beyond its lines counts once, also where the report counts it, too', () => {
    const shown = Array.from({ length: 7 }, (_, n) => javaLine(n + 1, 1)).join('');
    const linesOf = (own: string, whole: string) => factsOf('jacoco', bytes(jacoco(pack(source('A.java', shown, own)) + whole)));
    const nine = counter('LINE', 2, 7);
    for (const [own, whole] of [
      [nine, nine],
      [nine, ''],
      ['', nine],
    ] as const)
      expect(linesOf(own, whole)).toMatchObject({ lines: { found: 9, hit: 7 } });
    expect(linesOf(nine, counter('LINE', 5, 7))).toMatchObject({ lines: { found: 12, hit: 7 } });
  });

  test('counters make a report worse, and decide nothing else', () => {
    const cut = jacoco(pack(source('A.java', javaLine(1, 2))) + counter('LINE', 99, 1));
    expect(verdictOf('jacoco', cut)).toBe('fail');
    expect(inspected('jacoco', cut)).toMatchObject({
      words: { lines: { covered: 1, total: 1, pct: 100 }, declared: { lines: { covered: 1, total: 100, pct: 1 } } },
      problems: [{ type: 'declared-lines-in-total', declared: 100, counted: 1 }],
    });
    expect(verdictOf('jacoco', jacoco(pack(source('A.java', javaLine(1, 0), counter('LINE', 0, 1))) + counter('LINE', 0, 1)))).toBe('fail');
    expect(verdictOf('jacoco', jacoco(pack(source('A.java', javaLine(1, 1), counter('LINE', 9, 1)))))).toBe('fail');
  });

  test('classes without line numbers are measured by nothing', () => {
    expect(verdictOf('jacoco', jacoco(pack(`<class name="shop/A"><method name="m">${counter('METHOD', 0, 1)}</method></class>`)))).toBe(
      'inconclusive',
    );
  });

  test.each([
    ['a counter that is none', jacoco(counter('LINE', -1, 1)), /missed="-1"/],
    ['a line without a number', jacoco(pack(source('A.java', '<line mi="0" ci="1"/>'))), /nr=""/],
    ['a line with a huge number of branches', jacoco(pack(source('A.java', javaLine(1, 1, 'mb="999999" cb="0"')))), /branches/],
  ])('refuses %s', (_what, xml, got) => {
    expect(refusalOf('jacoco', bytes(xml))).toMatchObject({ type: 'evidence-unreadable', got: expect.stringMatching(got) });
  });
});

describe.each<[EvidenceType, string, string]>([
  ['cobertura', 'coverage', 'SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd"'],
  ['jacoco', 'report', 'PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"'],
  ['junit', 'testsuite', ''],
])('%s as bad XML', (type, root, definition) => {
  const good =
    type === 'jacoco'
      ? jacoco(pack(source('A.java', javaLine(1, 1))))
      : type === 'cobertura'
        ? cobertura(classOf('a', line(1, 1)))
        : '<testsuite><testcase name="a"/></testsuite>';
  const passing = good.replace(/^<\?xml[^>]*>/, '');

  test('comments, processing instructions, an unread definition and UTF-16 are understood', () => {
    expect(verdictOf(type, passing)).toBe('pass');
    const dressed = `<?xml version="1.0"?><!-- made --><?tool x?><!DOCTYPE ${root} ${definition}>${passing.replace(/></g, '>\r\n<!-- a -->\t<')}`;
    expect(verdictOf(type, dressed)).toBe('pass');
    const utf16 = new Uint8Array([0xff, 0xfe, ...new Uint8Array(Uint16Array.from([...passing].map((sign) => sign.charCodeAt(0))).buffer)]);
    expect(factsOf(type, utf16)).toEqual(factsOf(type, bytes(passing)));
  });

  test.each<[string, string]>([
    ['an entity of a file', `<!DOCTYPE ${root} [<!ENTITY x SYSTEM "file:///etc/passwd">]>${passing.replace('"a"', '"&x;"')}`],
    ['a definition on this machine', `<!DOCTYPE ${root} SYSTEM "file:///etc/passwd">${passing}`],
    ['entities that multiply', `<!DOCTYPE ${root} [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${passing}`],
    ['an entity that is not defined', `<${root}>&x;</${root}>`],
    ['a file that is cut off', passing.slice(0, -4)],
    ['two roots', `${passing}${passing}`],
    ['NUL', passing.replace('><', '>\0<')],
    ['a login page', '<html><head><title>Sign in</title></head></html>'],
    ['elements 100,000 deep', `<${root}>${'<a>'.repeat(100_000)}`],
    ['an encoding that it does not have', `<?xml version="1.0" encoding="UTF-16"?>${passing}`],
  ])('%s is refused', (_what, xml) => {
    expect(refusalOf(type, bytes(xml))).toMatchObject({
      type: 'evidence-unreadable',
      expected: expect.any(String),
      fix: expect.any(String),
    });
  });
});

test('another line that was missed never makes a report pass, and totals never help', () => {
  const lines = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(2)), { minLength: 1, maxLength: 30 });
  const total = fc.option(fc.nat(60), { nil: undefined });
  const share = ({ lines: { found, hit } }: { readonly lines: { readonly found: number; readonly hit: number } }): number =>
    found === 0 ? 0 : hit / found;
  fc.assert(
    fc.property(lines, fc.integer({ min: 31, max: 40 }), total, total, (given, missed, valid, covered) => {
      const totals = `${valid === undefined ? '' : `lines-valid="${valid}"`} ${covered === undefined ? '' : `lines-covered="${covered}"`}`;
      const java = (list: readonly (readonly [number, number])[]) =>
        jacoco(pack(source('A.java', list.map(([nr, ci]) => javaLine(nr, ci)).join(''))));
      const cober = (list: readonly (readonly [number, number])[], root = '') =>
        cobertura(classOf('a', list.map(([nr, hits]) => line(nr, hits)).join('')), root);
      for (const [type, of] of [
        ['jacoco', java],
        ['cobertura', cober],
      ] as const) {
        const facts = factsOf(type, bytes(of(given)));
        expect(factsOf(type, bytes(of([...given].reverse())))).toEqual(facts);
        expect(share(factsOf(type, bytes(of([...given, [missed, 0]]))))).toBeLessThanOrEqual(share(facts));
      }
      const claiming = factsOf('cobertura', bytes(cober(given, totals)));
      expect(claiming.lines.hit).toBeLessThanOrEqual(claiming.lines.found);
      expect(share(claiming)).toBeLessThanOrEqual(share(factsOf('cobertura', bytes(cober(given)))));
    }),
  );
});
