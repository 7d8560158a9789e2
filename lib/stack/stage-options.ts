import type { Stage } from '../checklist/stage.ts';

/** Options of a stage that contradict each other, or what AWS takes. */
export const contradictions = ({ mailFrom, mailIdentityName, removable, evidenceRetention }: Stage): readonly string[] => {
  const address = (/<([^<>]+)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom).trim();
  const domain = address.slice(address.indexOf('@') + 1);
  const sends = mailIdentityName === undefined || [address, domain].includes(mailIdentityName) || domain.endsWith(`.${mailIdentityName}`);
  return [
    ...(sends
      ? []
      : [`mailIdentityName: got ${mailIdentityName}, expected ${address}, ${domain} or a parent domain: SES lets no other identity send`]),
    ...(removable && evidenceRetention?.mode === 'COMPLIANCE'
      ? ['removable: got true beside COMPLIANCE: nobody can remove such evidence before its time; use GOVERNANCE for a trial']
      : []),
  ];
};

/** What the person who deploys should know, although nothing is wrong. */
export const advice = ({ local, rosterWriters }: Stage): readonly string[] =>
  local || rosterWriters !== undefined
    ? []
    : [
        'rosterWriters: got nothing, so everybody in the account who may upload to the roster bucket decides who may sign; name those who may.',
      ];

/** API Gateway takes a certificate of its own region only, and says so when half of the stack is there. `region` is undefined when the CDK knows none. */
export const certificateElsewhere = ({ domain }: Stage, region: string | undefined): string | undefined => {
  const own = domain?.certificateArn.split(':')[3];
  if (own === undefined || region === undefined || own === region) return undefined;
  return `domain: got a certificate in ${own}, expected one in ${region}, where this deployment goes: request or import it there`;
};
