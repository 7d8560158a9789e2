/**
 * Loaded into the CDK's command line before it. The CDK looks every 5 seconds whether a stack is ready, which suits CloudFormation; the local
 * one needs less than that for a whole stack. Only the pause in the CDK's own `waitFor` is shortened.
 */
const pause = { cdk: 5_000, here: 200 };
const set = globalThis.setTimeout;

const isWaitFor = () => /\bwaitFor\b/.test(new Error('whose timer').stack ?? '');

globalThis.setTimeout = Object.assign(
  (callback, delay, ...given) => set(callback, delay === pause.cdk && isWaitFor() ? pause.here : delay, ...given),
  set,
);
