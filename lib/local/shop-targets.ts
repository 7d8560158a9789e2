/** The order that the critical probe reads. It is seeded as release 1 stores orders. */
export const probedOrder = 'order-of-the-probe';

const sharedOrders =
  'The orders stay readable: both releases store an order in the same form, and the version before ignores what a newer one adds.';
const noServers = 'Lambda starts new environments for the version that the alias names, so there is nothing to restart.';

/**
 * The probe that writes: the shop answers 401, because it has no token. All others stand in the profile (lib/local/shop/holdpoint.yaml), also
 * those that the rollback names.
 */
const writeNeedsToken = (url: string) => ({
  id: 'write-needs-token',
  url: `${url}/orders`,
  method: 'POST',
  body: '{}',
  safe: true,
  // A busy machine is slow, and slow is not broken. Milliseconds.
  expect: { status: [401], maxMs: 5000 },
});

const targetsOf = (url: string, alias: string) => ({
  components: [{ component: 'shop', platform: { kind: 'lambda-alias', function: 'shop', alias } }],
  probes: [writeNeedsToken(url)],
  // Through the public address, as clients reach the service.
  permits: { addresses: [url], alarmPrefixes: ['shop-production-'] },
  privateAddresses: true,
  rollback: {
    'stop-requests': {
      by: { kind: 'lambda', function: 'shop-stop-requests' },
      stopped: ['requests-stopped'],
      accepting: ['requests-accepted'],
    },
    'revert-version': { by: { kind: 'platform' } },
    'restore-database': { notApplicable: sharedOrders },
    'restart-services': { notApplicable: noServers },
    watchSeconds: 5,
  },
});

/**
 * Where the shop runs, where its profile may have it looked at, and how it is taken back (lib/stack/shop.ts). No trigger decides itself: a
 * person decides from the mail. Staging is the alias `staging` of the same function under a base path of its own, where nobody is: drills take
 * place there.
 */
export const shopTargets = (publicUrl: string): Readonly<Record<'production' | 'staging', object>> => ({
  production: targetsOf(`${publicUrl}/shop`, 'live'),
  staging: { ...targetsOf(`${publicUrl}/shop-staging`, 'staging'), staging: true },
});
