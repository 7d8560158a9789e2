import { describe, expect, test } from 'vitest';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-1111-2222-333344445555';
type Outputs = Readonly<Record<string, { readonly Value: unknown; readonly Description?: string }>>;
const outputsOf = (template: ReturnType<typeof templatesOf>['app']): Outputs => template.toJSON().Outputs as Outputs;

describe("the API's domain", () => {
  test('is the host of the public address with the certificate of the stage, regional, over TLS 1.2', () => {
    const { app } = templatesOf({ ...realStage, domain: { certificateArn } });
    const resources = resourcesOf(app);
    const [[domain, { Properties }] = ['', { Properties: {} }]] = ofType(resources, 'AWS::ApiGatewayV2::DomainName');
    expect(Properties).toEqual({
      DomainName: 'holdpoint.example.com',
      DomainNameConfigurations: [{ CertificateArn: certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' }],
    });
    const idOf = (type: string): string => ofType(resources, type)[0]?.[0] ?? '';
    expect(ofType(resources, 'AWS::ApiGatewayV2::ApiMapping').map(([, mapping]) => mapping.Properties)).toEqual([
      {
        ApiId: { Ref: idOf('AWS::ApiGatewayV2::Api') },
        DomainName: { Ref: domain },
        Stage: { Ref: idOf('AWS::ApiGatewayV2::Stage') },
      },
    ]);
    expect(outputsOf(app)).toMatchObject({
      DomainTarget: {
        Value: { 'Fn::GetAtt': [domain, 'RegionalDomainName'] },
        Description: expect.stringContaining('holdpoint.example.com'),
      },
      DomainTargetZone: { Value: { 'Fn::GetAtt': [domain, 'RegionalHostedZoneId'] } },
    });
    expect(outputsOf(app).ApiId).not.toHaveProperty('Description');
    // A firewall before the domain would be walked around by the address that AWS gives.
    expect(ofType(resources, 'AWS::ApiGatewayV2::Api').map(([, api]) => api.Properties.DisableExecuteApiEndpoint)).toEqual([true]);
  });

  test('is not made when the stage names no certificate, and the output says what to map', () => {
    const { app } = templatesOf(realStage);
    expect(ofType(resourcesOf(app), 'AWS::ApiGatewayV2::DomainName')).toEqual([]);
    expect(ofType(resourcesOf(app), 'AWS::ApiGatewayV2::ApiMapping')).toEqual([]);
    expect(ofType(resourcesOf(app), 'AWS::ApiGatewayV2::Api').map(([, api]) => api.Properties.DisableExecuteApiEndpoint)).toEqual([false]);
    expect(outputsOf(app)).not.toHaveProperty('DomainTarget');
    expect(outputsOf(app).ApiId?.Description).toBe('Map the domain holdpoint.example.com to this API, stage $default');
  });
});
