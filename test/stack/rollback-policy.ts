import { functionNames } from '../../lib/lambda-manifest.ts';
import { account, dataResources, mayOf, region, roleOf } from './policies.ts';
import { could } from './simulation.ts';

const keyId = Object.keys(dataResources).find((id) => id.startsWith('PeopleKey')) ?? '';
const declarer = `arn:aws:lambda:${region}:${account}:function:holdpoint-production-rollback-declarer`;

/** What the README says of the functions of the rollback, with its proof (see `trusted.test.ts`). */
export const rollbackClaims = [
  ['Actuator', 'cannot', 'write evidence', () => mayOf(roleOf('event-actuator')).filter((line) => line.includes('s3:Put')), []],
  ['Actuator', 'cannot', 'make a MAC', () => mayOf(roleOf('event-actuator')).filter((line) => line.includes('GenerateMac')), []],
  [
    'Rollback declarer',
    'can',
    'be invoked with credentials of this account, and by no other function',
    async () => {
      const able = await Promise.all(functionNames.map((name) => could(roleOf(name), 'lambda:InvokeFunction', declarer)));
      return functionNames.filter((_, place) => able[place]);
    },
    [],
  ],
  [
    'Rollback declarer',
    'cannot',
    "make a person's answer",
    () => mayOf(roleOf('rollback-declarer')).filter((line) => line.includes(`GenerateMac on kms key/${keyId.replace(/[0-9A-F]{8}$/, '')}`)),
    [],
  ],
] as const;
