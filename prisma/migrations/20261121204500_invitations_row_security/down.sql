DROP POLICY "end" ON "invitations";
DROP POLICY "change" ON "invitations";
DROP POLICY "make" ON "invitations";
DROP POLICY "read" ON "invitations";
ALTER TABLE "invitations" DISABLE ROW LEVEL SECURITY;
