-- migrate:up
CREATE TABLE "users" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL);
CREATE UNIQUE INDEX "users_name_index" ON "users" ("name");
CREATE TABLE "posts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "author_id" INTEGER NOT NULL, CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("id"));
CREATE INDEX "posts_author_id_index" ON "posts" ("author_id");

-- migrate:down
DROP TABLE "posts";
DROP TABLE "users";
