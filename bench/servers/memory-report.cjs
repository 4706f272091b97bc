/** Preloaded into a server under measurement (`node --expose-gc -r`): answers any message with what its heap holds after a full collection. */
'use strict';

process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  process.send(process.memoryUsage());
});
process.channel.unref();
