import { describe, expect, test } from 'vitest';
import { take } from '../../lambdas/event-upload.ts';
import { uploaded, uploadId } from '../commands/uploading.ts';
import { dependenciesOf, givenOpen, givenRun, junitReport, twoGates } from '../given.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const created = (key: string) => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2021-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: ['arn:aws:s3:::amzn-s3-demo-bucket1'],
  detail: {
    version: '0',
    bucket: { name: 'amzn-s3-demo-bucket1' },
    object: {
      key,
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
      sequencer: '617f08299329d189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '1.2.3.4',
    reason: 'PutObject',
  },
});

describe('the function behind the intake', () => {
  test('takes the report whose arrival S3 tells, also when the sweep hands the event over again', async () => {
    const deps = dependenciesOf(twoGates);
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await uploaded(deps, run, junitReport(3));
    const event = created(`upload/${run}/${uploadId}`);
    expect(await take(deps, { ...event, redriven: 1 })).toEqual({ run, upload: uploadId, became: 'recorded' });
    expect(await take(deps, event)).toEqual({ run, upload: uploadId, became: 'again' });
  });

  test.each([
    ['another kind of event', { ...created(`upload/r/${uploadId}`), 'detail-type': 'Object Deleted' }],
    ['another source', { ...created(`upload/r/${uploadId}`), source: 'my.own' }],
    ['a key that is none of an upload', created('upload/r/../x')],
    ['no event', null],
  ])('declines %s', async (_, event) => {
    expect(await take(dependenciesOf(twoGates), event)).toEqual({ declined: 'not the arrival of an upload' });
  });
});
