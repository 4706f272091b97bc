-- CreateEnum
CREATE TYPE "CallStatus" AS ENUM ('RINGING', 'ACTIVE', 'HELD', 'ENDED');

-- CreateEnum
CREATE TYPE "CallEndReason" AS ENUM ('REJECTED', 'BUSY', 'CANCELLED', 'TIMEOUT', 'HUNG_UP', 'FAILED');

-- CreateTable
CREATE TABLE "calls" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "caller_id" TEXT NOT NULL,
    "caller_name" TEXT NOT NULL,
    "callee_id" TEXT NOT NULL,
    "callee_name" TEXT NOT NULL,
    "caller_peer" TEXT NOT NULL,
    "callee_peer" TEXT,
    "status" "CallStatus" NOT NULL,
    "end_reason" "CallEndReason",
    "caller_holds" BOOLEAN NOT NULL DEFAULT false,
    "callee_holds" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rings_until" TIMESTAMPTZ(3) NOT NULL,
    "answered_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "call_parties" (
    "participant_id" TEXT NOT NULL,
    "call_id" TEXT NOT NULL,

    CONSTRAINT "call_parties_pkey" PRIMARY KEY ("participant_id")
);

-- CreateIndex
CREATE INDEX "calls_caller_id_created_at_id_idx" ON "calls"("caller_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "calls_callee_id_created_at_id_idx" ON "calls"("callee_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "calls_session_id_idx" ON "calls"("session_id");

-- CreateIndex
CREATE INDEX "call_parties_call_id_idx" ON "call_parties"("call_id");

-- AddForeignKey
ALTER TABLE "calls" ADD CONSTRAINT "calls_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "call_parties" ADD CONSTRAINT "call_parties_call_id_fkey" FOREIGN KEY ("call_id") REFERENCES "calls"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What the sweeper looks through: calls that are not over.
CREATE INDEX "calls_unfinished_idx" ON "calls"("id") WHERE "status" <> 'ENDED';
