-- The first migration of a blog.

-- migrate:up
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL DEFAULT 'untitled; yet');

-- migrate:down
DROP TABLE posts;
