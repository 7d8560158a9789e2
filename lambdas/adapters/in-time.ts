/** The part of an SDK client that is needed here. Each client types its middleware by its own commands. */
type Client = { readonly middlewareStack: { add(middleware: never, options: never): void } };
type Named = { readonly clientName?: string; readonly commandName?: string };

/** A try that hangs is made again. The SDK itself waits for ever. Milliseconds. */
export const sdkTimes = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true } as const;

/** The client, whose commands end with all their tries within the time that is left: what comes later is a fault that names the command. */
export const inTime = <C extends Client>(client: C, leftMs: () => number): C => {
  const middleware =
    (next: (args: unknown) => Promise<unknown>, { clientName = 'AWS', commandName = 'a command' }: Named) =>
    async (args: unknown): Promise<unknown> => {
      const left = leftMs();
      if (left === Number.POSITIVE_INFINITY) return next(args);
      const name = `${clientName.replace(/Client$/, '')} did not answer ${commandName} in the time that the function has`;
      if (left <= 0) throw new Error(name);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(name)), left);
      });
      const answer = next(args);
      // Nobody waits for it after the time.
      answer.catch(() => undefined);
      return Promise.race([answer, late]).finally(() => clearTimeout(timer));
    };
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'holdpointTime', override: true } as never);
  return client;
};
