import { Stack } from 'aws-cdk-lib';
import * as ses from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Stage } from '../checklist/stage.ts';
import type { Capabilities } from './capabilities.ts';

/** The bare address of `Name <address>` or of an address. */
const addressOf = (from: string): string => /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();

/** Who sends mail. The set keeps links as they are (nothing is tracked or rewritten) and refuses plain-text transport. */
export class MailIdentity extends Construct {
  /** What `ses:SendEmail` is granted on. */
  readonly arns: readonly string[];

  constructor(scope: Construct, id: string, { stage, can }: { readonly stage: Stage; readonly can: Capabilities }) {
    super(scope, id);
    const address = addressOf(stage.mailFrom);
    const identity = can.mailDomain ? address.slice(address.indexOf('@') + 1) : address;
    const name = `holdpoint-${stage.name}`;
    const set = new ses.CfnConfigurationSet(this, 'Set', {
      name,
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      suppressionOptions: { suppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    new ses.CfnEmailIdentity(this, 'Identity', { emailIdentity: identity, configurationSetAttributes: { configurationSetName: set.ref } });
    const stack = Stack.of(this);
    this.arns = [
      stack.formatArn({ service: 'ses', resource: 'identity', resourceName: identity }),
      stack.formatArn({ service: 'ses', resource: 'configuration-set', resourceName: name }),
    ];
  }
}
