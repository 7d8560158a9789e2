/** The tree without a file, in either object format of git: a list that begins behind it names everything from the first commit on. */
export const emptyTrees = [
  '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
] as const;

export const isEmptyTree = (id: string): boolean => emptyTrees.some((one) => one === id);
