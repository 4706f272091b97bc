-- Whoever was in a session that is deleted stays out of it; its host and its organization see it again.
UPDATE "attendees" SET "status" = 'REMOVED', "leave_reason" = 'removed' WHERE "leave_reason" = 'deleted';

-- AlterEnum
CREATE TYPE "LeaveReason_new" AS ENUM ('left', 'removed', 'ended');
ALTER TABLE "attendees" ALTER COLUMN "leave_reason" TYPE "LeaveReason_new" USING ("leave_reason"::text::"LeaveReason_new");
ALTER TYPE "LeaveReason" RENAME TO "LeaveReason_old";
ALTER TYPE "LeaveReason_new" RENAME TO "LeaveReason";
DROP TYPE "LeaveReason_old";

ALTER TABLE "sessions" DROP CONSTRAINT "sessions_advisor_booked";
DROP TYPE "textrange";

-- DropIndex
DROP INDEX "sessions_organization_id_created_at_id_idx";
DROP INDEX "sessions_host_id_created_at_id_idx";
DROP INDEX "sessions_organization_id_scheduled_for_id_idx";
DROP INDEX "sessions_host_id_scheduled_for_id_idx";
DROP INDEX "sessions_organization_id_status_idx";
DROP INDEX "sessions_host_id_client_id_key";

-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "booking_guarded",
DROP COLUMN "client_digest",
DROP COLUMN "client_id",
DROP COLUMN "deleted_at",
DROP COLUMN "metadata",
DROP COLUMN "metadata_version",
DROP COLUMN "notes",
DROP COLUMN "notes_updated_at",
DROP COLUMN "notes_version",
DROP COLUMN "paused_at",
DROP COLUMN "paused_ms",
DROP COLUMN "presenting",
DROP COLUMN "scheduled_end_at",
DROP COLUMN "time_zone";

-- DropEnum
DROP TYPE "PresentingRule";

-- CreateIndex
CREATE INDEX "sessions_host_id_created_at_id_idx" ON "sessions"("host_id" ASC, "created_at" DESC, "id" ASC);
CREATE INDEX "sessions_organization_id_created_at_id_idx" ON "sessions"("organization_id" ASC, "created_at" DESC, "id" ASC);
