/** How a trigger was recorded. Only what was measured has no reason; who declared it with AWS credentials alone is not named. */
export const triggerWords = (
  { by, reason }: { readonly by: string | null; readonly reason: string | null },
  name: (person: string) => string,
): string => {
  if (by !== null) return `declared by ${name(by)}`;
  return reason === null ? 'measured' : 'declared with AWS credentials alone';
};
