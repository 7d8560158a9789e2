import { escaped } from './uri-escape.ts';

/** A request as it goes to a service's own host. `path` and `query` are escaped already. */
export type Posted = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: none. */
  readonly body: string | undefined;
};
type Input = Readonly<Record<string, unknown>>;
type Protocol<O extends string = string> = (operation: O, input: Input) => Posted;

const posted = (contentType: string, body: string, headers: Readonly<Record<string, string>> = {}): Posted => ({
  method: 'POST',
  path: '/',
  query: {},
  headers: { 'content-type': contentType, ...headers },
  body,
});

/** https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html and 1.1 */
const json =
  (version: '1.0' | '1.1', target: string): Protocol =>
  (operation, input) =>
    posted(`application/x-amz-json-${version}`, JSON.stringify(input), { 'x-amz-target': `${target}.${operation}` });

/** The values of the input are texts: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
const query =
  (version: string): Protocol =>
  (operation, input) =>
    posted(
      'application/x-www-form-urlencoded',
      new URLSearchParams({ Action: operation, Version: version, ...(input as Readonly<Record<string, string>>) }).toString(),
    );

/** What an operation says of its address. `headers` and `payload` name members of the input that go there and not into the JSON body. */
type Binding = readonly [
  method: Posted['method'],
  path: string,
  special?: { readonly headers: Readonly<Record<string, string>>; readonly payload: string },
];

/**
 * Each operation has an address, with members of the input in braces: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html. The other
 * members are the body, or of a GET the query.
 */
const rest =
  <O extends string>(operations: Readonly<Record<O, Binding>>): Protocol<O> =>
  (operation, input) => {
    const [method, template, { headers: named, payload } = { headers: {}, payload: '' }] = operations[operation];
    const left: Record<string, unknown> = { ...input };
    const taken = (member: string): string => {
      const value = String(left[member]);
      delete left[member];
      return value;
    };
    const path = template.replace(/\{(\w+)\}/g, (_, member: string) => escaped(taken(member)));
    const headers = Object.fromEntries(Object.entries(named).map(([member, header]) => [header, taken(member)]));
    if (method === 'GET') return { method, path, query: left as Readonly<Record<string, string>>, headers, body: undefined };
    const body = payload === '' ? JSON.stringify(left) : taken(payload);
    return { method, path, query: {}, headers: { 'content-type': 'application/json', ...headers }, body };
  };

const lambdaFunction = '/2015-03-31/functions/{FunctionName}';

/** By the name of the service in its host. */
export const protocols = {
  autoscaling: query('2011-01-01'),
  ecs: json('1.1', 'AmazonEC2ContainerServiceV20141113'),
  email: rest({ SendEmail: ['POST', '/v2/email/outbound-emails'] }),
  kms: json('1.1', 'TrentService'),
  lambda: rest({
    GetAlias: ['GET', `${lambdaFunction}/aliases/{Name}`],
    GetFunctionConfiguration: ['GET', `${lambdaFunction}/configuration`],
    Invoke: ['POST', `${lambdaFunction}/invocations`, { headers: { InvocationType: 'x-amz-invocation-type' }, payload: 'Payload' }],
    UpdateAlias: ['PUT', `${lambdaFunction}/aliases/{Name}`],
  }),
  monitoring: json('1.0', 'GraniteServiceVersion20100801'),
  rds: query('2014-10-31'),
  scheduler: rest({ CreateSchedule: ['POST', '/schedules/{Name}'] }),
  secretsmanager: json('1.1', 'secretsmanager'),
  sns: query('2010-03-31'),
  sqs: json('1.0', 'AmazonSQS'),
  sts: query('2011-06-15'),
} as const;

export type AwsService = keyof typeof protocols;
export type AwsOperation<S extends AwsService> = Parameters<(typeof protocols)[S]>[0];

/** The name of a service in signatures, where it is not that of its host. */
export const signedAs = (service: AwsService): string => (service === 'email' ? 'ses' : service);

export const postedOf = (service: AwsService, operation: string, input: object): Posted =>
  (protocols[service] as Protocol)(operation, input as Input);
