INSERT INTO posts (id) VALUES (1);
INSERT INTO posts (id, title) VALUES (2, 'Semicolons; and how to quote them');
