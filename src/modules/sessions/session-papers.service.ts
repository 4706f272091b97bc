import type { Actor } from '../../lib/actor';
import { mergePatch } from '../../lib/merge-patch';
import type { Viewer } from '../../lib/viewer';
import { reachesOrganization, viewerIds } from '../../lib/viewer';
import type { Tx } from '../../persistence/database';
import type { Json } from '../../realtime/event';
import type { Kernel } from '../../realtime/kernel';
import type { AuditTrail } from '../audit';
import { requireMetadata } from './session-metadata';
import type { MetadataRecord, NotesRecord, SessionPapersRepository } from './session-papers.repository';
import { metadataChangedMeanwhile, notesChangedMeanwhile, notTheNoteKeeper, sessionNotFound } from './session.errors';
import { metadataChanged, notesChanged, sessionStream } from './session.events';
import { keepsNotes } from './session.policy';
import type { SessionRecord } from './session.repository';
import type { SessionService } from './session.service';

export interface MetadataWish {
  readonly sessionId: string;
  /** RFC 7396: null takes a member away, objects are merged, everything else replaces. */
  readonly patch?: unknown;
  /** All of it anew. */
  readonly replacement?: unknown;
  /** Refused when this is not the newest version any more. */
  readonly version?: number | null;
}

export interface NotesWish {
  readonly sessionId: string;
  readonly body: string;
  readonly version: number;
}

export interface SessionPapersServiceDeps {
  readonly kernel: Pick<Kernel, 'database' | 'unitOfWork'>;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly papers: SessionPapersRepository;
}

/** Metadata and notes. Changes of one session go one after the other, each with a version of its own. */
export class SessionPapersService {
  constructor(private readonly deps: SessionPapersServiceDeps) {}

  /** In the order of the ids. Decides no rights. */
  async listMetadata(sessionIds: readonly string[]): Promise<MetadataRecord[]> {
    const rows = await this.deps.papers.listMetadata(this.deps.kernel.database, sessionIds);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return sessionIds.map((id) => byId.get(id) ?? { metadata: {}, version: 0 });
  }

  /** Also of a session that is over. Throws CONFLICT METADATA_CHANGED, with the newest, for a version that is not. */
  async changeMetadata(actor: Actor, { sessionId, patch, replacement, version }: MetadataWish): Promise<SessionRecord> {
    const { kernel, audit, sessions, papers } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const session = await sessions.lockToEdit(tx, actor.viewer, sessionId);
      const current = await papers.readMetadata(tx, sessionId);
      if (version != null && version !== current.version)
        throw metadataChangedMeanwhile({ metadata: current.metadata, version: current.version });
      const wanted = replacement === undefined ? mergePatch(current.metadata, patch as Json) : replacement;
      const written = await papers.writeMetadata(tx, sessionId, requireMetadata(wanted));
      tx.record(sessionStream(sessionId), metadataChanged.record(written));
      audit.record(tx, actor, { action: 'session.metadata_updated', organizationId: session.organizationId, targetId: sessionId });
      return session;
    });
  }

  /** Null for whoever they are not for. */
  async findNotes(viewer: Viewer, session: SessionRecord): Promise<NotesRecord | null> {
    return isKeeper(viewer, session) ? this.deps.papers.readNotes(this.deps.kernel.database, session.id) : null;
  }

  /** Also of a session that is over. Throws CONFLICT NOTES_CHANGED, with the newest, for a version that is not. */
  async writeNotes(actor: Actor, { sessionId, body, version }: NotesWish): Promise<SessionRecord> {
    const { kernel, audit, papers } = this.deps;
    return kernel.unitOfWork.as(viewerIds(actor.viewer)).run(async (tx) => {
      const session = await this.lockForKeeper(tx, actor.viewer, sessionId);
      const current = await papers.readNotes(tx, sessionId);
      if (version !== current.version) throw notesChangedMeanwhile({ body: current.body, version: current.version });
      const written = await papers.writeNotes(tx, sessionId, body);
      tx.record(sessionStream(sessionId), notesChanged.record({ version: written.version }));
      audit.record(tx, actor, { action: 'session.notes_edited', organizationId: session.organizationId, targetId: sessionId });
      return session;
    });
  }

  private async lockForKeeper(tx: Tx, viewer: Viewer, sessionId: string): Promise<SessionRecord> {
    const session = await this.deps.sessions.lock(tx, sessionId);
    if (isKeeper(viewer, session)) return session;
    throw (await this.deps.sessions.canRead(tx, viewer, session)) ? notTheNoteKeeper() : sessionNotFound();
  }
}

function isKeeper(viewer: Viewer, session: SessionRecord): boolean {
  return reachesOrganization(viewer, session.organizationId) && keepsNotes(viewer, session);
}
