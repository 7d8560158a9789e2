import type { AwsPlace } from '../checklist/targets.ts';

/** What the actuators need from the platforms. The adapters classify the answers; nothing here throws for an answer of a platform. */

/** `busy`: throttled, a fault of the service, a lost connection or a lost race, so that trying again may help. `refused`: it does not. */
export type Reply<T> =
  | { readonly ok: T; readonly busy?: never; readonly refused?: never }
  | { readonly busy: string; readonly ok?: never; readonly refused?: never }
  | { readonly refused: string; readonly ok?: never; readonly busy?: never };

/** An alias of a Lambda function. `split`: further versions get a part of the requests. `revision` names this state of the alias. */
export type AliasState = { readonly version: string; readonly revision: string; readonly split: boolean };
export interface Aliases {
  read(place: AwsPlace, name: string, alias: string): Promise<Reply<AliasState>>;
  /** The digest of the code of a version: `sha256:` and lower-case hex. */
  digestOf(place: AwsPlace, name: string, version: string): Promise<Reply<string>>;
  /** Gives all requests to the version. `busy` when the alias is no longer in the state `revision`. */
  point(place: AwsPlace, name: string, alias: string, to: { readonly version: string; readonly revision: string }): Promise<Reply<null>>;
}

/** What an ECS service runs by its primary deployment. `deployedAt`: when that deployment was created, ISO 8601 in UTC. */
export type ServiceState = { readonly taskDefinition: string; readonly deployedAt: string };
export interface Services {
  read(place: AwsPlace, cluster: string, service: string): Promise<Reply<ServiceState>>;
  /** Starts a new deployment that replaces every task, with another task definition or the present one. */
  deploy(place: AwsPlace, cluster: string, service: string, taskDefinition: string | null): Promise<Reply<null>>;
}

/** Calls a function and waits for what it returns. An error of the function is `refused`. */
export interface Functions {
  invoke(place: AwsPlace, name: string, request: object): Promise<Reply<unknown>>;
}

/** Puts one event in the form of CloudEvents 1.0 on Holdpoint's bus. The same id is the same event. */
export interface StepBus {
  put(event: {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly data: object;
  }): Promise<Reply<null>>;
}

export type Platforms = {
  readonly aliases: Aliases;
  readonly services: Services;
  readonly functions: Functions;
  readonly bus: StepBus;
};
