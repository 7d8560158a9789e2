import { LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsPlace } from '../../lib/checklist/targets.ts';
import type { Aws, AwsFailure } from './aws-call.ts';

/** The client for a function: with the rights of the place's role, in its region. */
export type LambdaAt = (place: AwsPlace, name: string) => Promise<LambdaClient | AwsFailure>;

/** The region in an ARN counts, because a client asks its own region whatever the ARN says. */
export const regionIn = (name: string): string | undefined => /^arn:[\w-]+:lambda:([\w-]+):/.exec(name)?.[1];

/** A new client for each call, because the session of a role ends. */
export const createLambdaAt =
  ({ credentialsOf }: Pick<Aws, 'credentialsOf'>, { maxAttempts }: { readonly maxAttempts: number }): LambdaAt =>
  async (place, name) => {
    const credentials = await credentialsOf(place);
    if ('failed' in credentials) return credentials;
    const region = place.region ?? regionIn(name);
    return new LambdaClient({ credentials, maxAttempts, ...(region === undefined ? {} : { region }) });
  };
