import type { Output } from '../../lib/local/demo/output.ts';

/** Keeps what the demo's steps print, for a test that fails. */
export const keptOutput = (): { readonly output: Output; readonly printed: readonly string[] } => {
  const printed: string[] = [];
  const line = (text: string): void => void printed.push(text);
  const output: Output = {
    part: (name) => (result) => line(`${name}: ${result}`),
    progress: () => undefined,
    line,
    settledGate: ({ title }) => line(`${title} passed`),
    openGate: ({ title, reasons }) => line(`${title}: ${reasons.join('; ')}`),
    rollback: () => undefined,
    summary: () => undefined,
    parts: () => [],
    durations: () => undefined,
  };
  return { output, printed };
};
