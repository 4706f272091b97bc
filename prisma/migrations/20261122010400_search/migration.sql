-- What can be found of a message: its words, and marks that no word of a text can be, because they hold a space: the stretch of 16,384 offsets of
-- the channel that it stands in, the block of sixteen stretches, and its sender. PostgreSQL fills the column of messages that are there.
ALTER TABLE "messages" ADD COLUMN "terms" tsvector GENERATED ALWAYS AS (
  to_tsvector('simple', "body") || array_to_tsvector(ARRAY[
    "channel_id" || ' s' || ("offset" >> 14)::text, "channel_id" || ' b' || ("offset" >> 18)::text, 'by ' || "sender_id"
  ])
) STORED;

-- A short list of pending entries: a search reads all of it several times, and a message that waits there costs a third.
CREATE INDEX "messages_terms_idx" ON "messages" USING gin ("terms") WITH (gin_pending_list_limit = 256);

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
-- asks first what the policy of messages asks, and looks at nothing but that channel. It goes back from the newest messages to the oldest,
-- stretch by stretch, and stops when it has enough; where a stretch has less than a sixteenth of that, a block of sixteen at once. So it sorts
-- few rows for words that are everywhere, and asks the index few times for words that are rare. The mark alone names the channel, because a
-- condition on channel_id would offer the planner an index that knows no words.
CREATE FUNCTION "search_messages"(
  "channel" text, "words" tsquery, "sender" text, "since" timestamptz, "until" timestamptz, "up_to" int8, "most" int
) RETURNS TABLE ("id" text, "place" int8, "rank" float4, "searched_to" int8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  newest int8 := coalesce(up_to, (SELECT max(m."offset") FROM messages m WHERE m.channel_id = channel), 0);
  slack CONSTANT interval := '1 minute';
  wanted tsquery := words;
  oldest int8;
  below int8;
  by_blocks boolean := false;
  mark text;
  missing int := most;
  found int;
BEGIN
  IF NOT may_see_channel(channel, true) OR numnode(words) = 0 THEN RETURN; END IF;
  IF sender IS NOT NULL THEN wanted := wanted && quote_literal('by ' || sender)::tsquery; END IF;
  oldest := CASE WHEN since IS NULL THEN 0 ELSE place_before(channel, since - slack, newest) END;
  below := 1 + CASE WHEN until IS NULL THEN newest ELSE place_before(channel, until + slack, newest) END;
  WHILE missing > 0 AND below > oldest LOOP
    mark := channel || CASE WHEN by_blocks THEN ' b' || ((below - 1) >> 18) ELSE ' s' || ((below - 1) >> 14) END;
    RETURN QUERY
      SELECT m.id, m."offset", ts_rank(m.terms, words), newest FROM messages m
      WHERE m.terms @@ (quote_literal(mark)::tsquery && wanted) AND m."offset" < below AND m.deleted_at IS NULL
        AND (since IS NULL OR m.created_at >= since) AND (until IS NULL OR m.created_at < until)
      ORDER BY m."offset" DESC LIMIT missing;
    GET DIAGNOSTICS found = ROW_COUNT;
    missing := missing - found;
    below := CASE WHEN by_blocks THEN (below - 1) >> 18 << 18 ELSE (below - 1) >> 14 << 14 END;
    by_blocks := CASE WHEN by_blocks THEN found ELSE found * 16 END < missing;
  END LOOP;
END $$;
