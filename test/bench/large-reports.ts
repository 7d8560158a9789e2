import { megabyte } from '../../lib/evidence/kind.ts';
import type { EvidenceType } from '../../lib/registry/evidence.ts';

/** Reports of a given size, as large projects write them: many files, long names, some failures. Of each type that is read piece by piece. */
type Large = { readonly head: string; readonly part: (n: number) => string; readonly tail: string };

const lines = (n: number, line: (at: number) => string, most = 60): string =>
  Array.from({ length: most }, (_, at) => line(at * 3 + (n % 7) + 1)).join('');
const java = (n: number): string => `com/example/shop/module${n % 97}/Order${n}Service`;

const kinds = {
  junit: {
    head: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite name="com.example.shop.all" timestamp="2026-03-02T07:00:00">\n',
    part: (n) =>
      `<testcase classname="com.example.shop.module${n % 997}.OrderServiceTest" name="keeps the order ${n} when the payment is late" time="0.01${n % 10}">${
        n % 400 === 7 ? '<skipped message="not on this platform"/>' : ''
      }${n % 10 === 3 ? `<system-out><![CDATA[${'the payment of the order was tried again\n'.repeat(50)}]]></system-out>` : ''}</testcase>\n`,
    tail: '</testsuite>\n</testsuites>\n',
  },
  tap: {
    head: 'TAP version 14\n',
    part: (n) =>
      `ok ${n + 1} - module${n % 997} keeps the order ${n} when the payment is late\n  ---\n  duration_ms: 0.${n % 90}\n  type: 'test'\n${"  stdout: 'the payment of the order was tried again'\n".repeat(4)}  ...\n`,
    tail: '',
  },
  lcov: {
    head: 'TN:\n',
    part: (n) =>
      `SF:src/module${n % 97}/order-${n}.ts\nFN:3,keep${n}\nFNDA:${n % 3},keep${n}\nFNF:1\nFNH:${n % 3 === 0 ? 0 : 1}\n${lines(n, (at) => `DA:${at},${at % 5}\n`, 120)}BRDA:4,0,0,${n % 2}\nBRDA:4,0,1,1\nend_of_record\n`,
    tail: '',
  },
  cobertura: {
    head: '<?xml version="1.0"?>\n<coverage line-rate="0.8" branch-rate="0.5" timestamp="1772438400"><packages><package name="shop"><classes>\n',
    part: (n) =>
      `<class name="order${n}" filename="src/module${n % 97}/order_${n}.py"><methods/><lines>\n${lines(n, (at) => `<line number="${at}" hits="${at % 5}"/>\n`)}<line number="999" hits="1" branch="true" condition-coverage="50% (1/2)"/></lines></class>\n`,
    tail: '</classes></package></packages></coverage>\n',
  },
  jacoco: {
    head: '<?xml version="1.0"?>\n<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">\n<report name="shop"><sessioninfo id="a" start="1772438300000" dump="1772438400000"/>\n',
    part: (n) =>
      `<package name="${java(n)}"><class name="${java(n)}" sourcefilename="Order.java"><method name="keep" desc="()V" line="3"><counter type="METHOD" missed="0" covered="1"/></method></class><sourcefile name="Order.java">\n${lines(n, (at) => `<line nr="${at}" mi="${at % 2}" ci="${at % 5}" mb="0" cb="0"/>\n`)}</sourcefile></package>\n`,
    tail: '</report>\n',
  },
  'log-sample': {
    head: '',
    part: (n) =>
      `{"level":"info","time":${1_772_438_400_000 + n},"pid":7,"hostname":"web-${n % 9}","requestId":"01J9ZQ${n}","msg":"order ${n} was kept","ms":${n % 90},"status":200}\n`,
    tail: '',
  },
} as const satisfies Partial<Readonly<Record<EvidenceType, Large>>>;

export const largeTypes = Object.keys(kinds) as readonly (keyof typeof kinds)[];
export type LargeType = keyof typeof kinds;

/** A good report of at most so many megabytes, and nearly as many. */
export const largeReport = (type: LargeType, megabytes: number): Uint8Array => {
  const { head, part, tail }: Large = kinds[type];
  const bytes = Buffer.allocUnsafe(Math.floor(megabytes * megabyte));
  let at = bytes.write(head);
  for (let n = 0; ; n += 1) {
    const text = part(n);
    const plan = type === 'tap' ? `1..${n}\n` : tail;
    if (at + text.length + Math.max(plan.length, 20) > bytes.length) return bytes.subarray(0, at + bytes.write(plan, at));
    at += bytes.write(text, at);
  }
};
