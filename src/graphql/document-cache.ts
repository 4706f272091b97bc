import type { DocumentNode } from 'graphql';
import type { Sharing } from './shareable';

/** A document that has passed every check, so that it is parsed and validated once. */
export interface CheckedDocument {
  readonly document: DocumentNode;
  readonly introspects: boolean;
  /** Null: every operation of it is personal. */
  readonly sharing: Sharing | null;
}

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ENTRIES = 1_000;
/** What a token costs in memory as part of a syntax tree: itself, its share of nodes and locations. Measured, rounded up. */
const BYTES_PER_TOKEN = 400;

/** Checked documents by their text; the least recently used go first when they would take more than 8 MB. */
export class DocumentCache {
  private readonly entries = new Map<string, { readonly checked: CheckedDocument; readonly bytes: number }>();
  private bytes_ = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  get bytes(): number {
    return this.bytes_;
  }

  get size(): number {
    return this.entries.size;
  }

  get(text: string): CheckedDocument | undefined {
    const entry = this.entries.get(text);
    if (entry === undefined) return undefined;
    this.entries.delete(text);
    this.entries.set(text, entry);
    return entry.checked;
  }

  set(text: string, checked: CheckedDocument): void {
    this.delete(text);
    const bytes = 2 * text.length + BYTES_PER_TOKEN * (checked.document.tokenCount ?? text.length);
    this.entries.set(text, { checked, bytes });
    this.bytes_ += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes_ <= this.maxBytes && this.entries.size <= MAX_ENTRIES) break;
      this.delete(oldest);
    }
  }

  private delete(text: string): void {
    const entry = this.entries.get(text);
    if (entry === undefined) return;
    this.entries.delete(text);
    this.bytes_ -= entry.bytes;
  }
}
