ALTER TABLE "sessions" DROP COLUMN "reaction_emojis";
DROP TABLE "session_reactions";
