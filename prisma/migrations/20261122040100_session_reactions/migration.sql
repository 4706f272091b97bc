-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "reaction_emojis" TEXT[] NOT NULL DEFAULT ARRAY['👍', '❤️', '😂', '👏', '🎉', '🤔']::TEXT[];

-- CreateTable
CREATE TABLE "session_reactions" (
    "session_id" TEXT NOT NULL,
    "emoji" TEXT NOT NULL,
    "total" INTEGER NOT NULL,

    CONSTRAINT "session_reactions_pkey" PRIMARY KEY ("session_id","emoji")
);

-- AddForeignKey
ALTER TABLE "session_reactions" ADD CONSTRAINT "session_reactions_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
