/** What a function keeps for itself: to say what failed, in its log and to its caller. Milliseconds. */
export const reportMs = 1_000;

let until = Number.POSITIVE_INFINITY;

/** Before each invocation: Lambda says how long it may take, which is the limit of the function in the manifest. Only one runs at a time. */
export const beginTime = (context: { readonly getRemainingTimeInMillis?: () => number } | undefined): void => {
  const remaining = context?.getRemainingTimeInMillis?.();
  until = remaining === undefined ? Number.POSITIVE_INFINITY : performance.now() + remaining - reportMs;
};

/** How long a request of this invocation may still take, so that a slow service ends as a fault and not with the function. Milliseconds. */
export const leftMs = (): number => until - performance.now();
