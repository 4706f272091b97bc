/** The ending of what nobody ends. */
export function open(): AbortSignal {
  return new AbortController().signal;
}
