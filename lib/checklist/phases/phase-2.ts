import { sbomComplete } from '../../rules/sbom-complete.ts';
import { attestedBy, check } from '../builders.ts';
import type { GateDefinition, Item } from '../definition.ts';

const day = 86_400;

export const phase2Gate: GateDefinition = {
  role: 'evidence',
  id: 'phase-2',
  title: 'Environment Preparation',
  deadlineSeconds: 14 * day,
  onDeadline: 'expired',
};

export const phase2: readonly Item[] = [
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
    id: 'release-artifact-built',
    group: 'deployment-infrastructure',
    words: 'Docker images built (if containerized)',
    title: 'Docker images built',
    owner: 'technical-lead',
    proof: 'CycloneDX or SPDX bill of materials of the very artifact; every package has name, version and package URL or CPE name.',
    controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.28'],
    rule: sbomComplete.of({ minComponents: 1 }),
    scope: 'artifact',
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
  check(
    2,
    'phase-2',
    attestedBy('technical-lead', {
      id: 'deployment-automation-ready',
      group: 'deployment-infrastructure',
      words: 'Deployment automation (CI/CD) ready',
      title: 'Deployment automation ready',
      controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.31'],
    }),
  ),
  check(
    2,
    'phase-2',
    attestedBy('technical-lead', {
      id: 'migration-scripts-tested',
      group: 'data-migration',
      words: 'Migration scripts tested in staging',
      title: 'Migration scripts tested in staging',
      controls: ['SOC 2 CC8.1', 'ISO/IEC 27001 A.8.33'],
      optional: true,
    }),
  ),
];
