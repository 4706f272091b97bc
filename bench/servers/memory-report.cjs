/**
 * Preloaded into a server under measurement (`node --expose-gc -r`): answers any message with what its heap holds after a full collection, and ends
 * with whoever asked.
 */
'use strict';

process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  process.send(process.memoryUsage());
});
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel.unref();
