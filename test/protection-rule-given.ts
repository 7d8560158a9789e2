export const secretArn = (name: string): string => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/${name}-AbCdEf`;

/** A protection rule as the stage file has it. */
export const protectionRule = {
  id: 'deploy',
  repository: 'acme/shop',
  environment: 'production',
  gate: 'phase-1',
  app: '123456',
  installation: 678,
  secretArn: secretArn('app-key'),
  webhookSecretArn: secretArn('webhook'),
};
