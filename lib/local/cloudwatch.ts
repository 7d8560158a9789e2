import { healthOf } from '../fields.ts';

/** `red`: in the state ALARM. */
export type LocalAlarm = {
  readonly name: string;
  /** Measures one failure, as the service does for a request that fails. The alarm turns red when it evaluates the metric. */
  measureFailure(): Promise<void>;
  isRed(): Promise<boolean>;
  /** Puts the alarm into a state until its next evaluation, as `aws cloudwatch set-alarm-state` does, and notifies as a real change would. */
  setState(state: 'ALARM' | 'OK', reason: string): Promise<void>;
};

/** The emulator finds service and region in this header and does not check the signature. */
const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=none',
  'content-type': 'application/x-www-form-urlencoded',
};
const timeoutMs = 10_000;

/** The figure that an alarm watches. */
export type WatchedMetric = {
  readonly namespace: string;
  readonly metric: string;
  readonly dimension: { readonly name: string; readonly value: string };
};

/** An alarm in the CloudWatch of the local AWS. */
export const localAlarm = (endpoint: string, name: string, { namespace, metric, dimension }: WatchedMetric): LocalAlarm => {
  const call = async (action: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
    const body = new URLSearchParams({ Action: action, Version: '2010-08-01', ...parameters }).toString();
    const answer = await fetch(`${endpoint}/`, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the local CloudWatch answered ${answer.status} to ${action} of ${name}: ${text.slice(0, 200)}`);
    return text;
  };
  return {
    name,
    measureFailure: async () => {
      await call('PutMetricData', {
        Namespace: namespace,
        'MetricData.member.1.MetricName': metric,
        'MetricData.member.1.Unit': 'Count',
        'MetricData.member.1.Value': '1',
        'MetricData.member.1.StorageResolution': '1',
        'MetricData.member.1.Dimensions.member.1.Name': dimension.name,
        'MetricData.member.1.Dimensions.member.1.Value': dimension.value,
      });
    },
    isRed: async () => {
      const state = /<StateValue>(\w+)<\/StateValue>/.exec(await call('DescribeAlarms', { 'AlarmNames.member.1': name }))?.[1];
      if (state === undefined) throw new Error(`the local CloudWatch has no alarm ${name}`);
      return healthOf(state) === 'bad';
    },
    setState: async (StateValue, StateReason) => {
      await call('SetAlarmState', { AlarmName: name, StateValue, StateReason });
    },
  };
};
