import { account, arnOf, dataResources, mayOf, roleOf } from './policies.ts';
import { asAdministrator, policyOf } from './simulation.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

/** The roster's bucket of a stage that names who may write it. */
export const owners = `arn:aws:iam::${account}:role/release-owners`;
export const bucketId = Object.keys(dataResources).find((id) => id.startsWith('RosterBucket')) ?? '';

const policyWith = (options: object): unknown =>
  policyOf(
    ofType(resourcesOf(templatesOf({ ...realStage, ...options }).data), 'AWS::S3::BucketPolicy').find(([id]) =>
      id.startsWith('RosterBucket'),
    )?.[1].Properties.PolicyDocument,
  );

/** What IAM answers to a role that may do everything by its own policies. */
export const rosterAnswer = (action: string, role?: string, options: object = { rosterWriters: [owners] }): Promise<string> => {
  const bucket = arnOf(bucketId);
  const isOfBucket = /Policy|Versioning|Lifecycle|Replication/.test(action);
  const asked = { resourcePolicy: policyWith(options), context: { 'aws:SecureTransport': 'true' } };
  return asAdministrator(action, isOfBucket ? bucket : `${bucket}/roster.json`, asked, role);
};

/** What the README says of the roster and of the mailer, with its proof (see `trusted.test.ts`). */
export const mailerClaims = [
  [
    'Alarm mailer',
    'cannot',
    'read or write anything of a run',
    () => mayOf(roleOf('alarm-mailer')).filter((line) => !/ (logs|sqs|ses):|s3:GetObject on s3 rosterbucket\/roster\.json$/.test(line)),
    [],
  ],
] as const;
const writers = 'Who may write the roster (`rosterWriters`)';
export const rosterClaims = [
  [writers, 'can', 'say who the people are', () => rosterAnswer('s3:PutObject', 'release-owners'), 'Allowed'],
  [writers, 'cannot', "change the bucket's policy", () => rosterAnswer('s3:PutBucketPolicy', 'release-owners'), 'ExplicitlyDenied'],
  ['Everybody else in the account', 'cannot', 'upload a roster or delete one', () => rosterAnswer('s3:PutObject'), 'ExplicitlyDenied'],
] as const;
