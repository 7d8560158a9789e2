/** Bytes that a text takes on a page at most: signs of HTML and signs that `visible` shows by their number become longer. */
const bytesOn = (text: string): number => text.length + 7 * (text.match(/[^\w .,:;/()%-]/g)?.length ?? 0);

/** The first items whose texts fit into a room, in bytes of a page. A page stays small, whatever a run holds. */
export const fitting = <T>(items: readonly T[], room: number, textsOf: (item: T) => readonly string[]): readonly T[] => {
  let used = 0;
  const end = items.findIndex((item) => {
    used += textsOf(item).reduce((sum, text) => sum + bytesOn(text), 100);
    return used > room;
  });
  return end === -1 ? items : items.slice(0, end);
};
