-- CreateTable
CREATE TABLE "message_edits" (
    "message_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "body" TEXT NOT NULL,
    "edited_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_edits_pkey" PRIMARY KEY ("message_id","number")
);

-- AddForeignKey
ALTER TABLE "message_edits" ADD CONSTRAINT "message_edits_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Kept by who edits a message, read by who reads it, erased by who deletes it; never changed.
ALTER TABLE "message_edits" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "message_edits" FOR SELECT USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id));
CREATE POLICY "keep" ON "message_edits" FOR INSERT
  WITH CHECK (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND speaks_in_channel(m.channel_id, m.sender_id)));
CREATE POLICY "end" ON "message_edits" FOR DELETE
  USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id
    AND (speaks_in_channel(m.channel_id, m.sender_id) OR moderates_channel(m.channel_id))));
