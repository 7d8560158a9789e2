/** The order that the critical probe reads. It is seeded as release 1 stores orders. */
export const probedOrder = 'order-of-the-probe';

const sharedOrders =
  'The orders stay readable: both releases store an order in the same form, and the version before ignores what a newer one adds.';
const noServers = 'Lambda starts new environments for the version that the alias names, so there is nothing to restart.';
/** A busy machine is slow, and slow is not broken. Milliseconds. */
const maxMs = 5_000;

/** Through the public address, as clients reach the service. */
const probesAt = (url: string) => [
  { id: 'health', url: `${url}/health`, expect: { maxMs } },
  { id: 'order-readable', url: `${url}/orders/${probedOrder}`, expect: { maxMs, contains: '"total"' }, critical: true },
  {
    id: 'foreign-origin-refused',
    url: `${url}/orders`,
    method: 'OPTIONS',
    headers: { origin: 'https://foreign.example', 'access-control-request-method': 'POST' },
    expect: { status: [403], maxMs, withoutHeaders: ['access-control-allow-origin'] },
  },
  { id: 'write-needs-token', url: `${url}/orders`, method: 'POST', body: '{}', safe: true, expect: { status: [401], maxMs } },
  { id: 'requests-stopped', url: `${url}/health`, expect: { status: [503], maxMs } },
  { id: 'requests-accepted', url: `${url}/orders?limit=1`, expect: { maxMs } },
];

const targetsOf = (url: string, alias: string) => ({
  components: [{ component: 'shop', platform: { kind: 'lambda-alias', function: 'shop', alias } }],
  probes: probesAt(url),
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
 * Where the shop runs, where it is looked at, and how it is taken back (lib/stack/shop.ts). No trigger decides itself: a person decides from
 * the mail. Staging is the alias `staging` of the same function under a base path of its own, where nobody is: drills take place there.
 */
export const shopTargets = (publicUrl: string): Readonly<Record<'production' | 'staging', object>> => ({
  production: { ...targetsOf(`${publicUrl}/shop`, 'live'), alarms: ['shop-production-errors'] },
  staging: { ...targetsOf(`${publicUrl}/shop-staging`, 'staging'), staging: true },
});
