import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { TrustedFunction } from './functions.ts';

type Props = { readonly upload: TrustedFunction; readonly intake: s3.IBucket; readonly undeliveredEvents: sqs.IQueue };

/**
 * Whatever arrives in the intake is taken by one function. By a rule and not by the bucket's own notification, which would have to name a
 * function of a stack that is deployed after the bucket's.
 */
export const takeUploads = (scope: Construct, { upload, intake, undeliveredEvents }: Props): void => {
  const rule = new events.Rule(scope, 'Uploads', {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
    eventPattern: { source: ['aws.s3'], detailType: ['Object Created'], detail: { bucket: { name: [intake.bucketName] } } },
    targets: [
      new targets.LambdaFunction(upload.function, {
        deadLetterQueue: undeliveredEvents,
        retryAttempts: 10,
        maxEventAge: Duration.hours(2),
      }),
    ],
    description: 'Uploaded reports become evidence',
  });
  rule.node.addDependency(upload.grants);
};
