import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** `alias`: the alias or the version of the function through which the request came. */
export type Measurement = { readonly failed: boolean; readonly latencyMs: number; readonly alias: string };

/** Resolves when the measurement was sent, or could not be sent: a request never fails because of its metrics. */
export type Metrics = (measurement: Measurement) => Promise<void>;

type Settings = {
  readonly namespace: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined };
  /** A server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Called with the reason when measurements were lost. */
  readonly lost: (reason: string) => void;
};

/** The most values that one datum carries. */
const mostValues = 150;
const timeoutMs = 2_000;

/**
 * Sends `Errors` (0 or 1) and `Latency` (milliseconds) of each request to CloudWatch by PutMetricData. Measurements that arrive while a call
 * is under way share the next one, so a process that answers many requests at once makes few calls.
 */
export const cloudWatchMetrics = (settings: Settings): Metrics => {
  let waiting: Measurement[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  return (measurement) => {
    waiting.push(measurement);
    next ??= current.then(() => {
      const taken = waiting;
      waiting = [];
      next = undefined;
      current = send(settings, taken).catch((fault: unknown) => settings.lost(fault instanceof Error ? fault.message : String(fault)));
      return current;
    });
    return next;
  };
};

const send = async (settings: Settings, measurements: readonly Measurement[]): Promise<void> => {
  for (let place = 0; place < measurements.length; place += mostValues)
    await put(settings, bodyOf(settings.namespace, measurements.slice(place, place + mostValues)));
};

/** One `Errors` and one `Latency` for each alias, with the values of all its requests. */
export const bodyOf = (namespace: string, measurements: readonly Measurement[]): string => {
  const form = new URLSearchParams({ Action: 'PutMetricData', Version: '2010-08-01', Namespace: namespace });
  let member = 0;
  for (const alias of new Set(measurements.map((one) => one.alias))) {
    const own = measurements.filter((one) => one.alias === alias);
    const data = [
      { name: 'Errors', unit: 'Count', values: own.map(({ failed }) => (failed ? 1 : 0)) },
      { name: 'Latency', unit: 'Milliseconds', values: own.map(({ latencyMs }) => latencyMs) },
    ];
    for (const { name, unit, values } of data) {
      member += 1;
      const prefix = `MetricData.member.${member}`;
      form.set(`${prefix}.MetricName`, name);
      form.set(`${prefix}.Unit`, unit);
      form.set(`${prefix}.StorageResolution`, '1');
      form.set(`${prefix}.Dimensions.member.1.Name`, 'Alias');
      form.set(`${prefix}.Dimensions.member.1.Value`, alias);
      for (const [index, value] of values.entries()) form.set(`${prefix}.Values.member.${index + 1}`, String(value));
    }
  }
  return form.toString();
};

/** One signed request. The service makes no other call to CloudWatch, so it does without a client for it. */
const put = async ({ region, credentials, endpoint, fetch: call = fetch }: Settings, body: string): Promise<void> => {
  const { origin, host, protocol } = new URL(endpoint ?? `https://monitoring.${region}.amazonaws.com`);
  const { sessionToken, ...keys } = credentials;
  const signer = new SignatureV4({
    service: 'monitoring',
    region,
    credentials: sessionToken === undefined ? keys : { ...keys, sessionToken },
    sha256: Sha256,
  });
  const content = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const { headers } = await signer.sign({ method: 'POST', protocol, hostname: host, path: '/', query: {}, headers: content, body });
  const { host: _, ...sent } = headers;
  const answer = await call(`${origin}/`, { method: 'POST', headers: sent, body, signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`CloudWatch answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  await answer.arrayBuffer();
};

/** Node's SHA-256 with the interface of the signer. Written here, because the service stands alone: nothing of Holdpoint is in it. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('a hash is used once');
  }
}
