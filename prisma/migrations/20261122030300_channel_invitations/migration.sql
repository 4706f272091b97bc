-- CreateTable
CREATE TABLE "channel_invitations" (
    "channel_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "inviter_id" TEXT NOT NULL,
    "inviter_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channel_invitations_pkey" PRIMARY KEY ("channel_id","user_id")
);

-- CreateIndex
CREATE INDEX "channel_invitations_user_id_created_at_channel_id_idx" ON "channel_invitations"("user_id", "created_at" DESC, "channel_id");

-- AddForeignKey
ALTER TABLE "channel_invitations" ADD CONSTRAINT "channel_invitations_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Read by whom it is for and who has a place in the channel. Only the server makes and ends them.
ALTER TABLE "channel_invitations" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "channel_invitations" FOR SELECT
  USING (user_id = ANY ((SELECT row_viewer())::text[]) OR may_see_channel(channel_id, false));
CREATE POLICY "make" ON "channel_invitations" FOR INSERT WITH CHECK (acts_as_system());
CREATE POLICY "end" ON "channel_invitations" FOR DELETE USING ((SELECT acts_as_system()));
