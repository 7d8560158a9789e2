import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTimeToLiveCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { type ObjectLockRetentionMode, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { clientConfig, type Deployment, outputOf } from './deploy.ts';
import { LocalFault } from './local-fault.ts';
import { readJson } from './paths.ts';

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })),
});
type Resource = { readonly id: string; readonly type: string; readonly properties: Readonly<Record<string, unknown>> };

const tableSchema = z.object({ TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }) });
const bucketSchema = z.object({
  ObjectLockConfiguration: z.object({ Rule: z.object({ DefaultRetention: z.object({ Mode: z.string(), Days: z.number() }) }) }),
});
const authorizerSchema = z.object({ AuthorizerType: z.literal('REQUEST'), IdentitySource: z.undefined().optional() });

/** The resources of all synthesised stacks. */
export const resourcesIn = (folder: string): readonly Resource[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => Object.entries(readJson(join(folder, name), templateSchema)?.Resources ?? {}))
    .map(([id, { Type, Properties }]) => ({ id, type: Type, properties: Properties ?? {} }));

/** The physical name of a resource, from the output that has the construct's id: the logical id without its hash. */
const nameOf = (deployment: Deployment, { id }: Resource): string => outputOf(deployment.outputs, id.replace(/[0-9A-F]{8}$/, ''));

/**
 * Applies, through the service APIs, what the template declares and the emulator's CloudFormation skips: the tables' time to live, the
 * bucket's default retention, and an authorizer that API Gateway also calls for requests without an Authorization header. Idempotent.
 */
export const applySettings = async (deployment: Deployment, template: string): Promise<void> => {
  const resources = resourcesIn(template);
  try {
    await applyTimeToLive(deployment, resources);
    await applyObjectLock(deployment, resources);
    await removeIdentitySources(deployment, resources);
  } catch (cause) {
    if (cause instanceof LocalFault) throw cause;
    throw new LocalFault(
      'deploy-failed',
      `The app is deployed, but a setting that the local CloudFormation skips could not be applied: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
};

const applyTimeToLive = async (deployment: Deployment, resources: readonly Resource[]): Promise<void> => {
  const client = new DynamoDBClient(clientConfig(deployment.endpoint));
  for (const resource of resources) {
    const declared = tableSchema.safeParse(resource.properties);
    if (!declared.success) continue;
    const TableName = nameOf(deployment, resource);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    if (TimeToLiveDescription?.TimeToLiveStatus?.startsWith('ENABL')) continue;
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: declared.data.TimeToLiveSpecification }));
  }
  client.destroy();
};

const applyObjectLock = async (deployment: Deployment, resources: readonly Resource[]): Promise<void> => {
  const client = new S3Client({ ...clientConfig(deployment.endpoint), forcePathStyle: true });
  for (const resource of resources) {
    const declared = bucketSchema.safeParse(resource.properties);
    if (!declared.success) continue;
    const { Mode, Days } = declared.data.ObjectLockConfiguration.Rule.DefaultRetention;
    const Rule = { DefaultRetention: { Mode: Mode as ObjectLockRetentionMode, Days } };
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: nameOf(deployment, resource),
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
      }),
    );
  }
  client.destroy();
};

const authorizersSchema = z.object({ items: z.array(z.object({ authorizerId: z.string(), authorizerType: z.string() })) });

/** AWS always calls an authorizer without identity sources; the emulator adds a source, and answers 401 itself when it is missing. */
const removeIdentitySources = async (deployment: Deployment, resources: readonly Resource[]): Promise<void> => {
  if (!resources.some(({ type, properties }) => type === 'AWS::ApiGatewayV2::Authorizer' && authorizerSchema.safeParse(properties).success))
    return;
  const authorizers = `${deployment.endpoint}/v2/apis/${outputOf(deployment.outputs, 'ApiId')}/authorizers`;
  const { items } = authorizersSchema.parse(await (await fetch(authorizers, { headers: unsignedHeaders })).json());
  for (const { authorizerId } of items.filter(({ authorizerType }) => authorizerType === 'REQUEST')) {
    const answer = await fetch(`${authorizers}/${authorizerId}`, {
      method: 'PATCH',
      headers: { ...unsignedHeaders, 'content-type': 'application/json' },
      body: JSON.stringify({ identitySource: [] }),
    });
    if (!answer.ok) throw new Error(`the authorizer could not be changed (status ${answer.status})`);
  }
};

/** The emulator finds service and region in this header and does not check the signature. */
const unsignedHeaders = {
  authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=none',
};
