import { type CiPreset, type CiPresetName, ciPresets, presetOf } from './ci-presets.ts';
import type { Demand, DeployedStage } from './stage.ts';

/**
 * Where a code host shows a commit: an address that the commit's hash completes. What a CI identity demands of its tokens names the repository, so a
 * job cannot choose another one. Without exactly one repository, and for hosts that are not known, there is no address.
 */

type Claims = Readonly<Record<string, Demand>>;

const github = {
  /** `https://github.com` of the hosted service, of a tenant and of an Enterprise Server. */
  hostOf: ({ host, pathname }: URL): string | undefined => {
    if (host === 'token.actions.githubusercontent.com') return 'github.com';
    const tenant = /^token\.actions\.([\w-]+\.ghe\.com)$/.exec(host)?.[1];
    return tenant ?? (pathname === '/_services/token' ? host : undefined);
  },
  repository: ({ repository, sub }: Claims) => exact(repository) ?? /^repo:([^:]+):/.exec(exact(sub) ?? '')?.[1],
  form: /^\w[\w.-]*\/\w[\w.-]*$/,
  commits: '/commit/',
};
const gitlab = {
  hostOf: ({ host, pathname }: URL): string | undefined => `${host}${pathname === '/' ? '' : pathname.replace(/\/$/, '')}`,
  repository: ({ project_path: path, sub }: Claims) => exact(path) ?? /^project_path:([^:]+):/.exec(exact(sub) ?? '')?.[1],
  form: /^\w[\w.-]*(\/\w[\w.-]*)+$/,
  commits: '/-/commit/',
};
const hosts: readonly (readonly [CiPreset, typeof github])[] = [
  [ciPresets.github, github],
  [ciPresets.gitlab, gitlab],
];

const exact = (demand: Demand | undefined): string | undefined => (typeof demand === 'string' ? demand : undefined);

type CiIssuer = { readonly preset?: CiPresetName | undefined; readonly issuer: string };

const commitsOf = (issuer: CiIssuer, claims: Claims): string | undefined => {
  const url = new URL(issuer.issuer);
  const host = hosts.find(([preset]) => preset === presetOf(issuer))?.[1];
  const where = host?.hostOf(url);
  const repository = host?.repository(claims);
  if (host === undefined || where === undefined || repository === undefined) return undefined;
  return url.protocol === 'https:' && url.username === '' && host.form.test(repository)
    ? `https://${where}/${repository}${host.commits}`
    : undefined;
};

/** By CI identity: where its repository shows a commit, without the commit's hash. */
export type CommitPages = Readonly<Record<string, string>>;

/** An identity that stands for several repositories has none. */
export const commitPagesOf = ({ issuers }: Pick<DeployedStage, 'issuers'>): CommitPages => {
  const all = issuers.flatMap((issuer) =>
    issuer.kind === 'ci' ? issuer.identities.map(({ id, claims }) => ({ id, page: commitsOf(issuer, claims) })) : [],
  );
  return Object.fromEntries(
    all.flatMap(({ id, page }) => (page !== undefined && all.every((one) => one.id !== id || one.page === page) ? [[id, page]] : [])),
  );
};

/** Where the code host of a start's CI identity shows the commit; null where that is not known. */
export const commitPage = (
  { commitPages }: { readonly commitPages: CommitPages },
  { actor, data }: { readonly actor: { readonly kind: string; readonly id?: string }; readonly data: { readonly commit: string } },
): string | null => {
  const found = actor.kind === 'ci' && actor.id !== undefined && Object.hasOwn(commitPages, actor.id) ? commitPages[actor.id] : undefined;
  return found === undefined || !/^[\da-f]{7,64}$/.test(data.commit) ? null : `${found}${data.commit}`;
};
