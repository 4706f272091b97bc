-- CreateTable
CREATE TABLE "message_reactions" (
    "message_id" TEXT NOT NULL,
    "participant_id" TEXT NOT NULL,
    "emoji" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "message_reactions_pkey" PRIMARY KEY ("message_id","participant_id","emoji")
);

-- CreateTable
CREATE TABLE "reaction_tallies" (
    "message_id" TEXT NOT NULL,
    "tallies" JSONB NOT NULL,

    CONSTRAINT "reaction_tallies_pkey" PRIMARY KEY ("message_id")
);

-- AddForeignKey
ALTER TABLE "message_reactions" ADD CONSTRAINT "message_reactions_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reaction_tallies" ADD CONSTRAINT "reaction_tallies_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Whether (one of) the viewer is a member of the channel, or takes part in its session. Who runs the organization from outside does not.
CREATE FUNCTION "takes_part_in_channel"("channel" text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  who text;
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    IF EXISTS (SELECT FROM channel_members WHERE channel_id = channel AND user_id = who)
      OR EXISTS (
        SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id WHERE c.id = channel AND (a.id = who OR a.user_id = who)
        AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
    THEN RETURN true; END IF;
  END LOOP;
  RETURN acts_as_system();
END $$;

-- What hangs on a message is read by whoever reads the message: the policies of messages are asked.
ALTER TABLE "message_reactions" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "message_reactions" FOR SELECT USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id));
CREATE POLICY "react" ON "message_reactions" FOR INSERT
  WITH CHECK (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND speaks_in_channel(m.channel_id, participant_id)));
CREATE POLICY "end" ON "message_reactions" FOR DELETE
  USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND (speaks_in_channel(m.channel_id, participant_id)
    OR speaks_in_channel(m.channel_id, m.sender_id) OR moderates_channel(m.channel_id))));

ALTER TABLE "reaction_tallies" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "reaction_tallies" FOR SELECT USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id));
CREATE POLICY "make" ON "reaction_tallies" FOR INSERT
  WITH CHECK (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND takes_part_in_channel(m.channel_id)));
CREATE POLICY "change" ON "reaction_tallies" FOR UPDATE
  USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id AND takes_part_in_channel(m.channel_id)));
CREATE POLICY "end" ON "reaction_tallies" FOR DELETE
  USING (EXISTS (SELECT FROM messages m WHERE m.id = message_id
    AND (speaks_in_channel(m.channel_id, m.sender_id) OR moderates_channel(m.channel_id))));
