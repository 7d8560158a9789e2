/** Milliseconds between two looks. */
const interval = 500;

/**
 * Calls `ended` once when the npm that started this process has ended. npm passes SIGTERM on to its shell only, which ends and leaves the
 * program running. A program that no npm started may outlive its parent, as with `nohup`. Returns the function that ends the watch.
 */
export const whenNpmEnds = (env: Readonly<Record<string, string | undefined>>, ended: () => void): (() => void) => {
  if (env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    ended();
  }, interval);
  watch.unref();
  return () => clearInterval(watch);
};
