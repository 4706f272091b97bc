-- Policies go with their tables.
DROP TABLE "reaction_tallies";
DROP TABLE "message_reactions";
DROP FUNCTION "takes_part_in_channel"(text);
