import { junitPasses } from '../../rules/junit-passes.ts';
import { logPrivate } from '../../rules/log-private.ts';
import { type Protection, probesPass } from '../../rules/probes-pass.ts';
import { sarifClean } from '../../rules/sarif-clean.ts';
import { check } from '../builders.ts';
import type { Item } from '../definition.ts';

const day = 86_400;

/** An open door is not left open for a month. */
const twoWeeks = 14 * day;

/** Holdpoint's own probes in staging prove the same as tests do. */
const ownProbe = (which: Protection): Item['sources'] => [
  { id: 'own-probes', rule: probesPass.of({ set: 'protections', probes: which }), asks: 'either' },
];

/** The security review of phase 1. */
export const securityReview: readonly Item[] = [
  check(1, 'phase-1', {
    id: 'no-secrets',
    group: 'security-review',
    words: 'No secrets in code (API keys, passwords)',
    title: 'No secrets in code',
    owner: 'technical-lead',
    proof: 'SARIF log of secretlint or gitleaks, or JSON report of gitleaks, without findings, suppressed ones included.',
    controls: ['SOC 2 CC6.1', 'ISO/IEC 27001:2022 A.5.17', 'ISO/IEC 27001:2022 A.8.28', 'NIST SSDF PW.7'],
    rule: sarifClean.of({ tools: ['secretlint', 'gitleaks'], maxLevel: 'none', maxSuppressed: 0 }),
    waivable: false,
  }),
  check(1, 'phase-1', {
    id: 'input-validated',
    group: 'security-review',
    words: 'Input validation on all endpoints',
    title: 'Input validated on all endpoints',
    owner: 'technical-lead',
    proof:
      'Test results with a suite, class or file about the validation of input. Each endpoint of the profile must stand in the name of a test that passed.',
    controls: ['SOC 2 PI1.2', 'ISO/IEC 27001:2022 A.8.26', 'ISO/IEC 27001:2022 A.8.28', 'NIST SSDF PW.5'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*validation*', '*invalid-input*', '*fuzz*'] }),
    maxWaiverSeconds: twoWeeks,
  }),
  check(1, 'phase-1', {
    id: 'rate-limited',
    group: 'security-review',
    words: 'Rate limiting configured',
    title: 'Rate limiting configured',
    owner: 'technical-lead',
    proof:
      'Test results with a suite, class or file about rate limits: more requests than allowed are answered with 429. Or Holdpoint itself sends as many in staging, while it runs the release. What fails in one way fails.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001:2022 A.8.6'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*rate-limit*', '*throttl*'] }),
    sources: ownProbe('rate-limit'),
    maxWaiverSeconds: twoWeeks,
  }),
  check(1, 'phase-1', {
    id: 'cors-configured',
    group: 'security-review',
    words: 'CORS properly configured',
    title: 'CORS configured',
    owner: 'technical-lead',
    proof:
      'Test results with a suite, class or file about CORS: a foreign origin is refused. Or Holdpoint itself sends its preflight in staging, while it runs the release. What fails in one way fails.',
    controls: ['SOC 2 CC6.6', 'ISO/IEC 27001:2022 A.8.26'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*cors*'] }),
    sources: ownProbe('foreign-origin'),
    maxWaiverSeconds: twoWeeks,
  }),
  check(1, 'phase-1', {
    id: 'access-controlled',
    group: 'security-review',
    words: 'Authentication/authorization working',
    title: 'Authentication and authorization working',
    owner: 'technical-lead',
    proof:
      'Test results with a suite, class or file about authentication and authorization: who has no right is answered with 401 or 403. Or Holdpoint itself asks without credentials in staging, while it runs the release. What fails in one way fails.',
    controls: ['SOC 2 CC6.1', 'SOC 2 CC6.3', 'ISO/IEC 27001:2022 A.8.3', 'ISO/IEC 27001:2022 A.8.5'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 20, suites: ['*auth*', '*access-control*'] }),
    sources: ownProbe('unauthenticated'),
    maxWaiverSeconds: twoWeeks,
  }),
  check(1, 'phase-1', {
    id: 'logs-private',
    group: 'security-review',
    words: "Logging doesn't expose sensitive data",
    title: 'Logs without sensitive data',
    owner: 'technical-lead',
    proof: 'Sample of the log: no line holds a secret or personal data that has a known form.',
    controls: ['SOC 2 CC6.7', 'SOC 2 C1.1', 'ISO/IEC 27001:2022 A.8.11', 'ISO/IEC 27001:2022 A.8.12'],
    rule: logPrivate.of({ minLines: 20 }),
    maxWaiverSeconds: twoWeeks,
  }),
];
