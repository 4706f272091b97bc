-- AlterEnum: to those who do not know the later reasons they are the nearest of the former ones.
CREATE TYPE "LeaveReason_new" AS ENUM ('left', 'removed', 'ended');
ALTER TABLE "attendees" ALTER COLUMN "leave_reason" TYPE "LeaveReason_new" USING (
  CASE WHEN "leave_reason"::text IN ('banned', 'denied') THEN 'removed'
       WHEN "leave_reason"::text IN ('lost', 'replaced') THEN 'left'
       ELSE "leave_reason"::text END::"LeaveReason_new"
);
ALTER TYPE "LeaveReason" RENAME TO "LeaveReason_old";
ALTER TYPE "LeaveReason_new" RENAME TO "LeaveReason";
DROP TYPE "LeaveReason_old";

-- DropForeignKey
ALTER TABLE "attendee_connections" DROP CONSTRAINT "attendee_connections_attendee_id_fkey";

-- DropIndex
DROP INDEX "attendees_session_id_waiting_for_ticket_idx";

-- DropIndex
DROP INDEX "attendees_session_id_email_idx";

-- DropIndex
DROP INDEX "message_reactions_participant_id_idx";

-- DropIndex
DROP INDEX "votes_attendee_id_idx";

-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "attendees_visible",
DROP COLUMN "duplicate_identity",
DROP COLUMN "lobby",
DROP COLUMN "waiting_list";

-- AlterTable
ALTER TABLE "attendees" DROP COLUMN "device",
DROP COLUMN "hand_raised_at",
DROP COLUMN "hand_raises",
DROP COLUMN "muted",
DROP COLUMN "present_ms",
DROP COLUMN "silenced",
DROP COLUMN "ticket",
DROP COLUMN "waiting_for";

-- DropTable
DROP TABLE "attendee_connections";

-- DropEnum
DROP TYPE "DuplicateIdentity";

-- DropEnum
DROP TYPE "AttendeesVisible";

-- DropEnum
DROP TYPE "WaitReason";
