-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "pinned_at" TIMESTAMPTZ(3);

-- A channel's pinned messages, last pinned first: a few of many.
CREATE INDEX "messages_pinned_idx" ON "messages"("channel_id", "pinned_at" DESC, "id" DESC) WHERE "pinned_at" IS NOT NULL;
