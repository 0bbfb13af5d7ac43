create table users (
    id integer primary key autoincrement,
    email text not null collate nocase constraint one_email unique,
    role text not null default 'member' check (role in ('member', 'admin')),
    age integer constraint age_is_positive check (age > 0),
    balance decimal(10, 2) not null default 1.50,
    settings text not null default '{}',
    active boolean not null default true,
    manager_id bigint references users on delete set null,
    shout text generated always as (upper(email)) stored,
    quiet text as (lower(email)),
    inserted_at text not null default (datetime('now')),
    unique (role, age)
);
create table posts (
    id integer not null primary key,
    author_id integer not null,
    title varchar(160) not null,
    foreign key (Author_Id) references USERS on delete cascade on update restrict deferrable initially deferred
);
create index posts_author_id_index on posts (author_id desc, lower(title)) where title <> 'x)';
create unique index posts_title_index on posts (title collate nocase);
create table tags (post_id integer references posts (id), name text, primary key (post_id, name)) without rowid, strict;
create table "Mixed Case" ([a b] double precision, `c` text default 'it''s', "d""e" blob default x'00');
create view adults as select id, email from users where age >= 18;
create trigger touches after update on users begin
    update users set email = ';' where id = new.id;
end;
