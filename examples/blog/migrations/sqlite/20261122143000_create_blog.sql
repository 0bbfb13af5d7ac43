-- migrate:up
CREATE TABLE "authors" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "name" TEXT NOT NULL);
CREATE UNIQUE INDEX "authors_email_index" ON "authors" ("email");
CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "body" TEXT NOT NULL, "inserted_at" TEXT NOT NULL, "author_id" INTEGER NOT NULL, CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors"("id"));
CREATE INDEX "posts_author_id_index" ON "posts" ("author_id");

-- migrate:down
DROP TABLE "posts";
DROP TABLE "authors";
