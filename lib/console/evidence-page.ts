/** Where a browser downloads evidence as a scope keeps it. */
export const evidencePage = ({ scope, digest }: { readonly scope: string; readonly digest: string }): string => {
  const [kind = '', name = ''] = scope.split('/');
  return `/audit/evidence/${digest}?${new URLSearchParams({ [kind]: name })}`;
};
