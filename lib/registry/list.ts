import { attestation } from '../evidence/attestation.ts';
import { cyclonedx } from '../evidence/cyclonedx.ts';
import { junit } from '../evidence/junit.ts';
import { lcov } from '../evidence/lcov.ts';
import { load } from '../evidence/load.ts';
import { openapi } from '../evidence/openapi.ts';
import { sarif } from '../evidence/sarif.ts';
import { series } from '../evidence/series.ts';
import { alarmsLabelled } from '../rules/alarms-labelled.ts';
import { attested } from '../rules/attested.ts';
import { changesExplained } from '../rules/changes-explained.ts';
import { checksSatisfied } from '../rules/checks-satisfied.ts';
import { coverageAtLeast } from '../rules/coverage-at-least.ts';
import { deployed } from '../rules/deployed.ts';
import { drillRecent } from '../rules/drill-recent.ts';
import { junitPasses } from '../rules/junit-passes.ts';
import { loadPasses } from '../rules/load-passes.ts';
import { noAlarmRed } from '../rules/no-alarm-red.ts';
import { noOpenObservations } from '../rules/no-open-observations.ts';
import { noticeSent } from '../rules/notice-sent.ts';
import { openapiDocumented } from '../rules/openapi-documented.ts';
import { rollbackTarget } from '../rules/rollback-target.ts';
import { sarifClean } from '../rules/sarif-clean.ts';
import { sbomComplete } from '../rules/sbom-complete.ts';
import { seriesCovers } from '../rules/series-covers.ts';
import { signed } from '../rules/signed.ts';

/**
 * Every evidence type, under its id, and every kind of rule. What the rest of Holdpoint asks of one, its module answers; this file is the
 * only other place that names it. Both lists stay plain literals: a bundle that does not use the evidence types leaves their parsers out.
 */
export const evidenceTypes = { junit, lcov, sarif, openapi, cyclonedx, load, series, attestation } as const;

export const ruleKinds = [
  junitPasses,
  coverageAtLeast,
  sarifClean,
  openapiDocumented,
  sbomComplete,
  loadPasses,
  seriesCovers,
  attested,
  deployed,
  noticeSent,
  checksSatisfied,
  noOpenObservations,
  alarmsLabelled,
  noAlarmRed,
  rollbackTarget,
  drillRecent,
  changesExplained,
  signed,
] as const;
