import type { Stage } from '../checklist/stage.ts';

/** What the account of a stage supports. Every difference between a local stage and a real one in the template or the bundles is named here. */
export type Capabilities = {
  /** The event bus has an archive. The local emulator rejects the resource type, and with it the whole template. */
  readonly busArchive: boolean;
  /** The event bus has a policy, which admits other accounts. The local emulator rejects the resource type, too. */
  readonly busPolicy: boolean;
  /** Mails come from a domain verified by DKIM. Locally no mail leaves the machine: the sender's address is the identity, and the app stack makes it. */
  readonly mailDomain: boolean;
  /** SES reports bounces and complaints to EventBridge. The local mailbox takes every mail. */
  readonly mailEvents: boolean;
  /** DynamoDB answers the capacity that a command consumed. The local emulator answers one unit for every read and insert, so local bundles estimate. */
  readonly consumedCapacity: boolean;
  /** The service that a local run releases: the example in lib/local/shop. */
  readonly shop: boolean;
};

export const capabilitiesOf = ({ local }: Stage): Capabilities => ({
  busArchive: !local,
  busPolicy: !local,
  mailDomain: !local,
  mailEvents: !local,
  consumedCapacity: !local,
  shop: local,
});
