-- Row security: what the application's own checks should miss, the database does not give away. docs/row-security.md tells it in words.
--
-- A transaction says on whose behalf it acts: parley.viewer is 'system', or an array of ids. Functions that look into tables are their
-- owner's, whom row security does not bind: else policies would ask themselves. They take one id at a time, so that their plans are kept.

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE FUNCTION "acts_as_system"() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(current_setting('parley.viewer', true) = 'system', false);
END $$;

-- The ids of whoever acts; none when nobody was named.
CREATE FUNCTION "row_viewer"() RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  viewer text := current_setting('parley.viewer', true);
BEGIN
  RETURN CASE WHEN viewer LIKE '{%' THEN viewer::text[] ELSE '{}' END;
END $$;

CREATE FUNCTION "reads_everything"() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  who text;
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    IF EXISTS (SELECT FROM users WHERE id = who AND platform_role = 'ADMIN') THEN RETURN true; END IF;
  END LOOP;
  RETURN acts_as_system();
END $$;

-- Those the viewer belongs to; or only those that the viewer runs, as an ADMIN or OWNER.
CREATE FUNCTION "organizations_of_viewer"("running" boolean) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  who text;
  found text[] := '{}';
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    found := found || ARRAY(SELECT organization_id FROM memberships WHERE user_id = who AND (role <> 'MEMBER' OR NOT running));
  END LOOP;
  RETURN found;
END $$;

-- Whether the viewer has a place in the channel, as a member or as an attendee of its session, or runs its organization, or reads everything.
-- Of the attendees, only those who are present, or were until the end, read what is written; the others know of it.
--
-- A page of one channel asks for every row. So the last channel that was allowed is remembered until the transaction ends, and policies
-- look at that (parley.known, parley.read) before they ask.
CREATE FUNCTION "may_see_channel"("channel" text, "reading" boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  viewer text := current_setting('parley.viewer', true);
  allowed boolean := acts_as_system();
  who text;
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    allowed := allowed
      OR EXISTS (
        SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id WHERE c.id = channel AND a.user_id = who
        AND (NOT reading OR a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
      OR EXISTS (
        SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id WHERE c.id = channel AND a.id = who
        AND (NOT reading OR a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
      OR EXISTS (SELECT FROM channel_members WHERE channel_id = channel AND user_id = who)
      OR EXISTS (
        SELECT FROM channels c JOIN memberships m ON m.organization_id = c.organization_id
        WHERE c.id = channel AND m.user_id = who AND m.role <> 'MEMBER')
      OR EXISTS (SELECT FROM users WHERE id = who AND platform_role = 'ADMIN');
    EXIT WHEN allowed;
  END LOOP;
  IF allowed THEN PERFORM set_config(CASE WHEN reading THEN 'parley.read' ELSE 'parley.known' END, viewer || ' ' || channel, true); END IF;
  RETURN allowed;
END $$;

-- Whether the viewer has the say in it: its owner, who runs its session, and who runs its organization.
CREATE FUNCTION "moderates_channel"("channel" text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  who text;
BEGIN
  FOREACH who IN ARRAY row_viewer() LOOP
    IF EXISTS (SELECT FROM channel_members WHERE channel_id = channel AND user_id = who AND role = 'OWNER')
      OR EXISTS (
        SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id
        WHERE c.id = channel AND (a.id = who OR a.user_id = who) AND a.role IN ('HOST', 'PRESENTER', 'MODERATOR')
        AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
      OR EXISTS (
        SELECT FROM channels c JOIN memberships m ON m.organization_id = c.organization_id
        WHERE c.id = channel AND m.user_id = who AND m.role <> 'MEMBER')
    THEN RETURN true; END IF;
  END LOOP;
  RETURN acts_as_system();
END $$;

-- Whether the sender is (one of) the viewer, and has a place in the channel. A user may come as the attendee they are.
CREATE FUNCTION "speaks_in_channel"("channel" text, "sender" text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  viewer text[] := row_viewer();
BEGIN
  IF sender = ANY (viewer) AND EXISTS (
    SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id WHERE a.id = sender AND a.user_id IS NULL AND c.id = channel
    AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
  THEN RETURN true; END IF;
  RETURN EXISTS (
      SELECT FROM channels c JOIN attendees a ON a.session_id = c.session_id WHERE a.user_id = sender AND c.id = channel
      AND (sender = ANY (viewer) OR a.id = ANY (viewer)) AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
    OR (sender = ANY (viewer) AND EXISTS (
      SELECT FROM channel_members m JOIN channels c ON c.id = m.channel_id AND c.session_id IS NULL
      WHERE m.channel_id = channel AND m.user_id = sender))
    OR acts_as_system();
END $$;

-- Members read their organizations; whoever runs one changes it. Only the server makes and ends them.
ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "organizations" FOR SELECT
  USING (id = ANY ((SELECT organizations_of_viewer(false))::text[]) OR (SELECT reads_everything()));
CREATE POLICY "change" ON "organizations" FOR UPDATE
  USING (id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "make" ON "organizations" FOR INSERT WITH CHECK (acts_as_system());
CREATE POLICY "end" ON "organizations" FOR DELETE USING ((SELECT acts_as_system()));

-- Members see one another; whoever runs the organization decides who they are, and everybody may go.
ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "memberships" FOR SELECT
  USING (user_id = ANY ((SELECT row_viewer())::text[]) OR organization_id = ANY ((SELECT organizations_of_viewer(false))::text[])
    OR (SELECT reads_everything()));
CREATE POLICY "make" ON "memberships" FOR INSERT
  WITH CHECK (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "change" ON "memberships" FOR UPDATE
  USING (organization_id = ANY ((SELECT organizations_of_viewer(true))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "end" ON "memberships" FOR DELETE
  USING (user_id = ANY ((SELECT row_viewer())::text[]) OR organization_id = ANY ((SELECT organizations_of_viewer(true))::text[])
    OR (SELECT acts_as_system()));

-- Whoever has a place in a channel knows it, and members of the organization know the channels of its sessions.
ALTER TABLE "channels" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "channels" FOR SELECT
  USING ((session_id IS NOT NULL AND organization_id = ANY ((SELECT organizations_of_viewer(false))::text[])) OR may_see_channel(id, false));
CREATE POLICY "make" ON "channels" FOR INSERT
  WITH CHECK (organization_id = ANY ((SELECT organizations_of_viewer(false))::text[]) OR (SELECT acts_as_system()));
CREATE POLICY "change" ON "channels" FOR UPDATE USING (moderates_channel(id));
CREATE POLICY "end" ON "channels" FOR DELETE USING (moderates_channel(id));

-- Whoever has a place in a channel sees who else does; who has the say in it decides, and everybody may go.
ALTER TABLE "channel_members" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "channel_members" FOR SELECT
  USING (user_id = ANY ((SELECT row_viewer())::text[])
    OR current_setting('parley.known', true) = current_setting('parley.viewer', true) || ' ' || channel_id
    OR may_see_channel(channel_id, false));
CREATE POLICY "make" ON "channel_members" FOR INSERT WITH CHECK (moderates_channel(channel_id));
CREATE POLICY "change" ON "channel_members" FOR UPDATE USING (moderates_channel(channel_id));
CREATE POLICY "end" ON "channel_members" FOR DELETE
  USING (user_id = ANY ((SELECT row_viewer())::text[]) OR moderates_channel(channel_id));

-- Whoever reads a channel reads what is written in it; a message is its sender's to write and change, and moderators' to take back.
ALTER TABLE "messages" ENABLE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "messages" FOR SELECT
  USING (current_setting('parley.read', true) = current_setting('parley.viewer', true) || ' ' || channel_id
    OR may_see_channel(channel_id, true));
CREATE POLICY "write" ON "messages" FOR INSERT WITH CHECK (speaks_in_channel(channel_id, sender_id));
CREATE POLICY "change" ON "messages" FOR UPDATE
  USING (speaks_in_channel(channel_id, sender_id) OR moderates_channel(channel_id));
CREATE POLICY "end" ON "messages" FOR DELETE USING ((SELECT acts_as_system()));
