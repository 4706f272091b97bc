-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "reply_to_id" TEXT;

-- Replies to one message, in order. Plain messages are not in it.
CREATE INDEX "messages_replies_idx" ON "messages"("reply_to_id", "offset") WHERE "reply_to_id" IS NOT NULL;
