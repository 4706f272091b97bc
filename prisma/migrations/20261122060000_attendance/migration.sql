-- CreateEnum
CREATE TYPE "DuplicateIdentity" AS ENUM ('REPLACE_OLD', 'REJECT_NEW', 'ALLOW_MANY');

-- CreateEnum
CREATE TYPE "AttendeesVisible" AS ENUM ('EVERYBODY', 'STAFF', 'NOBODY');

-- CreateEnum
CREATE TYPE "WaitReason" AS ENUM ('ADMISSION', 'SEAT');

-- AlterEnum
ALTER TYPE "LeaveReason" ADD VALUE 'banned';
ALTER TYPE "LeaveReason" ADD VALUE 'lost';
ALTER TYPE "LeaveReason" ADD VALUE 'replaced';
ALTER TYPE "LeaveReason" ADD VALUE 'denied';

-- AlterTable
ALTER TABLE "attendees" ADD COLUMN     "device" TEXT,
ADD COLUMN     "hand_raised_at" TIMESTAMPTZ(3),
ADD COLUMN     "hand_raises" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "muted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "present_ms" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "silenced" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "ticket" INTEGER,
ADD COLUMN     "waiting_for" "WaitReason";

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "attendees_visible" "AttendeesVisible" NOT NULL DEFAULT 'EVERYBODY',
ADD COLUMN     "duplicate_identity" "DuplicateIdentity" NOT NULL DEFAULT 'ALLOW_MANY',
ADD COLUMN     "lobby" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "waiting_list" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "attendee_connections" (
    "attendee_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "absent_since" TIMESTAMPTZ(3),

    CONSTRAINT "attendee_connections_pkey" PRIMARY KEY ("attendee_id")
);

-- CreateIndex
CREATE INDEX "attendee_connections_session_id_idx" ON "attendee_connections"("session_id");

-- CreateIndex
CREATE INDEX "attendees_session_id_waiting_for_ticket_idx" ON "attendees"("session_id", "waiting_for", "ticket");

-- CreateIndex
CREATE INDEX "attendees_session_id_email_idx" ON "attendees"("session_id", "email");

-- CreateIndex
CREATE INDEX "message_reactions_participant_id_idx" ON "message_reactions"("participant_id");

-- CreateIndex
CREATE INDEX "votes_attendee_id_idx" ON "votes"("attendee_id");

-- AddForeignKey
ALTER TABLE "attendee_connections" ADD CONSTRAINT "attendee_connections_attendee_id_fkey" FOREIGN KEY ("attendee_id") REFERENCES "attendees"("id") ON DELETE CASCADE ON UPDATE CASCADE;
