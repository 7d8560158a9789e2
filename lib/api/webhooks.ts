/** Routes that programs of others call. They have no token: what they send is signed, and the function behind them checks that. */
export const webhooks = {
  github: { method: 'POST', path: '/webhooks/github', function: 'webhooks', throttle: 'webhooks' },
} as const;
