DROP TRIGGER "audit_entries_never_emptied" ON "audit_entries";

-- DropIndex
DROP INDEX "audit_entries_actor_id_at_id_idx";

-- DropIndex
DROP INDEX "audit_entries_target_id_at_id_idx";

-- DropTable
DROP TABLE "hook_receipts";
