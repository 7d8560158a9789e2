/** Requests that AWS bills by the piece and that no other figure of the log line contains. */
export const billedRequests = ['keyRequests', 'objectsWritten', 'objectsRead', 'schedules', 'pages', 'busEvents', 'figuresRead'] as const;
export type BilledRequest = (typeof billedRequests)[number];
export type BilledRequests = Readonly<Record<BilledRequest, number>>;

const none: BilledRequests = { keyRequests: 0, objectsWritten: 0, objectsRead: 0, schedules: 0, pages: 0, busEvents: 0, figuresRead: 0 };

/** Counts the requests of one invocation. `take` gives the counts and starts anew. Retries inside the SDK count once. */
export const createRequestCounts = () => {
  let counts = none;
  return {
    add: (request: BilledRequest, pieces = 1): void => {
      counts = { ...counts, [request]: counts[request] + pieces };
    },
    take: (): BilledRequests => {
      const taken = counts;
      counts = none;
      return taken;
    },
  };
};

/** The part of an SDK client that the counter needs. Each client types its middleware by its own commands. */
type Client = { readonly middlewareStack: { add(middleware: never, options: never): void } };
type Handler = (args: unknown) => unknown;

/** The client, which reports every command that it sends, whatever becomes of it. */
export const countCommands = <C extends Client>(client: C, report: () => void): C => {
  const middleware =
    (next: Handler): Handler =>
    (args) => {
      report();
      return next(args);
    };
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'holdpointRequests', override: true } as never);
  return client;
};
