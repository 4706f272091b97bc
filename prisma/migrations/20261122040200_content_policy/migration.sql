-- CreateEnum
CREATE TYPE "LinkPolicy" AS ENUM ('ALLOW', 'HOLD', 'REFUSE');

-- CreateEnum
CREATE TYPE "ContentRule" AS ENUM ('WORDS', 'LINKS');

-- AlterTable
ALTER TABLE "questions" ADD COLUMN     "held_for" "ContentRule",
ADD COLUMN     "shadowed" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "content_policies" (
    "organization_id" TEXT NOT NULL,
    "refused_words" TEXT[] NOT NULL,
    "held_words" TEXT[] NOT NULL,
    "links" "LinkPolicy" NOT NULL,
    "allowed_hosts" TEXT[] NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "content_policies_pkey" PRIMARY KEY ("organization_id")
);

-- AddForeignKey
ALTER TABLE "content_policies" ADD CONSTRAINT "content_policies_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whoever runs an organization reads and sets its policy; the server reads it to judge what others write.
ALTER TABLE "content_policies" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "content_policies" FOR SELECT
  USING (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT reads_everything()));
CREATE POLICY "make" ON "content_policies" FOR INSERT
  WITH CHECK (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "change" ON "content_policies" FOR UPDATE
  USING (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "end" ON "content_policies" FOR DELETE USING ((SELECT acts_as_system()));
