-- DropIndex
DROP INDEX "questions_session_id_fingerprint_idx";

-- AlterTable
ALTER TABLE "sessions" DROP COLUMN "refuse_duplicates";

-- AlterTable
ALTER TABLE "questions" DROP COLUMN "fingerprint";
