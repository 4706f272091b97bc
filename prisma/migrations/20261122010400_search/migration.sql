-- What can be found of a message: its words, without positions a mark for the stretch of 16,384 offsets of the channel it stands in, and one
-- for its sender. The marks hold a space, so that no word of a text can be one. PostgreSQL fills the column of messages that are there.
ALTER TABLE "messages" ADD COLUMN "terms" tsvector GENERATED ALWAYS AS (
  to_tsvector('simple', "body") || array_to_tsvector(ARRAY["channel_id" || ' ' || ("offset" >> 14)::text, 'by ' || "sender_id"])
) STORED;

-- Without a list of pending entries: each search reads the index once for each stretch, and would read that list each time.
CREATE INDEX "messages_terms_idx" ON "messages" USING gin ("terms") WITH (fastupdate = off);

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The place of the channel's last message that was written before this moment, among those up to a place; 0 without any. By halves: times
-- and places rise together but for the moments that a sender waits for the channel.
CREATE FUNCTION "place_before"("channel" text, "moment" timestamptz, "newest" int8) RETURNS int8
LANGUAGE plpgsql STABLE AS $$
DECLARE
  low int8 := 0;
  high int8 := newest;
  middle int8;
  written timestamptz;
BEGIN
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    SELECT m.created_at INTO written FROM messages m WHERE m.channel_id = channel AND m."offset" <= middle ORDER BY m."offset" DESC LIMIT 1;
    IF written IS NULL OR written < moment THEN low := middle; ELSE high := middle - 1; END IF;
  END LOOP;
  RETURN low;
END $$;

-- The newest messages of one channel that a search finds, at most so many, in no order, with their rank and the place up to which was
-- searched; nothing for whoever may not read the channel.
--
-- It is its owner's, because the operators of full text are not leakproof: bound by row security, nobody's search could use the index. So it
-- asks first what the policy of messages asks, and looks at nothing but that channel. It goes back from the newest stretch to the oldest, and
-- stops when it has enough: what it reads is bounded by the words of one stretch, however many messages hold them. The mark alone names the
-- channel, because a condition on channel_id would offer the planner an index that knows no words.
CREATE FUNCTION "search_messages"(
  "channel" text, "words" tsquery, "sender" text, "since" timestamptz, "until" timestamptz, "up_to" int8, "most" int
) RETURNS TABLE ("id" text, "place" int8, "rank" float4, "searched_to" int8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  newest int8 := coalesce(up_to, (SELECT max(m."offset") FROM messages m WHERE m.channel_id = channel), 0);
  wanted tsquery := words;
  slack CONSTANT interval := '1 minute';
  last_stretch int8;
  first_stretch int8;
  missing int := most;
  found int;
BEGIN
  IF NOT may_see_channel(channel, true) OR numnode(words) = 0 THEN RETURN; END IF;
  IF sender IS NOT NULL THEN wanted := wanted && quote_literal('by ' || sender)::tsquery; END IF;
  last_stretch := (CASE WHEN until IS NULL THEN newest ELSE place_before(channel, until + slack, newest) END) >> 14;
  first_stretch := (CASE WHEN since IS NULL THEN 0 ELSE place_before(channel, since - slack, newest) END) >> 14;
  FOR stretch IN REVERSE last_stretch..first_stretch LOOP
    RETURN QUERY
      SELECT m.id, m."offset", ts_rank(m.terms, words), newest FROM messages m
      WHERE m.terms @@ (quote_literal(channel || ' ' || stretch)::tsquery && wanted) AND m."offset" <= newest AND m.deleted_at IS NULL
        AND (since IS NULL OR m.created_at >= since) AND (until IS NULL OR m.created_at < until)
      ORDER BY m."offset" DESC LIMIT missing;
    GET DIAGNOSTICS found = ROW_COUNT;
    missing := missing - found;
    EXIT WHEN missing = 0;
  END LOOP;
END $$;
