/** Webhooks that come in: what each source has sent stands in its stream, once, for consumers to follow. */
export { hookReceived, hooksStream } from './hook.events';
export type { HookReceived } from './hook.events';
