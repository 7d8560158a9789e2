import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

/** The app of a stage as a customer has it, and ways to find things in it. */
export const real = templatesOf(realStage);
export const resources = resourcesOf(real.app);
export const properties = (type: string) => ofType(resources, type).map(([, resource]) => resource.Properties);
export const functionId = (name: string): string =>
  ofType(resources, 'AWS::Lambda::Function').find(([id]) => id.startsWith(`${name.replaceAll('-', '')}Function`))?.[0] ?? '';
export const queueId = (name: string): string => ofType(resources, 'AWS::SQS::Queue').find(([id]) => id.startsWith(name))?.[0] ?? '';
export const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
