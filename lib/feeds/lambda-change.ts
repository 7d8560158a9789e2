import * as z from 'zod';
import { codeDigest } from '../fields.ts';
import { type AwsEvent, awsFeed, deliveryFor, type Said } from './aws-event.ts';
import { aliasesOf } from './component-of.ts';
import type { Delivery, Feed, Services } from './feed.ts';
import { namesOf } from './resource-owner.ts';

const via = 'lambda';

/** Which share of the requests to an alias goes to other versions. */
const routingConfig = z.object({ additionalVersionWeights: z.record(z.string(), z.number()).nullish() }).nullish();

const detailSchema = z.object({
  eventName: z.string(),
  eventID: z.string().min(1),
  errorCode: z.string().nullish(),
  requestParameters: z.object({
    /** A name, an ARN or a part of one, also with a version or an alias behind it. */
    functionName: z.string().min(1),
    /** Of an alias: its name, and the version that it shall point to. */
    name: z.string().nullish(),
    functionVersion: z.string().nullish(),
    routingConfig,
    dryRun: z.boolean().nullish(),
  }),
  responseElements: z.object({ codeSha256: z.string().nullish(), functionVersion: z.string().nullish(), routingConfig }).nullish(),
});
type Call = z.output<typeof detailSchema>;

/** CloudTrail puts the version of the API behind the name of a call. */
const calls = ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'UpdateAlias', 'CreateAlias', 'DeleteAlias'] as const;
type CallName = (typeof calls)[number];
/** What changes a function whose aliases nobody has named: where one begins or ends, its code stays as it is. */
const withoutAlias: readonly (CallName | undefined)[] = ['UpdateFunctionCode', 'UpdateFunctionConfiguration', 'UpdateAlias'];
/** What changes an alias. New code and configuration change what has no version yet: an alias leads to a version, which stays as it is. */
const ofAlias: readonly (CallName | undefined)[] = ['UpdateAlias', 'CreateAlias', 'DeleteAlias'];

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`, `<account>:function:<name>` or `<name>[:<qualifier>]`. */
const functionIn = (text: string): string => /(?:^|:)function:([^:]+)/.exec(text)?.[1] ?? text.split(':')[0] ?? '';

/** Whether all requests go to the version that was asked for. Where the call says nothing of other versions, the answer does. */
const isWhole = ({ requestParameters: asked, responseElements: answer }: Call): boolean => {
  const { additionalVersionWeights } = answer?.routingConfig ?? asked.routingConfig ?? {};
  return asked.functionVersion != null && Object.keys(additionalVersionWeights ?? {}).length === 0;
};

/**
 * Whether a call changes what runs in a place. Where components of the place run on aliases of the function, only calls about these do: staging
 * may have another alias of the same function.
 */
const changes = (call: CallName | undefined, alias: string | null | undefined, aliases: readonly string[]): boolean =>
  aliases.length === 0 ? withoutAlias.includes(call) : ofAlias.includes(call) && alias != null && aliases.includes(alias);

const read = (stage: Services, { account, region, at, detail }: AwsEvent<Call>): Delivery => {
  const { eventName, eventID, errorCode, requestParameters: asked, responseElements } = detail;
  const name = functionIn(asked.functionName);
  const call = calls.find((one) => eventName.startsWith(one));
  const said: Said = { occurrence: [eventID], subject: name, at };
  const isChange = call !== undefined && (errorCode ?? '') === '' && asked.dryRun !== true;
  const digest = call === 'UpdateFunctionCode' ? codeDigest(responseElements?.codeSha256 ?? '') : undefined;
  const alias =
    asked.name == null ? '' : ` of alias ${asked.name}${asked.functionVersion == null ? '' : ` to version ${asked.functionVersion}`}`;
  const what = `Lambda ${call}${alias}`;
  const origin = { account, region };
  return deliveryFor(
    stage,
    via,
    { ...origin, names: [[{ kind: 'lambda-function', name }]] },
    isChange
      ? {
          ...said,
          concerns: (place) => changes(call, asked.name, aliasesOf(stage, place, origin, name)),
          seen: { kind: 'deployment', bad: false, summary: what },
          deployment: {
            id: [eventID],
            what: `${what} of function ${name}`,
            ...(digest === undefined ? {} : { digest }),
            ...(ofAlias.includes(call) && asked.name != null
              ? { on: { kind: 'lambda-alias', function: name, alias: asked.name }, live: isWhole(detail) }
              : {}),
          },
        }
      : said,
  );
};

/**
 * Changes of Lambda functions, as CloudTrail records the calls: Lambda itself sends no events. The account and region need a trail.
 * https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
export const lambdaChange: Feed = awsFeed({
  via,
  source: 'aws.lambda',
  detailTypes: ['AWS API Call via CloudTrail'],
  narrowed: { eventSource: ['lambda.amazonaws.com'], eventName: calls.map((prefix) => ({ prefix })) },
  rule: 'Functions',
  description: 'Changes of Lambda functions of this stage',
  detail: detailSchema,
  named: (stage) => [
    {
      names: namesOf(stage, 'lambda-function'),
      patternOf: (names) => ({
        detail: { requestParameters: { functionName: names.flatMap((name) => [name, { suffix: `:function:${name}` }]) } },
      }),
    },
  ],
  read,
});
