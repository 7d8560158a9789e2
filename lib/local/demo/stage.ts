import type { Client } from '../../api/client.ts';
import type { Report } from './reports.ts';
import type { Sample } from './sample.ts';
import type { Workshop } from './workspace.ts';

/** A person of the local roster, as the local provider knows them. */
export type LocalPerson = { readonly id: string; readonly name: string; readonly address: string; readonly roles: readonly string[] };

export type Mail = { readonly to: string; readonly subject: string; readonly text: string };

/** What can be seen of the stage from outside; the sentences that are attested are made of it. */
export type StageFacts = {
  /** Digest of everything that the stage was deployed from. */
  readonly deployment: string;
  alarmListeners(): Promise<number>;
  /** What the logs of all functions hold together since the play began. */
  logged(): Promise<{ readonly functions: number; readonly calls: number; readonly lines: number }>;
};

/** The running local stage as the player sees it: what CI, people and operations have in their hands, and nothing more. */
export type PlayedStage = {
  readonly shop: Workshop;
  /** Where people's browsers go. */
  readonly publicUrl: string;
  readonly service: string;
  readonly environment: string;
  readonly waitScale: number;
  readonly people: readonly LocalPerson[];
  readonly sample: Sample;
  /** The variables of the deployed API functions, for the handlers in one process. */
  readonly functionEnv: Readonly<Record<string, string>>;
  readonly facts: StageFacts;
  /** A client with the token of a fresh CI job. */
  ci(): Promise<Client>;
  /** A client with the token of a person. */
  person(id: string): Promise<Client>;
  /** A bearer token of a person, for the load test. */
  tokenOf(id: string): Promise<string>;
  /** Fills in the provider's login form. */
  credentials(id: string): Readonly<Record<string, string>>;
  mails(): Promise<readonly Mail[]>;
  /** Puts `observation.reported` on the bus. */
  emit(detail: object): Promise<void>;
  /** Sends an alarm's notification to the topic that monitoring uses. */
  notify(message: object): Promise<void>;
};

/** A hold that the player cannot mend: the run stays as it is, and the play ends here. */
export class Held extends Error {
  override readonly name = 'Held';
}

export type { Report };
