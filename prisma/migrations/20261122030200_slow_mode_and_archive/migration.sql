-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "open_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "slow_mode_seconds" INTEGER NOT NULL DEFAULT 0;
UPDATE "channels" SET open_since = created_at;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "chat_enabled" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "slow_mode_seconds" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "slow_mode_turns" (
    "channel_id" TEXT NOT NULL,
    "participant_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "slow_mode_turns_pkey" PRIMARY KEY ("channel_id","participant_id")
);

-- AddForeignKey
ALTER TABLE "slow_mode_turns" ADD CONSTRAINT "slow_mode_turns_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateIndex
CREATE INDEX "messages_channel_id_created_at_idx" ON "messages"("channel_id", "created_at");

-- Everybody's own, in the channels they write in.
ALTER TABLE "slow_mode_turns" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own" ON "slow_mode_turns" USING (speaks_in_channel(channel_id, participant_id))
  WITH CHECK (speaks_in_channel(channel_id, participant_id));
