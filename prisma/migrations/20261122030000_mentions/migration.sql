-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "mentions" JSONB;

-- CreateTable
CREATE TABLE "message_mentions" (
    "channel_id" TEXT NOT NULL,
    "participant_id" TEXT NOT NULL,
    "offset" BIGINT NOT NULL,

    CONSTRAINT "message_mentions_pkey" PRIMARY KEY ("channel_id","participant_id","offset")
);

-- AddForeignKey
ALTER TABLE "message_mentions" ADD CONSTRAINT "message_mentions_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Read by who reads the channel, as its messages are; kept by who writes in it, taken away with what was written.
ALTER TABLE "message_mentions" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "message_mentions" FOR SELECT
  USING (current_setting('parley.read', true) = current_setting('parley.viewer', true) || ' ' || channel_id
    OR may_see_channel(channel_id, true));
CREATE POLICY "keep" ON "message_mentions" FOR INSERT WITH CHECK (takes_part_in_channel(channel_id));
CREATE POLICY "end" ON "message_mentions" FOR DELETE USING (takes_part_in_channel(channel_id) OR moderates_channel(channel_id));
