import type { Pager } from '../../lib/ports.ts';
import type { AwsCall } from './aws-call.ts';

/** Longest subject of a notification that SNS takes. */
const longestSubject = 100;

/** Publishes to the topic of the operational alarms. SNS takes subjects of printable ASCII only. Throws when SNS does not take it. */
export const createSnsPager = (call: AwsCall, { topic }: { readonly topic: string }): Pager => ({
  page: async (subject, text) => {
    const Subject = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, longestSubject);
    const answer = await call({}, { service: 'sns', operation: 'Publish', input: { TopicArn: topic, Subject, Message: text } });
    if ('failed' in answer) throw new Error(`the page was not published: ${answer.failed}`);
  },
});
