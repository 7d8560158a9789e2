import type { FunctionName } from '../../lib/lambda-manifest.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

export const account = '111122223333';
export const region = 'eu-central-1';
const { data, app } = templatesOf(realStage);
export const resources = resourcesOf(app);
export const dataResources = resourcesOf(data);

/** Exports of the data stack by their names, as ARNs or names of the resources behind them. */
const exported = new Map(
  Object.values(data.toJSON().Outputs as Record<string, { Value: unknown; Export?: { Name: string } }>).flatMap((output) =>
    output.Export ? [[output.Export.Name, output.Value] as const] : [],
  ),
);

const serviceOf: Readonly<Record<string, (id: string) => string>> = {
  'AWS::DynamoDB::Table': (id) => `arn:aws:dynamodb:${region}:${account}:table/${id}`,
  'AWS::S3::Bucket': (id) => `arn:aws:s3:::${id.toLowerCase()}`,
  'AWS::KMS::Key': (id) => `arn:aws:kms:${region}:${account}:key/${id}`,
  'AWS::Lambda::Function': (id) => `arn:aws:lambda:${region}:${account}:function:${id}`,
  'AWS::SQS::Queue': (id) => `arn:aws:sqs:${region}:${account}:${id}`,
  'AWS::Logs::LogGroup': (id) => `arn:aws:logs:${region}:${account}:log-group:${id}:*`,
  // Its path stands in its ARN; a role without one has `/`.
  'AWS::IAM::Role': (id) => `arn:aws:iam::${account}:role${String(evaluated(resources[id]?.Properties.Path ?? '/'))}${id}`,
};
export const arnOf = (id: string): string => {
  const resource = resources[id] ?? dataResources[id];
  const arn = resource && serviceOf[resource.Type]?.(id);
  if (arn === undefined) throw new Error(`no ARN for ${id} of type ${resource?.Type}`);
  return arn;
};

/** The few intrinsic functions that stand in our policies, evaluated as CloudFormation would. */
export const evaluated = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(evaluated);
  if (typeof value !== 'object' || value === null) return value;
  const entry = Object.entries(value)[0];
  if (entry === undefined) return value;
  const [key, inner] = entry as [string, unknown];
  if (key === 'Ref')
    return (
      ({ 'AWS::Partition': 'aws', 'AWS::Region': region, 'AWS::AccountId': account } as Record<string, string>)[inner as string] ?? inner
    );
  if (key === 'Fn::GetAtt') return arnOf((inner as string[])[0] ?? '');
  if (key === 'Fn::ImportValue') return evaluated(exported.get(inner as string));
  if (key === 'Fn::Join') return ((inner as [string, unknown[]])[1].map(evaluated) as string[]).join((inner as [string, unknown[]])[0]);
  if (key === 'Fn::Sub')
    return (inner as string)
      .replaceAll('$'.concat('{AWS::Partition}'), 'aws')
      .replaceAll('$'.concat('{AWS::AccountId}'), account)
      .replaceAll('$'.concat('{AWS::Region}'), region);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, evaluated(member)]));
};

type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
};
export const policiesOf = (role: string): readonly { readonly Statement: readonly Statement[] }[] =>
  ofType(resources, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(`"${role}"`))
    .map(([, { Properties }]) => evaluated(Properties.PolicyDocument) as { Statement: readonly Statement[] });
export const roles = ofType(resources, 'AWS::IAM::Role').map(([id]) => id);
export const roleOf = (name: FunctionName): string => roles.find((id) => id.startsWith(`${name.replaceAll('-', '')}Role`)) ?? '';

const short = (resource: string): string =>
  resource
    .replace(/^arn:aws:(\w+):[^:]*:\d*:+/, '$1 ')
    .replace(/[0-9A-F]{8}(?=\W|$)|[0-9a-f]{8}(?=\W|$)/gi, '')
    .replace(/\s+/g, ' ');

/** All that a role may do, one line per action and resource. */
export const mayOf = (role: string): readonly string[] =>
  policiesOf(role)
    .flatMap(({ Statement }) =>
      Statement.flatMap((statement) =>
        [statement.Action]
          .flat()
          .flatMap((action) => [statement.Resource].flat().map((resource) => `${statement.Effect} ${action} on ${short(resource)}`)),
      ),
    )
    .sort();

/** The functions that write the trail. */
export const trailWriters: readonly FunctionName[] = [
  'api-ci',
  'api-people',
  'api-webhooks',
  'gate-opener',
  'event-reconciler',
  'event-feed',
  'event-upload',
  'event-collector',
  'event-actuator',
  'rollback-declarer',
];
