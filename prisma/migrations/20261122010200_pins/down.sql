DROP INDEX "messages_pinned_idx";

-- AlterTable
ALTER TABLE "messages" DROP COLUMN "pinned_at";
