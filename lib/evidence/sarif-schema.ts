import * as z from 'zod';
import { notVersion } from './unreadable.ts';

/** The members of a SARIF 2.1.0 log that are read. Optional ones may be null, as serialisers of other languages write them. */
/** Far above what tools write. Results are looked up in all of them. */
const mostParts = 1000;
const text = z.string().nullish();
const index = z.int().nullish();
const list = <T extends z.ZodType>(one: T) => z.array(one).nullish();

const level = z.enum(['none', 'note', 'warning', 'error']);
export type Level = z.infer<typeof level>;

const configuration = z.looseObject({ enabled: z.boolean().nullish(), level: level.nullish() }).nullish();
const properties = z.looseObject({ 'security-severity': z.unknown().optional() }).nullish();
const descriptor = z.looseObject({ id: z.string(), guid: text, defaultConfiguration: configuration, properties });
const parts = { guid: text, rules: list(descriptor), notifications: list(descriptor) };
const component = z.looseObject({ name: z.string().min(1), ...parts });
const reference = z.looseObject({
  id: text,
  index,
  guid: text,
  toolComponent: z.looseObject({ name: text, index, guid: text }).nullish(),
});
const override = z.looseObject({ descriptor: reference, configuration });
const notification = z.looseObject({ level: text, descriptor: reference.nullish(), exception: z.unknown().optional() });
const artifactLocation = z.looseObject({ uri: text });
const result = z.looseObject({
  ruleId: text,
  ruleIndex: index,
  rule: reference.nullish(),
  kind: text,
  level: level.nullish(),
  baselineState: text,
  provenance: z.looseObject({ invocationIndex: index }).nullish(),
  suppressions: list(z.looseObject({ kind: text, status: z.string().nullable().optional() })),
  locations: list(z.looseObject({ physicalLocation: z.looseObject({ artifactLocation: artifactLocation.nullish() }).nullish() })),
  properties,
});
const invocation = z.looseObject({
  executionSuccessful: z.boolean().nullish(),
  exitCode: z.number().nullish(),
  exitSignalName: text,
  exitSignalNumber: z.number().nullish(),
  processStartFailureMessage: text,
  workingDirectory: artifactLocation.nullish(),
  startTimeUtc: z.unknown().optional(),
  endTimeUtc: z.unknown().optional(),
  toolExecutionNotifications: list(notification),
  toolConfigurationNotifications: list(notification),
  ruleConfigurationOverrides: list(override),
  notificationConfigurationOverrides: list(override),
});
const elsewhere = z.looseObject({ guid: text });
const run = z.looseObject({
  tool: z.looseObject({ driver: component, extensions: z.array(component).max(mostParts).nullish() }),
  automationDetails: z.looseObject({ guid: text }).nullish(),
  invocations: list(invocation),
  conversion: z.looseObject({ invocation: invocation.nullish() }).nullish(),
  originalUriBaseIds: z.record(z.string(), artifactLocation).nullish(),
  externalPropertyFileReferences: z
    .looseObject({
      driver: elsewhere.nullish(),
      conversion: elsewhere.nullish(),
      extensions: list(elsewhere),
      invocations: list(elsewhere),
      results: list(elsewhere),
    })
    .nullish(),
  results: list(result),
  artifacts: list(z.unknown()),
  properties: z
    .looseObject({ scope: z.unknown().optional(), paths: z.unknown().optional(), inNoFeature: z.unknown().optional() })
    .nullish(),
});
const inlineProperties = z.looseObject({
  guid: text,
  runGuid: text,
  driver: z.looseObject(parts).nullish(),
  extensions: list(component),
  conversion: z.looseObject({ invocation: invocation.nullish() }).nullish(),
  invocations: list(invocation),
  results: list(result),
});

export const sarifLog = z.looseObject({
  version: z.literal('2.1.0', notVersion('2.1.0')),
  runs: z.array(run).min(1),
  inlineExternalProperties: z.array(inlineProperties).max(mostParts).nullish(),
});
export type Log = z.infer<typeof sarifLog>;
export type Run = z.infer<typeof run>;
export type Result = z.infer<typeof result>;
export type Invocation = z.infer<typeof invocation>;
export type Notification = z.infer<typeof notification>;
export type Reference = z.infer<typeof reference>;
export type Override = z.infer<typeof override>;
export type Descriptor = z.infer<typeof descriptor>;
export type Tool = Run['tool'];
