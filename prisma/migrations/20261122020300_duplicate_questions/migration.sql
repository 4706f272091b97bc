-- AlterTable
ALTER TABLE "questions" ADD COLUMN     "fingerprint" TEXT;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "refuse_duplicates" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "questions_session_id_fingerprint_idx" ON "questions"("session_id", "fingerprint");
