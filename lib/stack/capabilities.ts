import type { Stage } from '../checklist/stage.ts';

/** What the account behind a stage can do. Every difference between a local stage and a real one in the template or the bundles is named here. */
export type Capabilities = {
  /** The bus keeps what it carried. The local emulator refuses the resource type, and with it the whole template. */
  readonly busArchive: boolean;
  /** Mail is sent for a domain that proved itself (DKIM). Locally nothing leaves the machine: the sender's address is the identity, and App makes it. */
  readonly mailDomain: boolean;
  /** Object Lock in compliance mode, which not even the account's owner can shorten. A local stage can be thrown away. */
  readonly lockedForGood: boolean;
  /** DynamoDB answers the capacity that a command consumed. The local emulator answers one unit for every read and insert, so local bundles estimate. */
  readonly consumedCapacity: boolean;
  /** The one-function service that the local run releases. */
  readonly sample: boolean;
};

export const capabilitiesOf = ({ local }: Stage): Capabilities => ({
  busArchive: !local,
  mailDomain: !local,
  lockedForGood: !local,
  consumedCapacity: !local,
  sample: local,
});
