-- A music shop, with what the conventions do not say by themselves.
create type role as enum ('member', 'it''s complicated', '2nd');

create table artist (
    artist_id integer primary key,
    name character varying(120)
);

create table albums (
    id bigserial primary key,
    title character varying(160) not null,
    artist_id integer not null references artist on delete cascade,
    price numeric(10, 2) not null default 9.90,
    released date,
    tags text[] not null default '{}',
    cover bytea,
    settings jsonb not null default '{"a": [true]}',
    unique (artist_id, title)
);
create index albums_released_index on albums (released);
create index by_price on albums (price) where price > 5;
create index albums_lower on albums (lower(title));

create table people (
    id uuid primary key default gen_random_uuid(),
    email character varying not null,
    role role not null default 'it''s complicated',
    roles role[] not null default array['member', '2nd']::role[],
    manager_id uuid references people on delete set null,
    "type" text not null default 'plain "old"',
    self text,
    "First Name" text,
    age integer default 18,
    rating double precision not null default 1.5,
    active boolean not null default true,
    address inet,
    shout text generated always as (upper("type")) stored,
    number bigint generated always as identity,
    seen_at timestamptz default now(),
    inserted_at timestamptz not null default now(),
    updated_at timestamp(3) not null,
    constraint age_is_positive check (age > 0),
    constraint "old enough" check (age > 17)
);
create unique index people_email_index on people (email);
create unique index one_number on people (number);

create table profiles (
    id bigserial primary key,
    person_id uuid not null unique references people,
    body text
);

create table posts (
    id bigserial primary key,
    author_id uuid not null references people on delete restrict,
    editor_id uuid references people,
    person_id uuid constraint fk_subject references people,
    album_id integer
);

create table order_lines (
    order_id bigint not null,
    position integer not null,
    product text not null,
    primary key (order_id, position)
);
create table shipments (
    id serial primary key,
    line_position integer,
    line_order bigint,
    foreign key (line_order, line_position) references order_lines (order_id, position)
);

create table genres (id smallint primary key, name text not null, constraint genres_name_key unique (name));
create table albums_genres (
    album_id bigint references albums on delete cascade,
    genre_id smallint references genres,
    primary key (album_id, genre_id)
);
create table listeners (person_id uuid references people, genre_id smallint references genres, primary key (person_id, genre_id));
create table friendships (
    person_id uuid references people,
    friend_id uuid references people,
    primary key (person_id, friend_id)
);
create table labels (code text primary key, parent_code text references labels);
create table genre_notes (genre_name text references genres (name), note text);
create table strings (value text);
create table log (id bigint, line text);
comment on table people is 'Who buys.

And who sells.';
comment on column people.email is 'Where they are written to';
