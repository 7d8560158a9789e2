/**
 * Every evidence type, under its id. What the rest of Holdpoint asks of one, its module answers; this file is the only other place that names it.
 * A module loads when somebody asks for it: most reports are of a few types, and the parsers of all are half of a function's code.
 */
export const evidenceList = {
  junit: async () => (await import('../evidence/junit.ts')).junit,
  tap: async () => (await import('../evidence/tap.ts')).tap,
  lcov: async () => (await import('../evidence/lcov.ts')).lcov,
  cobertura: async () => (await import('../evidence/cobertura.ts')).cobertura,
  jacoco: async () => (await import('../evidence/jacoco.ts')).jacoco,
  sarif: async () => (await import('../evidence/sarif.ts')).sarif,
  gitleaks: async () => (await import('../evidence/gitleaks.ts')).gitleaks,
  'npm-audit': async () => (await import('../evidence/npm-audit.ts')).npmAudit,
  trivy: async () => (await import('../evidence/trivy.ts')).trivy,
  zap: async () => (await import('../evidence/zap.ts')).zap,
  openapi: async () => (await import('../evidence/openapi.ts')).openapi,
  cyclonedx: async () => (await import('../evidence/cyclonedx.ts')).cyclonedx,
  spdx: async () => (await import('../evidence/spdx.ts')).spdx,
  load: async () => (await import('../evidence/load.ts')).load,
  k6: async () => (await import('../evidence/k6.ts')).k6,
  autocannon: async () => (await import('../evidence/autocannon.ts')).autocannon,
  artillery: async () => (await import('../evidence/artillery.ts')).artillery,
  series: async () => (await import('../evidence/series.ts')).series,
  prometheus: async () => (await import('../evidence/prometheus.ts')).prometheus,
  cloudwatch: async () => (await import('../evidence/cloudwatch.ts')).cloudwatch,
  'log-sample': async () => (await import('../evidence/log-sample.ts')).logSample,
  record: async () => (await import('../evidence/record.ts')).record,
  attestation: async () => (await import('../evidence/attestation.ts')).attestation,
  probes: async () => (await import('../evidence/probes.ts')).probes,
  'alarm-state': async () => (await import('../evidence/alarm-state.ts')).alarmState,
  'metric-series': async () => (await import('../evidence/metric-series.ts')).metricSeries,
  'restart-history': async () => (await import('../evidence/restart-history.ts')).restartHistory,
} as const;

export type EvidenceType = keyof typeof evidenceList;
export type EvidenceTypes = { readonly [Id in EvidenceType]: Awaited<ReturnType<(typeof evidenceList)[Id]>> };

/** All of them at once, for those who need all: the command line, the documents and the tests. */
export const loadAll = async (): Promise<EvidenceTypes> =>
  Object.fromEntries(await Promise.all(Object.entries(evidenceList).map(async ([id, load]) => [id, await load()]))) as EvidenceTypes;
