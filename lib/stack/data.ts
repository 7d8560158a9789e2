import {
  Annotations,
  CfnResource,
  DefaultStackSynthesizer,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import { definitionWriters, type FunctionName, profileWriters, trailWriters } from '../lambda-manifest.ts';
import { roleArnPattern } from './functions.ts';
import { closedBucket, createRosterBucket } from './roster-bucket.ts';

/** Key attributes of the tables, all strings: partition and, where there is one, sort. */
export const tableKeys = {
  audit: ['scope', 'place'],
  runs: ['pk', 'sk'],
  people: ['digest'],
  tokens: ['run', 'entry'],
  idempotency: ['key'],
} as const satisfies Readonly<Record<string, readonly [string] | readonly [string, string]>>;
export type TableId = keyof typeof tableKeys;

/** Denied to every principal on the audit table: written events stay as they are. */
const deniedToAll = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
] as const;
/** Denied on the audit table to every principal but CloudFormation's execution role. */
const deniedToAllButDeployments = [
  'dynamodb:UpdateTable',
  'dynamodb:DeleteTable',
  'dynamodb:UpdateTimeToLive',
  'dynamodb:UpdateContinuousBackups',
  'dynamodb:PutResourcePolicy',
  'dynamodb:DeleteResourcePolicy',
] as const;

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** The condition of a denial to everybody but the roles of some functions. */
const butFor = (stageName: string, names: readonly FunctionName[]): Conditions => ({
  ArnNotLike: { 'aws:PrincipalArn': names.map((name) => roleArnPattern(stageName, name)) },
});

/**
 * Longer than a run may last whose T0 waits its thirty days, so that no evidence can be deleted while a gate still rests on it. Nothing is
 * deleted when it ends. A stage that must keep evidence for an audit says for how long.
 */
const defaultRetention = { mode: 'GOVERNANCE', days: 90 } as const;
/** A local stage can be thrown away. */
const localRetention = { mode: 'GOVERNANCE', days: 1 } as const;

/** The placeholder of the bootstrap's name in the synthesizer's role names. */
const qualifier = ['$', '{Qualifier}'].join('');

export type DataStackProps = StackProps & {
  readonly stage: Pick<Stage, 'name' | 'local' | 'evidenceRetention' | 'removable' | 'rosterWriters'>;
};

/** Everything that outlives a deployment: tables, buckets and keys. Retained, protected from deletion, in a stack of its own. */
export class DataStack extends Stack {
  readonly tables: Readonly<Record<TableId, dynamodb.Table>>;
  readonly evidence: s3.Bucket;
  readonly intake: s3.Bucket;
  readonly roster: s3.Bucket;
  readonly tokensKey: kms.Key;
  readonly sessionKey: kms.Key;
  readonly cursorKey: kms.Key;
  readonly peopleKey: kms.Key;
  readonly reconcilerKey: kms.Key;

  private readonly removable: boolean;

  constructor(scope: Construct, id: string, { stage, ...props }: DataStackProps) {
    super(scope, id, {
      ...props,
      terminationProtection: !stage.removable,
      description: 'Holdpoint: audit trail, runs, people, evidence, keys. Retained.',
    });
    this.removable = stage.removable ?? false;
    this.tokensKey = new kms.Key(this, 'TokensKey', {
      description: 'Task tokens at rest',
      enableKeyRotation: true,
      removalPolicy: this.removal,
    });
    this.sessionKey = this.macKey('SessionKey', 'Signs sessions, login states and form nonces');
    this.cursorKey = this.macKey('CursorKey', 'Signs list cursors');
    this.peopleKey = this.macKey('PeopleKey', 'Signs audit events of people: approvals, waivers, attestations, decisions');
    this.reconcilerKey = this.macKey('ReconcilerKey', 'Signs audit events of the reconciler: settled gates, requests, ends of runs');
    this.tables = this.createTables(stage.name);
    [this.evidence, this.intake] = this.createBuckets(stage);
    this.roster = createRosterBucket(this, { stage, deployer: this.deployer() });
    this.keepEvidence(stage.name);
    this.createAuditLast();
    this.exportAll();
  }

  /** What was made by a deployment that fails half-way goes with it, so that the deployment can be repeated. */
  private get removal(): RemovalPolicy {
    return this.removable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  }

  /** Nobody but a deployment of this stack may delete the audit table, so a first deployment that fails must not leave one behind. */
  private createAuditLast(): void {
    const audit = this.tables.audit.node.defaultChild as CfnResource;
    for (const other of this.node.findAll()) if (CfnResource.isCfnResource(other) && other !== audit) audit.addDependency(other);
  }

  /**
   * Exports stay whether the App stack uses them or not: Data is deployed first, and CloudFormation refuses to remove an export that the
   * App stack of before still imports.
   */
  private exportAll(): void {
    const { tables, evidence, intake, roster } = this;
    for (const { tableArn, tableName } of Object.values(tables)) for (const value of [tableArn, tableName]) this.exportValue(value);
    for (const { bucketArn, bucketName } of [evidence, intake, roster])
      for (const value of [bucketArn, bucketName]) this.exportValue(value);
    for (const { keyArn, keyId } of [this.tokensKey, this.sessionKey, this.cursorKey, this.peopleKey, this.reconcilerKey])
      for (const value of [keyArn, keyId]) this.exportValue(value);
  }

  private macKey(id: string, description: string): kms.Key {
    return new kms.Key(this, id, {
      description,
      keySpec: kms.KeySpec.HMAC_256,
      keyUsage: kms.KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy: this.removal,
    });
  }

  private createTables(stageName: string): Readonly<Record<TableId, dynamodb.Table>> {
    const kept = { pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true } };
    const expiring = { timeToLiveAttribute: 'expires' };
    const audit = this.table('audit', {
      ...kept,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      ...(this.removable ? {} : { resourcePolicy: this.auditPolicy(stageName) }),
    });
    const runs = this.table('runs', kept);
    const people = this.table('people', kept);
    const tokens = this.table('tokens', {
      ...expiring,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tokensKey,
    });
    const idempotency = this.table('idempotency', expiring);
    for (const table of [tokens, idempotency])
      Validations.of(table).acknowledge({
        id: 'AwsSolutions-DDB3',
        reason: 'Its items expire by time to live and are useless afterwards: restoring old task tokens or stored responses would do harm.',
      });
    return { audit, runs, people, tokens, idempotency };
  }

  private table(id: TableId, props: Partial<dynamodb.TableProps>): dynamodb.Table {
    const [partition, sort] = tableKeys[id] as readonly [string, string?];
    const string = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
    return new dynamodb.Table(this, `${id[0]?.toUpperCase()}${id.slice(1)}Table`, {
      partitionKey: string(partition),
      ...(sort === undefined ? {} : { sortKey: string(sort) }),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      deletionProtection: !this.removable,
      removalPolicy: this.removal,
      ...props,
    });
  }

  /** A deny in the resource policy overrides the policies of all roles, so it also stops administrators' mistakes. */
  private auditPolicy(stageName: string): iam.PolicyDocument {
    const deployer = this.deployer();
    return new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          sid: 'InsertOnly',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: [...deniedToAll],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          sid: 'InsertedByWritersOnly',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: ['dynamodb:PartiQLInsert'],
          resources: ['*'],
          conditions: butFor(stageName, trailWriters),
        }),
        new iam.PolicyStatement({
          sid: 'ChangedByDeploymentsOnly',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: [...deniedToAllButDeployments],
          resources: ['*'],
          conditions: { ArnNotEquals: { 'aws:PrincipalArn': deployer } },
        }),
      ],
    });
  }

  /** CloudFormation's execution role of the bootstrap. */
  private deployer(): string {
    const role = DefaultStackSynthesizer.DEFAULT_CLOUDFORMATION_ROLE_ARN.replace(
      qualifier,
      this.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER,
    );
    return Fn.sub(role);
  }

  /**
   * Object Lock keeps every version but not the current one: an upload without a condition would put another on top, and a delete marker
   * would hide it. Deleting a version by its id stays possible where the lock permits it, so that a stage can be removed.
   */
  private keepEvidence(stageName: string): void {
    const deny = (sid: string, actions: readonly string[], resource: string, conditions?: Conditions): void => {
      const effect = iam.Effect.DENY;
      const principals = [new iam.AnyPrincipal()];
      const statement = { sid, effect, principals, actions: [...actions], resources: [resource] };
      this.evidence.addToResourcePolicy(new iam.PolicyStatement({ ...statement, ...(conditions === undefined ? {} : { conditions }) }));
    };
    deny('CreatedNeverReplaced', ['s3:PutObject'], this.evidence.arnForObjects('*'), { Null: { 's3:if-none-match': 'true' } });
    deny('NeverHidden', ['s3:DeleteObject'], this.evidence.arnForObjects('*'));
    deny(
      'DefinitionsByTheirWriterOnly',
      ['s3:PutObject'],
      this.evidence.arnForObjects('definitions/*'),
      butFor(stageName, definitionWriters),
    );
    deny('ProfilesByTheirWriterOnly', ['s3:PutObject'], this.evidence.arnForObjects('profiles/*'), butFor(stageName, profileWriters));
    deny('NeverExpired', ['s3:PutLifecycleConfiguration'], this.evidence.bucketArn, {
      ArnNotEquals: { 'aws:PrincipalArn': this.deployer() },
    });
  }

  private createBuckets({ local, evidenceRetention }: DataStackProps['stage']): readonly [s3.Bucket, s3.Bucket] {
    const { mode, days } = evidenceRetention ?? (local ? localRetention : defaultRetention);
    const retention = mode === 'COMPLIANCE' ? s3.ObjectLockRetention.compliance : s3.ObjectLockRetention.governance;
    const evidence = new s3.Bucket(this, 'EvidenceBucket', {
      ...closedBucket,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: retention(Duration.days(days)),
    });
    if (mode === 'COMPLIANCE')
      Annotations.of(evidence).addWarningV2(
        'holdpoint:evidence-compliance',
        `Every report that Holdpoint takes is locked for ${days} days in COMPLIANCE mode: nobody can delete it or shorten that time, not even the root user, also where it holds personal data. The bucket costs money until the last lock ends. Leave evidenceRetention out for a trial.`,
      );
    const intake = new s3.Bucket(this, 'IntakeBucket', {
      ...closedBucket,
      lifecycleRules: [{ expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    // Here and not by the construct's own option, which would bring a function of the CDK with the right to change every bucket.
    (intake.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    Validations.of(evidence).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Evidence is recorded in the audit trail, and objects are named by their digest under Object Lock; an access log would need a bucket without a lock.',
    });
    Validations.of(intake).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Uploads are deleted after one day; what becomes evidence is recorded in the audit trail.',
    });
    return [evidence, intake];
  }
}
