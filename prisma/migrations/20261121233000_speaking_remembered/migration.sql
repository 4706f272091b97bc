-- Who may write, asked for less: a batch asks for each of its rows, and whoever sends several is looked up once (docs/decisions/0032).

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- Whether the sender is (one of) the viewer, and has a place in the channel. A user may come as the attendee they are.
--
-- Each step goes by a whole key, so that the plans are right for tables of any size. Who was allowed last is remembered until the transaction
-- ends, and the policy looks at that (parley.speaks) before it asks.
CREATE OR REPLACE FUNCTION "speaks_in_channel"("channel" text, "sender" text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  viewer text[] := row_viewer();
  session text;
  allowed boolean := acts_as_system();
BEGIN
  IF NOT allowed THEN
    SELECT session_id INTO session FROM channels WHERE id = channel;
    IF session IS NOT NULL THEN
      allowed := EXISTS (
          SELECT FROM attendees a WHERE a.session_id = session AND a.user_id = sender AND (sender = ANY (viewer) OR a.id = ANY (viewer))
          AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended')))
        OR (sender = ANY (viewer) AND EXISTS (
          SELECT FROM attendees a WHERE a.id = sender AND a.session_id = session AND a.user_id IS NULL
          AND (a.status = 'PRESENT' OR (a.status = 'LEFT' AND a.leave_reason = 'ended'))));
    ELSIF FOUND THEN
      allowed := sender = ANY (viewer) AND EXISTS (SELECT FROM channel_members m WHERE m.channel_id = channel AND m.user_id = sender);
    END IF;
  END IF;
  IF allowed THEN PERFORM set_config('parley.speaks', current_setting('parley.viewer') || ARRAY[channel, sender]::text, true); END IF;
  RETURN allowed;
END $$;

DROP POLICY "write" ON "messages";
CREATE POLICY "write" ON "messages" FOR INSERT
  WITH CHECK (current_setting('parley.speaks', true) = current_setting('parley.viewer', true) || ARRAY[channel_id, sender_id]::text
    OR speaks_in_channel(channel_id, sender_id));
