import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Pager } from '../../lib/ports.ts';

/** Longest subject of a notification that SNS takes. */
const longestSubject = 100;

/** Publishes to the topic of the operational alarms. SNS takes subjects of printable ASCII only. */
export const createSnsPager = (client: SNSClient, { topic }: { readonly topic: string }): Pager => ({
  page: async (subject, text) => {
    const Subject = subject.replace(/[^\x20-\x7e]/g, '?').slice(0, longestSubject);
    await client.send(new PublishCommand({ TopicArn: topic, Subject, Message: text }));
  },
});
