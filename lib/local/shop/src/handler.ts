import { partsOf } from './environment.ts';
import type { HttpEvent, HttpResult } from './http.ts';
import { createShop } from './shop.ts';

const shop = createShop(partsOf(process.env));

/** The Lambda function's entry. The qualifier of the invoked ARN is the alias, or the version when there was no alias. */
export const handler = (event: HttpEvent, context: { readonly invokedFunctionArn?: string }): Promise<HttpResult> =>
  shop(event, context.invokedFunctionArn?.split(':')[7] ?? '$LATEST');
