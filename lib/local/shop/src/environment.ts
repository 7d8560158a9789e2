import { randomUUID } from 'node:crypto';
import manifest from '../package.json' with { type: 'json' };
import { consoleLog } from './log.ts';
import { cloudWatchMetrics } from './metrics.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Parts } from './shop.ts';
import { dynamoStore, tableClient } from './store.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A hundred requests per second of one address, in one process. */
const defaultRequestsPerMinute = 6_000;

/** What the service runs with, from the variables that the stack sets. A missing one ends the start with its name. */
export const partsOf = (env: Env): Parts => {
  const required = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the variable ${name} is missing`);
    return value;
  };
  const connections = env.SHOP_TABLE_CONNECTIONS;
  if (connections !== undefined && !/^[1-9]\d*$/.test(connections))
    throw new Error(`the variable SHOP_TABLE_CONNECTIONS is ${connections}, a number above zero is expected`);
  return {
    store: dynamoStore(required('SHOP_TABLE'), tableClient(connections)),
    token: required('SHOP_TOKEN'),
    origins: (env.SHOP_ORIGINS ?? '').split(',').filter(Boolean),
    version: manifest.version,
    instance: randomUUID().slice(0, 8),
    rateLimit: createRateLimit(wholeNumber(env, 'SHOP_REQUESTS_PER_MINUTE') ?? defaultRequestsPerMinute),
    log: consoleLog,
    metrics: cloudWatchMetrics({
      namespace: required('SHOP_NAMESPACE'),
      region: required('AWS_REGION'),
      endpoint: env.AWS_ENDPOINT_URL,
      credentials: {
        accessKeyId: required('AWS_ACCESS_KEY_ID'),
        secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
        sessionToken: env.AWS_SESSION_TOKEN,
      },
      lost: (reason) => consoleLog({ level: 'warn', message: 'metrics lost', reason }),
    }),
  };
};

/** Undefined: the variable is not set. */
const wholeNumber = (env: Env, name: string): number | undefined => {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`the variable ${name} is ${text}, and a whole number from 1 to 999999999 is expected`);
  return Number(text);
};
