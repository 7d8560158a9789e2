import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTimeToLiveCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { type ObjectLockRetentionMode, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { clientConfig, type Deployed, outputOf } from './deploy.ts';
import { LocalFault } from './error-document.ts';
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

/** The output that names a resource: the construct's id is the resource's without the hash at its end. */
const nameOf = (deployed: Deployed, { id }: Resource): string => outputOf(deployed.outputs, id.replace(/[0-9A-F]{8}$/, ''));

/**
 * What the template declares and the emulator's CloudFormation leaves out, made by API exactly as the template says it: time to
 * live of tables, the default retention of the locked bucket, and an authorizer that is asked also when no header is sent.
 * (No bucket declares CORS, so there is none to make.) Everything here may be repeated.
 */
export const applySettings = async (deployed: Deployed, template: string): Promise<void> => {
  const resources = resourcesIn(template);
  try {
    await applyTimeToLive(deployed, resources);
    await applyObjectLock(deployed, resources);
    await openAuthorizer(deployed, resources);
  } catch (cause) {
    if (cause instanceof LocalFault) throw cause;
    throw new LocalFault(
      'deploy-failed',
      `The app is deployed, but a setting that the local AWS leaves out could not be made: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
};

const applyTimeToLive = async (deployed: Deployed, resources: readonly Resource[]): Promise<void> => {
  const client = new DynamoDBClient(clientConfig(deployed.endpoint));
  for (const resource of resources) {
    const declared = tableSchema.safeParse(resource.properties);
    if (!declared.success) continue;
    const TableName = nameOf(deployed, resource);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    if (TimeToLiveDescription?.TimeToLiveStatus?.startsWith('ENABL')) continue;
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: declared.data.TimeToLiveSpecification }));
  }
  client.destroy();
};

const applyObjectLock = async (deployed: Deployed, resources: readonly Resource[]): Promise<void> => {
  const client = new S3Client({ ...clientConfig(deployed.endpoint), forcePathStyle: true });
  for (const resource of resources) {
    const declared = bucketSchema.safeParse(resource.properties);
    if (!declared.success) continue;
    const { Mode, Days } = declared.data.ObjectLockConfiguration.Rule.DefaultRetention;
    const Rule = { DefaultRetention: { Mode: Mode as ObjectLockRetentionMode, Days } };
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: nameOf(deployed, resource),
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
      }),
    );
  }
  client.destroy();
};

const authorizersSchema = z.object({ items: z.array(z.object({ authorizerId: z.string(), authorizerType: z.string() })) });

/** An authorizer without identity sources is always asked on AWS; the emulator gives it one and then answers 401 by itself. */
const openAuthorizer = async (deployed: Deployed, resources: readonly Resource[]): Promise<void> => {
  if (!resources.some(({ type, properties }) => type === 'AWS::ApiGatewayV2::Authorizer' && authorizerSchema.safeParse(properties).success))
    return;
  const authorizers = `${deployed.endpoint}/v2/apis/${outputOf(deployed.outputs, 'ApiId')}/authorizers`;
  const { items } = authorizersSchema.parse(await (await fetch(authorizers, { headers: signedAsNobody })).json());
  for (const { authorizerId } of items.filter(({ authorizerType }) => authorizerType === 'REQUEST')) {
    const answer = await fetch(`${authorizers}/${authorizerId}`, {
      method: 'PATCH',
      headers: { ...signedAsNobody, 'content-type': 'application/json' },
      body: JSON.stringify({ identitySource: [] }),
    });
    if (!answer.ok) throw new Error(`the authorizer could not be changed: ${answer.status}`);
  }
};

/** Tells the emulator which service and region are meant; nobody checks a signature. */
const signedAsNobody = {
  authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=none',
};
