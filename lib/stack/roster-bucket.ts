import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';

/** What every bucket has. */
export const closedBucket = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  encryption: s3.BucketEncryption.S3_MANAGED,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  // Also of a removable stage: CloudFormation deletes no bucket that is not empty.
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
} as const;

/** So long an earlier roster can be read, to see who was meant by an id. Afterwards the names of those who left are gone. */
const keepEarlier = Duration.days(365);

type Props = {
  readonly stage: Pick<Stage, 'removable' | 'rosterWriters'>;
  /** CloudFormation's execution role. */
  readonly deployer: string;
};

/**
 * The bucket of the roster, which people upload (README, "Change a person"). Its object says who may sign, so a stage names who may write it;
 * then the bucket's own policy denies it to everybody else, and denies changes of that policy to everybody but a deployment.
 */
export const createRosterBucket = (scope: Construct, { stage, deployer }: Props): s3.Bucket => {
  const roster = new s3.Bucket(scope, 'RosterBucket', {
    ...closedBucket,
    versioned: true,
    lifecycleRules: [{ noncurrentVersionExpiration: keepEarlier }],
  });
  Validations.of(roster).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'It holds one small object, whose versions show every change; an access log would need another bucket.',
  });
  const { removable, rosterWriters } = stage;
  if (rosterWriters === undefined) return roster;
  const deny = (sid: string, actions: readonly string[], resource: string, allBut: readonly string[]): void => {
    roster.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [...actions],
        resources: [resource],
        conditions: { ArnNotLike: { 'aws:PrincipalArn': [...allBut] } },
      }),
    );
  };
  // A stage that can be removed can also be emptied by those who remove it.
  const deleting = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
  const writing = ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete', ...(removable ? [] : deleting)];
  deny('WrittenByNamedOnly', writing, roster.arnForObjects('*'), rosterWriters);
  deny(
    'ChangedByDeploymentsOnly',
    [
      's3:PutBucketPolicy',
      's3:DeleteBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutLifecycleConfiguration',
      's3:PutReplicationConfiguration',
    ],
    roster.bucketArn,
    [deployer],
  );
  return roster;
};
