-- CreateEnum
CREATE TYPE "MediaMode" AS ENUM ('MESH', 'SFU');

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "media_mode" "MediaMode" NOT NULL DEFAULT 'MESH';
