DROP FUNCTION "search_messages"(text, tsquery, text, timestamptz, timestamptz, int8, int);
DROP FUNCTION "place_before"(text, timestamptz, int8);
DROP INDEX "messages_terms_idx";
ALTER TABLE "messages" DROP COLUMN "terms";
