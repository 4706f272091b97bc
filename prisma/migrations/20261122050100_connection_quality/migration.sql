-- CreateEnum
CREATE TYPE "ConnectionState" AS ENUM ('NEW', 'CONNECTING', 'CONNECTED', 'DISCONNECTED', 'FAILED', 'CLOSED');

-- CreateEnum
CREATE TYPE "QualityBand" AS ENUM ('EXCELLENT', 'GOOD', 'FAIR', 'POOR', 'LOST');

-- CreateTable
CREATE TABLE "connection_qualities" (
    "attendee_id" TEXT NOT NULL,
    "remote_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "state" "ConnectionState" NOT NULL DEFAULT 'NEW',
    "score" DOUBLE PRECISION,
    "band" "QualityBand",
    "rtt_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "loss_percent" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "jitter_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "bitrate_kbps" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "hint_kbps" INTEGER,
    "clear_reports" INTEGER NOT NULL DEFAULT 0,
    "reported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_qualities_pkey" PRIMARY KEY ("attendee_id","remote_id")
);

-- CreateTable
CREATE TABLE "connection_recoveries" (
    "one_id" TEXT NOT NULL,
    "other_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "restarts" INTEGER NOT NULL DEFAULT 0,
    "restarted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_recoveries_pkey" PRIMARY KEY ("one_id","other_id")
);

-- CreateIndex
CREATE INDEX "connection_qualities_session_id_attendee_id_remote_id_idx" ON "connection_qualities"("session_id", "attendee_id", "remote_id");

-- CreateIndex
CREATE INDEX "connection_recoveries_session_id_idx" ON "connection_recoveries"("session_id");

-- AddForeignKey
ALTER TABLE "connection_qualities" ADD CONSTRAINT "connection_qualities_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_recoveries" ADD CONSTRAINT "connection_recoveries_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
