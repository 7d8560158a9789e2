import { backup } from '../../evidence/records/backup.ts';
import { delivery } from '../../evidence/records/delivery.ts';
import { document } from '../../evidence/records/document.ts';
import { migration } from '../../evidence/records/migration.ts';
import { pipeline } from '../../evidence/records/pipeline.ts';
import { ports } from '../../evidence/records/ports.ts';
import { registryPull } from '../../evidence/records/registry-pull.ts';
import { resources } from '../../evidence/records/resources.ts';
import { junitPasses } from '../../rules/junit-passes.ts';
import { recordRule } from '../../rules/record-within.ts';
import { sbomComplete } from '../../rules/sbom-complete.ts';
import { attestedBy, check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

const plan = { minWords: 50, minHeadings: 1, maxUnchangedDays: 365 };

export const phase2Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-2',
  title: 'Environment Preparation',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase2: readonly Item[] = [
  check(2, 'phase-2', {
    id: 'storage-provisioned',
    group: 'production-environment-setup',
    words: 'Database/storage provisioned (if needed)',
    title: 'Database and storage provisioned',
    owner: 'operations-lead',
    proof: 'Record `resources` about `storage`: each database and bucket is ready, and none differs from its template.',
    controls: ['SOC 2 A1.1', 'ISO/IEC 27001 A.8.9'],
    rule: recordRule(resources).of({ about: 'storage', environment: 'production', minReady: 1 }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'ports-allocated',
    group: 'production-environment-setup',
    words: 'Service ports allocated (8000, 8001-8999 for bots)',
    title: 'Service ports allocated',
    owner: 'operations-lead',
    proof: 'Record `ports`: every service has a port of its own among the allowed ones, and listens there.',
    controls: ['SOC 2 CC6.6', 'ISO/IEC 27001 A.8.20'],
    rule: recordRule(ports).of({ environment: 'production', minServices: 1 }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'firewall-configured',
    group: 'production-environment-setup',
    words: 'Firewall rules configured',
    title: 'Firewall rules configured',
    owner: 'operations-lead',
    proof: 'Record `ports`: of the ports that were probed from outside, none is open that is not allowed.',
    controls: ['SOC 2 CC6.6', 'ISO/IEC 27001 A.8.20', 'ISO/IEC 27001 A.8.22'],
    rule: recordRule(ports).of({ environment: 'production', minProbed: 100 }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'logs-collected',
    group: 'production-environment-setup',
    words: 'Logging aggregation setup (ELK, CloudWatch, etc.)',
    title: 'Log aggregation set up',
    owner: 'operations-lead',
    proof: 'Record `delivery` about `log`: lines that were written on purpose arrived where logs are searched.',
    controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.15'],
    rule: recordRule(delivery).of({ about: 'log', environment: 'production', minReceived: 1, maxSeconds: 600 }),
  }),
  check(
    2,
    'phase-2',
    attestedBy('operations-lead', {
      id: 'monitoring-configured',
      group: 'production-environment-setup',
      words: 'Monitoring/alerting configured (Prometheus, New Relic, etc.)',
      title: 'Monitoring and alerting configured',
      controls: ['SOC 2 CC7.2', 'ISO/IEC 27001 A.8.16'],
    }),
  ),
  check(2, 'phase-2', {
    id: 'backup-strategy',
    group: 'production-environment-setup',
    words: 'Backup strategy implemented',
    title: 'Backup strategy implemented',
    owner: 'operations-lead',
    proof: 'Record `backup` of the last 30 days: it is kept for a week at least, and was restored with the same rows and checksums.',
    controls: ['SOC 2 A1.2', 'ISO/IEC 27001 A.8.13'],
    rule: recordRule(backup).of({ environment: 'production', minRetentionDays: 7, minRestored: 1 }),
    maxAgeSeconds: 30 * day,
  }),
  check(2, 'phase-2', {
    id: 'release-artifact-built',
    group: 'deployment-infrastructure',
    words: 'Docker images built (if containerized)',
    title: 'Docker images built',
    owner: 'technical-lead',
    proof: 'CycloneDX bill of materials of the very artifact; every package has name, version and package URL or CPE name.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.28'],
    rule: sbomComplete.of({ minComponents: 1 }),
    scope: 'artifact',
  }),
  check(2, 'phase-2', {
    id: 'registry-access',
    group: 'deployment-infrastructure',
    words: 'Container registry access configured',
    title: 'Registry access configured',
    owner: 'operations-lead',
    proof: 'Record `registry-pull`: the role that deploys fetched the very artifact from the registry.',
    controls: ['SOC 2 CC6.1', 'ISO/IEC 27001 A.8.4'],
    rule: recordRule(registryPull).of({ minFetched: 1 }),
    scope: 'artifact',
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'manifests-valid',
    group: 'deployment-infrastructure',
    words: 'Kubernetes manifests prepared (if using K8s)',
    title: 'Kubernetes manifests valid',
    owner: 'technical-lead',
    proof: 'JUnit report of kubeconform (`kubeconform -output junit`) over the manifests.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.9'],
    rule: junitPasses.of({ minTests: 1, maxSkippedPct: 0, suites: ['*kubeconform*', '*manifest*'] }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'configuration-managed',
    group: 'deployment-infrastructure',
    words: 'Configuration management system ready',
    title: 'Configuration management ready',
    owner: 'operations-lead',
    proof: 'Record `resources` about `configuration`: each setting is stored with a version that can be read back.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.9'],
    rule: recordRule(resources).of({ about: 'configuration', environment: 'production', minReady: 1, minVersioned: 1 }),
  }),
  check(
    2,
    'phase-2',
    attestedBy('operations-lead', {
      id: 'rollback-procedure-tested',
      group: 'deployment-infrastructure',
      words: 'Rollback procedure documented and tested',
      title: 'Rollback procedure documented and tested',
      controls: ['SOC 2 A1.3', 'ISO/IEC 27001 A.8.32'],
    }),
  ),
  check(2, 'phase-2', {
    id: 'deployment-automation-ready',
    group: 'deployment-infrastructure',
    words: 'Deployment automation (CI/CD) ready',
    title: 'Deployment automation ready',
    owner: 'technical-lead',
    proof: 'Record `pipeline` about `release`: each job of the pipeline that releases this commit ended well.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.31'],
    rule: recordRule(pipeline).of({ about: 'release', minJobs: 1 }),
  }),
  check(2, 'phase-2', {
    id: 'data-backed-up',
    group: 'data-migration',
    words: 'Backup of existing data created',
    title: 'Backup of existing data',
    owner: 'operations-lead',
    proof: 'Record `backup` about `before-migration`: the data was restored from it with the same rows and checksums.',
    controls: ['SOC 2 A1.2', 'ISO/IEC 27001 A.8.13'],
    rule: recordRule(backup).of({ about: 'before-migration', environment: 'production', minRestored: 1 }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'migration-scripts-tested',
    group: 'data-migration',
    words: 'Migration scripts tested in staging',
    title: 'Migration scripts tested in staging',
    owner: 'technical-lead',
    proof: 'Record `migration`: each script ran in staging, up and down; one that cannot be undone says why.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.33'],
    rule: recordRule(migration).of({ environment: 'staging', minScripts: 1 }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'data-validation-planned',
    group: 'data-migration',
    words: 'Data validation plan prepared',
    title: 'Data validation planned',
    owner: 'technical-lead',
    proof: 'Record of `holdpoint document` about `data-validation-plan`.',
    controls: ['SOC 2 PI1.5', 'ISO/IEC 27001 A.8.33'],
    rule: recordRule(document).of({ about: 'data-validation-plan', ...plan }),
    optional: true,
  }),
  check(2, 'phase-2', {
    id: 'data-recovery-planned',
    group: 'data-migration',
    words: 'Rollback data recovery plan',
    title: 'Data recovery planned',
    owner: 'operations-lead',
    proof: 'Record of `holdpoint document` about `data-recovery-plan`.',
    controls: ['SOC 2 A1.3', 'ISO/IEC 27001 A.5.30'],
    rule: recordRule(document).of({ about: 'data-recovery-plan', ...plan }),
    optional: true,
  }),
];
