-- CreateEnum
CREATE TYPE "CollaborationList" AS ENUM ('AGENDA', 'NOTES', 'ANNOTATIONS');

-- CreateTable
CREATE TABLE "collaboration_items" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "list" "CollaborationList" NOT NULL,
    "position" TEXT COLLATE "C" NOT NULL,
    "body" TEXT NOT NULL,
    "data" JSONB,
    "done" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "author_id" TEXT,
    "author_name" TEXT,
    "client_id" TEXT,
    "client_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "collaboration_items_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "collaboration_items_session_id_list_position_id_idx" ON "collaboration_items"("session_id", "list", "position", "id");

-- CreateIndex
CREATE UNIQUE INDEX "collaboration_items_session_id_author_id_client_id_key" ON "collaboration_items"("session_id", "author_id", "client_id");

-- AddForeignKey
ALTER TABLE "collaboration_items" ADD CONSTRAINT "collaboration_items_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whether the viewer takes part in the session; or, for reading alone, runs its organization or reads everything.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE FUNCTION "works_in_session"("session" text, "reading" boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  who text;
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    IF EXISTS (
        SELECT FROM attendees a WHERE a.session_id = session AND a.user_id = who
        AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
      OR EXISTS (
        SELECT FROM attendees a WHERE a.session_id = session AND a.id = who
        AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
      OR (reading AND EXISTS (
        SELECT FROM sessions s JOIN memberships m ON m.organization_id = s.organization_id
        WHERE s.id = session AND m.user_id = who AND m.role <> 'MEMBER'))
      OR (reading AND EXISTS (SELECT FROM users WHERE id = who AND platform_role = 'ADMIN'))
    THEN RETURN true; END IF;
  END LOOP;
  RETURN acts_as_system();
END $$;

ALTER TABLE "collaboration_items" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "collaboration_items" FOR SELECT USING (works_in_session(session_id, true));
CREATE POLICY "make" ON "collaboration_items" FOR INSERT WITH CHECK (works_in_session(session_id, false));
CREATE POLICY "change" ON "collaboration_items" FOR UPDATE USING (works_in_session(session_id, false));
CREATE POLICY "end" ON "collaboration_items" FOR DELETE USING (works_in_session(session_id, false));
