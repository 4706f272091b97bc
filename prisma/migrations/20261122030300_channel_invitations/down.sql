-- Policies go with their tables.
DROP TABLE "channel_invitations";
