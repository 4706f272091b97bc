import type { Context } from './context';

/**
 * The `subscribe` option of a `@Subscription`: opens the source on the resolver's own instance. `open` authorises before it attaches,
 * and its source ends when the context's signal aborts.
 */
export function source<R, Args extends object>(
  resolver: () => new (...args: never[]) => R,
  open: (resolver: R, args: Args, context: Context) => Promise<AsyncIterable<unknown>>,
) {
  return async ({ args, context }: { args: object; context: Context }): Promise<AsyncIterable<unknown>> =>
    open(context.resolverOf(resolver()), args as Args, context);
}
