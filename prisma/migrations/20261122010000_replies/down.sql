DROP INDEX "messages_replies_idx";

-- AlterTable
ALTER TABLE "messages" DROP COLUMN "reply_to_id";
