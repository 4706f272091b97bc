-- CreateTable
CREATE TABLE "hook_receipts" (
    "source" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hook_receipts_pkey" PRIMARY KEY ("source","message_id")
);

-- CreateIndex
CREATE INDEX "hook_receipts_received_at_idx" ON "hook_receipts"("received_at");

-- CreateIndex
CREATE INDEX "audit_entries_actor_id_at_id_idx" ON "audit_entries"("actor_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_target_id_at_id_idx" ON "audit_entries"("target_id", "at" DESC, "id" DESC);

-- From here on: what Prisma's schema cannot express.

-- A table can also be emptied without deleting a row of it.
CREATE TRIGGER "audit_entries_never_emptied" BEFORE TRUNCATE ON "audit_entries" FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
