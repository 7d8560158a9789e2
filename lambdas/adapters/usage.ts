/** Requests and capacity units of DynamoDB. A unit is 1 KB written or 4 KB read with strong consistency; an eventually consistent read costs half. */
export type Usage = {
  readonly writeRequests: number;
  readonly writeUnits: number;
  readonly readRequests: number;
  readonly readUnits: number;
};

export const noUsage: Usage = { writeRequests: 0, writeUnits: 0, readRequests: 0, readUnits: 0 };

/** Adds usage up. `take` returns the sum and resets it, so that a warm function logs each invocation by itself. */
export const createTally = (): { readonly add: (usage: Usage) => void; readonly take: () => Usage } => {
  let total = noUsage;
  return {
    add: (usage) => {
      total = {
        writeRequests: total.writeRequests + usage.writeRequests,
        writeUnits: total.writeUnits + usage.writeUnits,
        readRequests: total.readRequests + usage.readRequests,
        readUnits: total.readUnits + usage.readUnits,
      };
    },
    take: () => {
      const taken = total;
      total = noUsage;
      return taken;
    },
  };
};
