import type { Client } from '../../api/client.ts';
import type { Io } from '../../cli/io.ts';
import type { LocalAlarm } from '../cloudwatch.ts';
import type { ShopClient } from './shop-client.ts';
import type { ShopFunction } from './shop-function.ts';
import type { ShopOrders } from './shop-orders.ts';
import type { Workspace } from './workspace.ts';

/** A person of the local roster. */
export type LocalPerson = { readonly id: string; readonly name: string; readonly address: string; readonly roles: readonly string[] };

/** A mail that the stage has sent. `at`: ISO 8601. */
export type Mail = { readonly to: string; readonly subject: string; readonly text: string };

/** Facts about the stage that an outsider can observe. The demo's attestations quote them. */
export type StageFacts = {
  /** Digest of everything that the stage was deployed from. */
  readonly deployment: string;
  alarmListeners(): Promise<number>;
  /** Counts from the log of the shop since the demo began. */
  requestsLogged(): Promise<{ readonly requests: number; readonly failed: number }>;
  /** Counts from the logs of all functions of Holdpoint since the demo began. */
  logged(): Promise<{ readonly functions: number; readonly calls: number; readonly lines: number }>;
};

/** The running local stage as the demo uses it: only what CI, people and operations can reach. */
export type DemoStage = {
  /** Files, time and programs of this machine, as the command line has them. */
  readonly io: Io;
  readonly workspace: Workspace;
  /** The folder of the synthesised templates that the stage was deployed from. */
  readonly template: string;
  readonly publicUrl: string;
  readonly service: string;
  readonly environment: string;
  /** Where nobody is, and drills take place. */
  readonly staging: string;
  readonly people: readonly LocalPerson[];
  /** The service that is released: as its deployment sees it, and as its clients do. */
  readonly shop: {
    readonly function: ShopFunction;
    readonly client: ShopClient;
    readonly orders: ShopOrders;
    readonly alarm: LocalAlarm;
    /** The variables of the deployed function, for the load test's server. */
    readonly variables: Readonly<Record<string, string>>;
  };
  readonly facts: StageFacts;
  /** A client with the token of a new CI job. */
  ci(): Promise<Client>;
  /** A client with the token of a person. */
  person(id: string): Promise<Client>;
  /** The fields of the provider's login form. */
  credentials(id: string): { readonly login: string; readonly password: string };
  mails(): Promise<readonly Mail[]>;
  /** Puts `observation.reported` on the event bus. */
  emit(detail: object): Promise<void>;
};

/** The demo cannot get past a gate. The run stays as it is, and the demo ends. */
export class Blocked extends Error {
  override readonly name = 'Blocked';
}
