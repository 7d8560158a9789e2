import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { StepBus } from '../../lib/actuators/ports.ts';
import { cut } from '../../lib/canonical-json.ts';
import { isBusy } from './aws-call.ts';

type Config = {
  readonly bus: string;
  /** What CloudEvents calls the source: the address of the stage. */
  readonly source: string;
};

const callMs = 10_000;

/** Puts events on the bus of the stage, whose detail is a CloudEvent: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export const createStepBus = (client: EventBridgeClient, { bus, source }: Config): StepBus => ({
  put: async ({ id, type, subject, time, data }) => {
    const detail = { specversion: '1.0', id, source, type, subject, time, datacontenttype: 'application/json', data };
    const command = new PutEventsCommand({
      Entries: [{ EventBusName: bus, Source: 'holdpoint', DetailType: type, Time: new Date(time), Detail: JSON.stringify(detail) }],
    });
    try {
      // The call succeeds when an entry fails.
      const { FailedEntryCount = 0, Entries = [] } = await client.send(command, { abortSignal: AbortSignal.timeout(callMs) });
      const [entry] = Entries;
      if (FailedEntryCount === 0) return { ok: null };
      return { busy: cut(`EventBridge: ${entry?.ErrorCode ?? 'no code'} ${entry?.ErrorMessage ?? ''}`.trim(), 300) };
    } catch (fault) {
      const { name = 'fault', message = '', $metadata } = fault as Error & { $metadata?: { httpStatusCode?: number } };
      const why = cut(`EventBridge: ${name}: ${message}`, 300);
      return isBusy($metadata?.httpStatusCode, name) ? { busy: why } : { refused: why };
    }
  },
});
