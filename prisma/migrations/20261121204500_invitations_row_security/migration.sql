-- Whoever runs an organization reads, makes and revokes its invitations. Only the server looks for one by its token, and accepts it.
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "invitations" FOR SELECT
  USING (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT reads_everything()));
CREATE POLICY "make" ON "invitations" FOR INSERT
  WITH CHECK (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "change" ON "invitations" FOR UPDATE
  USING (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "end" ON "invitations" FOR DELETE USING ((SELECT acts_as_system()));
