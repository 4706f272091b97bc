-- CreateEnum
CREATE TYPE "PollStatus" AS ENUM ('DRAFT', 'OPEN', 'CLOSED', 'DELETED');

-- CreateEnum
CREATE TYPE "PollResultsVisibility" AS ENUM ('ALWAYS', 'AFTER_VOTE', 'AFTER_CLOSE', 'STAFF');

-- CreateTable
CREATE TABLE "polls" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "creator_id" TEXT NOT NULL,
    "creator_name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "options" TEXT[] NOT NULL,
    "max_choices" INTEGER NOT NULL,
    "anonymous" BOOLEAN NOT NULL,
    "results_visibility" "PollResultsVisibility" NOT NULL,
    "status" "PollStatus" NOT NULL,
    "counts" INTEGER[] NOT NULL,
    "voters" INTEGER NOT NULL DEFAULT 0,
    "client_id" TEXT,
    "client_digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "opened_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "voted_at" TIMESTAMPTZ(3),

    CONSTRAINT "polls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "poll_ballots" (
    "poll_id" TEXT NOT NULL,
    "attendee_id" TEXT NOT NULL,
    "choices" INTEGER NOT NULL,
    "voted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "poll_ballots_pkey" PRIMARY KEY ("poll_id","attendee_id")
);

-- CreateIndex
CREATE INDEX "polls_session_id_created_at_id_idx" ON "polls"("session_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "polls_session_id_creator_id_client_id_key" ON "polls"("session_id", "creator_id", "client_id");

-- CreateIndex
CREATE INDEX "poll_ballots_poll_id_voted_at_attendee_id_idx" ON "poll_ballots"("poll_id", "voted_at", "attendee_id");

-- AddForeignKey
ALTER TABLE "polls" ADD CONSTRAINT "polls_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "poll_ballots" ADD CONSTRAINT "poll_ballots_poll_id_fkey" FOREIGN KEY ("poll_id") REFERENCES "polls"("id") ON DELETE CASCADE ON UPDATE CASCADE;
