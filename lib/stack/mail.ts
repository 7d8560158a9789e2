import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import type { Capabilities } from './capabilities.ts';

/** The bare address of `Name <address>` or of an address. */
const addressOf = (from: string): string => /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();

/** The sender of mails. Its configuration set neither tracks nor rewrites links, and refuses unencrypted transport. */
export class MailIdentity extends Construct {
  /** The resources of the grant for `ses:SendEmail`. */
  readonly arns: readonly string[];
  /** Every mail names this set, because an identity that others made may have another default set. */
  readonly set: string;

  constructor(scope: Construct, id: string, { stage, can }: { readonly stage: Stage; readonly can: Capabilities }) {
    super(scope, id);
    const address = addressOf(stage.mailFrom);
    const identity = can.mailDomain ? (stage.mailIdentityName ?? address.slice(address.indexOf('@') + 1)) : address;
    const name = `holdpoint-${stage.name}`;
    const set = new ses.CfnConfigurationSet(this, 'Set', {
      name,
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      suppressionOptions: { suppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    this.set = set.ref;
    if (!can.mailDomain) new ses.CfnEmailIdentity(this, 'Identity', { emailIdentity: identity });
    else if (stage.mailIdentity === 'create') this.createDomain(identity);
    if (can.mailEvents) this.reportUndelivered(set);
    const stack = Stack.of(this);
    // The address, too: where it is an identity of its own, SES checks the permission on that.
    const identities = [...new Set([identity, address])];
    this.arns = [
      ...identities.map((resourceName) => stack.formatArn({ service: 'ses', resource: 'identity', resourceName })),
      stack.formatArn({ service: 'ses', resource: 'configuration-set', resourceName: name }),
    ];
  }

  /** SES accepts a mail to an address on its suppression list, too, and reports it as a bounce afterwards. */
  private reportUndelivered(set: ses.CfnConfigurationSet): void {
    const defaultBus = Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    new ses.CfnConfigurationSetEventDestination(this, 'Undelivered', {
      configurationSetName: set.ref,
      eventDestination: {
        name: 'undelivered',
        enabled: true,
        matchingEventTypes: ['bounce', 'complaint', 'reject'],
        eventBridgeDestination: { eventBusArn: defaultBus },
      },
    });
  }

  /** Retained when the stack is deleted or no longer makes it: others may send from the domain by then. */
  private createDomain(emailIdentity: string): void {
    const domain = new ses.CfnEmailIdentity(this, 'Identity', { emailIdentity });
    domain.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const records = [
      [domain.attrDkimDnsTokenName1, domain.attrDkimDnsTokenValue1],
      [domain.attrDkimDnsTokenName2, domain.attrDkimDnsTokenValue2],
      [domain.attrDkimDnsTokenName3, domain.attrDkimDnsTokenValue3],
    ] as const;
    for (const [place, [name, value]] of records.entries())
      new CfnOutput(Stack.of(this), `MailRecord${place + 1}`, {
        value: `${name} CNAME ${value}`,
        description: `DNS record that proves ${emailIdentity} to SES; no mail is sent before all three are there`,
      });
  }
}
