import * as z from 'zod';
import { observationKinds } from '../fields.ts';

/**
 * Rules are data: a versioned kind with its parameters, so that the definition's digest says all. One pure function per kind
 * judges it (`lib/evaluation/rules`). Durations are in seconds, shares in percent. A limit that is absent is not set.
 */
const kind = <K extends string, S extends z.core.$ZodLooseShape>(name: K, shape: S) => z.strictObject({ kind: z.literal(name), ...shape });

export const roles = ['technical-lead', 'operations-lead', 'product-owner', 'operator', 'developer', 'auditor'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** Rules that judge one piece of evidence at a time. */
export const evidenceRuleSchema = z.discriminatedUnion('kind', [
  kind('junit-passes/1', { evidence: z.literal('junit'), minTests: z.int().min(1), maxSkippedPct: z.number().min(0).max(100).optional() }),
  kind('coverage-at-least/1', {
    evidence: z.literal('lcov'),
    metric: z.enum(['lines', 'functions', 'branches']),
    floorPct: z.number().min(0).max(100),
    per: z.literal('feature'),
  }),
  kind('sarif-clean/1', {
    evidence: z.literal('sarif'),
    tools: z.array(z.string()).min(1),
    maxLevel: z.enum(['none', 'note', 'warning']),
    maxSuppressed: z.int().min(0).optional(),
  }),
  kind('openapi-documented/1', { evidence: z.literal('openapi'), require: z.enum(['valid', 'described']), minOperations: z.int().min(1) }),
  kind('sbom-complete/1', { evidence: z.literal('cyclonedx'), minComponents: z.int().min(1) }),
  kind('load-passes/1', {
    evidence: z.literal('load'),
    minConcurrency: z.int().min(1),
    minRequests: z.int().min(1),
    minDurationSeconds: z.number().positive().optional(),
    maxErrorPct: z.number().min(0).max(100),
    maxP99Ms: z.number().positive(),
  }),
  kind('series-covers/1', {
    evidence: z.literal('series'),
    /** Name of the series that it judges: `soak`, `health`, `monitoring`; others are not its business. */
    series: z.string(),
    minDurationSeconds: z.number().positive(),
    minPoints: z.int().min(2),
    maxGapPct: z.number().positive(),
    maxFailurePct: z.number().min(0).max(100),
    maxP95Ms: z.number().positive(),
  }),
  kind('attested/1', { evidence: z.literal('attestation'), role: roleSchema }),
]);
export type EvidenceRule = z.infer<typeof evidenceRuleSchema>;
export type EvidenceType = EvidenceRule['evidence'];

/** Rules that are computed from the run's own lanes when their gate is decided. */
export const computedRuleSchema = z.discriminatedUnion('kind', [
  kind('deployed/1', {}),
  kind('notice-sent/1', { notice: z.string() }),
  kind('checks-satisfied/1', { checks: z.array(z.string()).min(1) }),
  kind('no-open-observations/1', {
    kinds: z.array(z.enum(observationKinds)).min(1),
  }),
  kind('alarms-labelled/1', { maxFalse: z.int().min(0) }),
  kind('signed/1', { role: roleSchema }),
]);
export type ComputedRule = z.infer<typeof computedRuleSchema>;
export const ruleSchema = z.union([evidenceRuleSchema, computedRuleSchema]);
export type Rule = z.infer<typeof ruleSchema>;

export const isEvidenceRule = (rule: Rule): rule is EvidenceRule => 'evidence' in rule;
