import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type FunctionName, factsOf, type Target } from '../lambda-manifest.ts';

/** Who may take one of the roles. */
export type Trusted = {
  /** ARN of the role of a function of Holdpoint: nobody else may assume the role. */
  readonly trustedRole: string;
  /** Both sides name it, so that Holdpoint cannot be made to act or to look for somebody else. */
  readonly externalId: string;
};

/** What the actuator may change in this account to take a release back. */
export type ActuatorProps = Trusted & {
  /** ARNs of functions whose alias may be shifted. */
  readonly functions: readonly string[];
  /** ARNs of functions that a step may invoke, with their version or alias where one is named. */
  readonly invoked: readonly string[];
  /** ARNs of ECS services that may be updated. */
  readonly services: readonly string[];
};

/** What the collector may read in this account, and nothing that changes anything. */
export type ObserverProps = Trusted & {
  /** ARNs of functions whose alias is read. */
  readonly functions: readonly string[];
  /** ARNs of ECS services that are read, and of the clusters whose tasks are. */
  readonly services: readonly string[];
  readonly clusters: readonly string[];
  /** Whether alarms and metrics are read. CloudWatch knows no narrower resource than all of the account and region. */
  readonly figures: boolean;
  /** Whether activities of Auto Scaling groups and events of databases are read, which have no narrower resource either. */
  readonly histories: boolean;
};

type Statement = { readonly resources: readonly string[]; readonly on: readonly Target[]; readonly condition?: object };
export type Permissions = Readonly<Record<string, iam.CfnRolePolicy>>;

/**
 * Roles belong to an account, and what uses them to a region of it. The stage makes them another's where two observe the same account and
 * region; Holdpoint knows them by the ARNs in its stage file.
 */
export const roleNameOf = (of: 'Actuator' | 'Observer', stage: string | undefined): string =>
  `Holdpoint${of}-${stage === undefined ? '' : `${stage}-`}${Aws.REGION}`;

/** The roles of one stage of Holdpoint. */
export type Named = { readonly stage: string | undefined };
export type MadeRole = { readonly role: iam.CfnRole; readonly permissions: Permissions };
type Kind = { readonly id: string; readonly of: FunctionName; readonly name: string; readonly does: string };

/**
 * A role that one function of Holdpoint takes in this account, with one policy for each kind of resource that is named. Its actions are those
 * of the function's own grants, so that it may do elsewhere what it may do at home.
 */
const makeRole = (
  scope: Construct,
  { id, of, name, does }: Kind,
  { trustedRole, externalId }: Trusted,
  policies: Readonly<Record<string, readonly Statement[]>>,
): MadeRole => {
  const role = new iam.CfnRole(scope, id, {
    roleName: name,
    description: `Lets Holdpoint ${does}`,
    assumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { AWS: trustedRole },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': externalId } },
    }),
  });
  const { grants } = factsOf(of);
  const allow = ({ resources, on, condition }: Statement): object => ({
    Effect: 'Allow',
    Action: [...new Set(grants.flatMap((grant) => (on.includes(grant.on) ? grant.actions : [])))],
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  });
  const named = Object.entries(policies).filter(([, statements]) => statements.every(({ resources }) => resources.length > 0));
  const permissions = named.map(([policyName, statements]) => {
    const made = { roleName: role.ref, policyName, policyDocument: policy(...statements.map(allow)) };
    return [policyName, new iam.CfnRolePolicy(scope, policyName, made)] as const;
  });
  return { role, permissions: Object.fromEntries(permissions) };
};

/** The acting role: it sets aliases and services back and invokes functions. */
export const actuatorRole = (scope: Construct, { stage, functions, invoked, services, ...trusted }: ActuatorProps & Named): MadeRole =>
  makeRole(scope, { id: 'Actuator', of: 'event-actuator', name: roleNameOf('Actuator', stage), does: 'take releases back' }, trusted, {
    ShiftAliases: [{ resources: functions, on: ['target-aliases', 'target-versions'] }],
    InvokeFunctions: [{ resources: invoked, on: ['target-functions'] }],
    UpdateServices: [{ resources: services, on: ['target-services'] }],
  });

const everything = (isAsked: boolean): readonly string[] => (isAsked ? ['*'] : []);

/** The reading role. */
export const observerRole = (scope: Construct, given: ObserverProps & Named): MadeRole => {
  const { stage, functions, services, clusters, figures, histories, ...trusted } = given;
  return makeRole(scope, { id: 'Observer', of: 'event-collector', name: roleNameOf('Observer', stage), does: 'see what runs' }, trusted, {
    ReadAliases: [{ resources: functions, on: ['observed-functions'] }],
    ReadServices: [
      { resources: services, on: ['observed-services'] },
      // A task has no name before it runs, and ListTasks knows no resource: the clusters bound both.
      {
        resources: everything(clusters.length > 0),
        on: ['observed-clusters', 'observed-tasks'],
        condition: { ArnEquals: { 'ecs:cluster': clusters } },
      },
      // ECS offers this action for all task definitions only.
      { resources: ['*'], on: ['observed-definitions'] },
    ],
    ReadFigures: [{ resources: everything(figures), on: ['observed-figures'] }],
    ReadHistories: [{ resources: everything(histories), on: ['observed-histories'] }],
  });
};

const policy = (...statements: readonly object[]): object => ({ Version: '2012-10-17', Statement: statements });
