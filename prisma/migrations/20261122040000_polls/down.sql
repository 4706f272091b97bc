DROP TABLE "poll_ballots";
DROP TABLE "polls";
DROP TYPE "PollStatus";
DROP TYPE "PollResultsVisibility";
