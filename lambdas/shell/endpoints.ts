/** What the SDK knows when it asks where a service is. */
type Asked = {
  readonly Endpoint?: string;
  readonly Region?: string;
  readonly UseFIPS?: boolean;
  readonly UseDualStack?: boolean;
  readonly AccountIdEndpointMode?: string;
  readonly EndpointId?: string;
};

/**
 * Stands in for the SDK's rules of endpoints in the bundles (see lib/stack/slim-dependencies.ts): the rules of one client with what reads them are
 * 16 KB, and Holdpoint asks each service at its regional host, as its own signed requests do. Another kind of host is refused and not replaced.
 */
export const endpointOf =
  (service: string) =>
  ({ Endpoint, Region, UseFIPS, UseDualStack, AccountIdEndpointMode, EndpointId }: Asked) => {
    if (UseFIPS || UseDualStack || EndpointId !== undefined || AccountIdEndpointMode === 'required')
      throw new Error(`${service} is asked at its regional host only: no FIPS, dual-stack, global or account endpoint is supported`);
    if (Endpoint !== undefined) return { url: new URL(Endpoint), properties: {}, headers: {} };
    if (!Region) throw new Error(`${service} cannot be asked: AWS_REGION is not set`);
    const suffix = Region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return { url: new URL(`https://${service}.${Region}.${suffix}`), properties: {}, headers: {} };
  };
