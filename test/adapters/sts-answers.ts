/**
 * What STS answers to AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Examples, where the
 * session token stands on lines of its own.
 */
export const assumedRole = ({
  id = 'ASIAIOSFODNN7EXAMPLE',
  secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY',
  token = 't==',
  expires = '2026-03-02T08:15:00Z',
} = {}): Response =>
  new Response(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::222233334444:assumed-role/observer/holdpoint-collector</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:holdpoint-collector</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${secret}</SecretAccessKey>
      <SessionToken>
       ${token}
      </SessionToken>
      <Expiration>${expires}</Expiration>
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
`);

/** What it answers to somebody whom the role does not trust. */
export const roleDenied = (
  message = 'User: arn:aws:sts::111122223333:assumed-role/Role/session is not authorized to perform: sts:AssumeRole',
): Response =>
  new Response(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>AccessDenied</Code>
    <Message>${message}</Message>
  </Error>
  <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
</ErrorResponse>
`,
    { status: 403 },
  );
