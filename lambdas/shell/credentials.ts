/**
 * Stands in for the SDK's chain of credential providers in the bundles (see lib/stack/slim-dependencies.ts): a function has its credentials in
 * its environment and nowhere else. The chain's other members (SSO, web identity, profiles, instance metadata) would be a good part
 * of every bundle. Lambda never changes the variables of a running environment, so that one reading is enough.
 */
export const defaultProvider =
  () => async (): Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }> => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (accessKeyId === undefined || secretAccessKey === undefined)
      throw new Error('the function has no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  };
