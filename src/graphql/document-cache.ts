import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { BoundedCache } from '../lib/bounded-cache';
import type { Cost } from './cost';
import type { Sharing } from './shareable';

/** A document that has passed every check, so that it is parsed and validated once. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly costs: ReadonlyMap<OperationDefinitionNode, Cost>;
  /** Null: every operation of it is personal. */
  readonly sharing: Sharing | null;
}

export const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
export const MAX_DOCUMENTS = 1_000;
/** What a token costs in memory as part of a syntax tree: itself, its share of nodes and locations. Measured, rounded up. */
const BYTES_PER_TOKEN = 400;

/** Checked documents by their text; the least recently used go first when they would take more than 8 MB. */
export class DocumentCache {
  private readonly checked: BoundedCache<CheckedDocument>;

  constructor(maxBytes = MAX_DOCUMENT_BYTES) {
    this.checked = new BoundedCache({ entries: MAX_DOCUMENTS, bytes: maxBytes });
  }

  get bytes(): number {
    return this.checked.bytes;
  }

  get size(): number {
    return this.checked.size;
  }

  get(text: string): CheckedDocument | undefined {
    return this.checked.get(text);
  }

  set(text: string, checked: CheckedDocument): void {
    this.checked.set(text, checked, 2 * text.length + BYTES_PER_TOKEN * (checked.document.tokenCount ?? text.length));
  }
}
