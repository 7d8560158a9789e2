/** A review, as the answer has it. A null in place of the account or of the commit: it is gone. */
export const review = (by: string | null, state = 'APPROVED', changes: object = {}): object => ({
  author: by === null ? null : { __typename: 'User', login: by },
  authorCanPushToRepository: true,
  state,
  submittedAt: '2026-03-01T10:00:00Z',
  commit: { oid: 'e'.repeat(40) },
  ...changes,
});

/** What GitHub's GraphQL API answers to the query of `holdpoint reviews --query`, by the documented schema. Not taken from GitHub. */
export const pull = (changes: object = {}): object => ({
  url: 'https://github.com/acme/shop/pull/7',
  merged: true,
  headRefOid: 'e'.repeat(40),
  author: { login: 'ada' },
  reviews: {
    pageInfo: { hasNextPage: false },
    nodes: [review('grace')],
  },
  ...changes,
});

export const commitNode = (oid: string, changes: object = {}, pulls: readonly object[] = [pull()]): object => ({
  oid,
  url: `https://github.com/acme/shop/commit/${oid}`,
  authors: { pageInfo: { hasNextPage: false }, nodes: [{ user: { login: 'ada' } }] },
  committer: { user: null },
  signature: { isValid: true, wasSignedByGitHub: true },
  associatedPullRequests: { pageInfo: { hasNextPage: false }, nodes: pulls },
  ...changes,
});

export const githubAnswer = (...nodes: readonly object[]): object => ({
  data: { repository: { object: { history: { pageInfo: { hasNextPage: false, endCursor: null }, nodes } } } },
});
