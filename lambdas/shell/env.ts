import { type FunctionName, factsOf, type functions } from '../../lib/lambda-manifest.ts';
import type { S3Endpoint } from '../adapters/s3.ts';

type Env = Readonly<Record<string, string | undefined>>;
export type EnvOf<F extends FunctionName> = Readonly<Record<(typeof functions)[F]['variables'][number], string>>;

/** The variables of a function. Throws at the first call when one is missing or empty, and names it. */
export const envOf = <F extends FunctionName>(name: F, env: Env): EnvOf<F> => {
  const { variables } = factsOf(name);
  const missing = variables.filter((variable) => !env[variable]);
  if (missing.length > 0) throw new Error(`${name}: environment variables are missing: ${missing.join(', ')}`);
  return Object.fromEntries(variables.map((variable) => [variable, env[variable]])) as EnvOf<F>;
};

/** Where S3 is, by the same variables that the SDK's clients read: those of the function's platform, or of the local stage. */
export const s3EndpointOf = (env: Env): S3Endpoint => {
  const { region, endpoint } = awsEndpointOf(env);
  return { region, endpoint: env.AWS_ENDPOINT_URL_S3 || endpoint };
};

/** Where the other services are. */
export const awsEndpointOf = (env: Env): { readonly region: string; readonly endpoint: string | undefined } => {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!region) throw new Error('AWS_REGION is not set');
  return { region, endpoint: env.AWS_ENDPOINT_URL || undefined };
};
