import { alarmsExercised } from '../rules/alarms-exercised.ts';
import { alarmsHeard } from '../rules/alarms-heard.ts';
import { alarmsLabelled } from '../rules/alarms-labelled.ts';
import { alarmsReady } from '../rules/alarms-ready.ts';
import { attested } from '../rules/attested.ts';
import { changesExplained } from '../rules/changes-explained.ts';
import { checksSatisfied } from '../rules/checks-satisfied.ts';
import { coverageAtLeast } from '../rules/coverage-at-least.ts';
import { dataUnharmed } from '../rules/data-unharmed.ts';
import { deployed } from '../rules/deployed.ts';
import { drillRecent } from '../rules/drill-recent.ts';
import { junitPasses } from '../rules/junit-passes.ts';
import { loadAtPeak, loadPasses } from '../rules/load-passes.ts';
import { loadRamps } from '../rules/load-ramps.ts';
import { logPrivate } from '../rules/log-private.ts';
import { logStructured } from '../rules/log-structured.ts';
import { metricAgrees } from '../rules/metric-agrees.ts';
import { metricWithin } from '../rules/metric-within.ts';
import { noAlarmRed, noAlarmReported } from '../rules/no-alarm-red.ts';
import { noOpenObservations } from '../rules/no-open-observations.ts';
import { noticeSent } from '../rules/notice-sent.ts';
import { openapiDocumented } from '../rules/openapi-documented.ts';
import { probesPass } from '../rules/probes-pass.ts';
import { recordRules } from '../rules/record-within.ts';
import { restartsHeard } from '../rules/restarts-heard.ts';
import { rollbackTarget } from '../rules/rollback-target.ts';
import { sarifClean } from '../rules/sarif-clean.ts';
import { sbomComplete } from '../rules/sbom-complete.ts';
import { seriesCovers } from '../rules/series-covers.ts';
import { seriesSteady } from '../rules/series-steady.ts';
import { seriesUnbroken } from '../rules/series-unbroken.ts';
import { signed } from '../rules/signed.ts';
import { startedInOrder } from '../rules/started-in-order.ts';
import { rollbackVerified, stepProved } from '../rules/step-proved.ts';
import { alarmsCascade } from '../rules/triggers/alarms-cascade.ts';
import { performanceWorse } from '../rules/triggers/performance-worse.ts';
import { probeFails } from '../rules/triggers/probe-fails.ts';
import { reportedTrigger } from '../rules/triggers/reported.ts';
import { vulnerabilitiesWithin } from '../rules/vulnerabilities-within.ts';
import { withinBaseline } from '../rules/within-baseline.ts';
import { withinBudget } from '../rules/within-budget.ts';
import { withinLastStable } from '../rules/within-last-stable.ts';

/** Rules of triggers: they judge no check, and find what opens the decision about a rollback. */
export const triggerKinds = [probeFails, reportedTrigger, performanceWorse, alarmsCascade] as const;

/**
 * Every kind of rule. What the rest of Holdpoint asks of one, its module answers; this file is the only other place that names it. The list stays
 * a plain literal: a bundle that judges nothing leaves the rules out.
 */
export const ruleKinds = [
  junitPasses,
  coverageAtLeast,
  sarifClean,
  vulnerabilitiesWithin,
  openapiDocumented,
  sbomComplete,
  loadPasses,
  loadAtPeak,
  seriesCovers,
  attested,
  deployed,
  noticeSent,
  checksSatisfied,
  noOpenObservations,
  alarmsLabelled,
  noAlarmReported,
  noAlarmRed,
  rollbackTarget,
  drillRecent,
  changesExplained,
  signed,
  stepProved,
  rollbackVerified,
  withinBudget,
  probesPass,
  alarmsReady,
  alarmsHeard,
  metricWithin,
  metricAgrees,
  restartsHeard,
  startedInOrder,
  withinBaseline,
  withinLastStable,
  seriesUnbroken,
  seriesSteady,
  loadRamps,
  dataUnharmed,
  alarmsExercised,
  logStructured,
  logPrivate,
  ...recordRules,
  ...triggerKinds,
] as const;
