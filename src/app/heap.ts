import { setFlagsFromString } from 'node:v8';

/*
 * Imported for its effect, before anything else runs. V8 puts new objects into the old part of the heap at once when those made at the same
 * place have tended to live long: so the parser's, once documents are remembered. What a refused document is made of then dies where only a
 * full collection looks, and keeps what it points to: a hundred refused documents a second took 160 MB more, and twice the CPU
 * (docs/decisions/0033).
 */
setFlagsFromString('--no-allocation-site-pretenuring');
