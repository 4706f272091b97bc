import { readFileSync } from 'node:fs';
import { z } from 'zod';

const MANIFEST = z.record(z.string(), z.string()).refine((documents) => Object.keys(documents).length > 0);

/** The manifest in this file: documents by name. Null when it cannot be read as one. */
export function readTrustedDocuments(path: string): ReadonlyMap<string, string> | null {
  const manifest = MANIFEST.safeParse(contentOf(path));
  return manifest.success ? new Map(Object.entries(manifest.data)) : null;
}

function contentOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
