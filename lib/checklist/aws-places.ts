import * as z from 'zod';
import { figures, nameSchema } from '../fields.ts';

/** What targets name in AWS: places, figures of CloudWatch, and resources that say themselves when they were started anew. */

export const oneLine = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'one line, without control characters');
export const roleArn = z.string().regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/);

export const awsPlace = {
  /** The role that Holdpoint takes in another account. */
  role: roleArn.optional(),
  /** What the role demands as `sts:ExternalId`. The form is that of STS. */
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .optional(),
  region: oneLine.optional(),
};
/** Where in AWS. Without a role and region, Holdpoint's own account and region. */
export type AwsPlace = { readonly [K in keyof typeof awsPlace]?: string | undefined };

/** What it says itself of account and region. */
export const accountAndRegion = ({ role, region }: AwsPlace = {}): { readonly account?: string; readonly region?: string } => {
  const account = role?.split(':')[4];
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
};

/** A name may be a whole ARN, which says where the resource is. */
export const placeInArn = (name: string): ReturnType<typeof accountAndRegion> => {
  const [arn, , , region, account] = name.split(':');
  return arn !== 'arn' || region === undefined || account === undefined ? {} : { region, account };
};

export const cloudwatchMetric = {
  namespace: oneLine,
  metric: oneLine,
  dimensions: z.record(oneLine, oneLine).default({}),
  statistic: oneLine,
  /** Seconds of one point. */
  period: z.int().min(1).max(86_400).default(60),
  ...awsPlace,
};

/** A figure of CloudWatch. */
export const metricSchema = z.strictObject({
  id: nameSchema,
  is: z.enum(figures),
  ...cloudwatchMetric,
  /** With it, the figure is 100 times `metric` divided by this metric of the same namespace and dimensions. */
  dividedBy: oneLine.optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** Where a metric is read: where it says itself, else where the environment's alarms are. */
export const placeOfMetric = (metric: Pick<Metric, 'role' | 'externalId' | 'region'>, cloudwatch: AwsPlace = {}): AwsPlace =>
  metric.role === undefined && metric.region === undefined ? cloudwatch : metric;

/** A resource of which AWS says itself when something of it was started anew. */
export const restartSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ecs-service'), cluster: oneLine, service: oneLine, ...awsPlace }),
  z.strictObject({ kind: z.literal('auto-scaling-group'), name: oneLine, ...awsPlace }),
  z.strictObject({ kind: z.literal('rds-instance'), name: oneLine, ...awsPlace }),
  z.strictObject({ kind: z.literal('rds-cluster'), name: oneLine, ...awsPlace }),
]);
export type RestartSource = z.infer<typeof restartSourceSchema>;

/** How people call the resource. */
export const nameOfSource = (source: RestartSource): string =>
  source.kind === 'ecs-service' ? `${lastPart(source.cluster)}/${lastPart(source.service)}` : source.name;
const lastPart = (text: string): string => text.split('/').at(-1) ?? text;
