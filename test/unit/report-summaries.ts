import type { EvidenceType } from '../../lib/registry/evidence.ts';

/** Where reports of a type state what they themselves sum up: samples, good and bad, and what finds a stated number in their text. */
export type Summary = { readonly reports: readonly (string | Made)[]; readonly stated: RegExp };
/** A report for which there is no sample. */
export type Made = { readonly name: string; readonly text: string };

const check = (ID: string, Status: string) => ({ Type: 'Dockerfile Security Check', ID, Severity: 'HIGH', Status });
const trivyConfig: Made = {
  name: 'a scan of a Dockerfile',
  text: JSON.stringify(
    {
      SchemaVersion: 2,
      ArtifactName: '.',
      ArtifactType: 'repository',
      Results: [
        {
          Target: 'Dockerfile',
          Class: 'config',
          Type: 'dockerfile',
          MisconfSummary: { Successes: 20, Failures: 2 },
          Misconfigurations: [check('DS-0001', 'FAIL'), check('DS-0002', 'FAIL')],
        },
      ],
    },
    null,
    1,
  ),
};

const ofAutocannon = /(?<="(?:non2xx|2xx)": |"requests": \{[^{}]*"total": )\d+/g;

/**
 * Every evidence type, with its summary. A text says why it has none: its reports list, and state no sum of what they list.
 */
export const summaries: Readonly<Record<EvidenceType, Summary | string>> = {
  junit: {
    reports: ['junit.xml', 'vitest.failed.junit.xml', 'pytest.failed.junit.xml', 'playwright.failed.junit.xml', 'jest.failed.junit.xml'],
    stated: /(?<=<testsuites? [^>]*\b(?:tests|failures|errors|skipped)=")\d+(?=")/g,
  },
  tap: {
    reports: ['node.tap', 'tape.tap', 'perl.tap', 'node-tap.tap'],
    stated: /(?<=^1\.\.|^# (?:tests|pass|fail) {1,2})\d+$/gm,
  },
  lcov: { reports: ['lcov.info', 'c8.lcov', 'coverage-py.lcov', 'gcovr.lcov'], stated: /(?<=^(?:L|FN|BR)[FH]:)\d+$/gm },
  cobertura: {
    reports: ['cobertura.xml', 'cobertura-gcovr.xml', 'cobertura-istanbul.xml'],
    stated: /(?<=<coverage [^>]*\b(?:lines|branches)-(?:valid|covered)=")\d+(?=")/g,
  },
  jacoco: {
    reports: ['jacoco.xml'],
    stated: /(?<=<\/package>(?:<counter [^>]*>)*<counter type="(?:LINE|BRANCH|METHOD)" (?:missed="\d{1,9}" covered|missed)=")\d+(?=")/g,
  },
  sarif: 'a log lists its results and counts none',
  gitleaks: 'a report is the list of leaks',
  'npm-audit': {
    reports: ['npm-audit.json', 'npm-audit.found.json'],
    stated: /(?<="vulnerabilities": \{[^{}]*"(?:info|low|moderate|high|critical|total)": )\d+/g,
  },
  trivy: { reports: [trivyConfig], stated: /(?<="Failures": )\d+/g },
  zap: { reports: ['zap.json'], stated: /(?<="count": ")\d+(?=")/g },
  openapi: 'a document describes its operations and counts none',
  cyclonedx: 'a bill lists its components and counts none',
  spdx: 'a bill lists its packages and counts none',
  load: { reports: ['load.json'], stated: ofAutocannon },
  k6: {
    reports: ['k6.json', 'k6-handle-summary.json', 'k6-machine-readable.json'],
    stated: /(?<="http_reqs"[^{}]*\{(?:[^{}]*\{)?[^{}]*"count": )\d+/g,
  },
  autocannon: { reports: ['autocannon.json'], stated: ofAutocannon },
  artillery: {
    reports: ['artillery.json', 'artillery.failed.json', 'artillery-1.json'],
    stated:
      /(?<="(?:http\.(?:requests|responses)|vusers\.(?:created|completed|failed)|scenarios(?:Created|Completed)|requestsCompleted)": )\d+/g,
  },
  series: 'a series is its points',
  prometheus: 'an answer is its points',
  cloudwatch: 'an answer is its points',
  'log-sample': 'a log is its lines',
  record: 'a record counts nothing by itself, which its schema says',
  attestation: 'it is a statement',
  probes: 'the report holds each single try',
  'alarm-state': 'the report holds each alarm',
  'metric-series': 'a series is its points',
  'restart-history': 'the report holds each restart',
};
