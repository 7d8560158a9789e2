import * as z from 'zod';
import { type AwsCall, parsed } from './aws-call.ts';

const answerSchema = z.object({ SecretString: z.string().min(1) });

/**
 * The text of a secret in AWS Secrets Manager, by its full ARN. Throws when the secret cannot be read; neither the error nor a log has the
 * answer's text.
 */
export const readSecret = async (call: AwsCall, arn: string, what = 'client secret'): Promise<string> => {
  const answer = await call(
    { region: arn.split(':')[3] },
    { service: 'secretsmanager', operation: 'GetSecretValue', input: { SecretId: arn } },
  );
  if ('failed' in answer) throw new Error(`the ${what} was not read: ${answer.failed}`);
  const read = parsed(answerSchema, answer.text);
  if (read === undefined) throw new Error(`Secrets Manager: the ${what} has no text`);
  return read.SecretString;
};
