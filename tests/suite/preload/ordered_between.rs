//! The order of a many-to-many association by columns of the rows between.

use super::*;
use peristyle::expr::Order;
use peristyle::prelude::*;
use peristyle::schema::JoinTableColumns;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "playlists")]
struct Playlist {
    id: i64,
    name: String,

    #[schema(join_table = "playlists_songs", order = |_, j| j.column::<i32>("position").asc())]
    songs: ManyToMany<Song>,
    #[schema(join_table = "playlists_songs", order = |s, j| (j.column::<Option<String>>("mood").asc().nulls_last(), s.title.desc()))]
    songs_by_mood: ManyToMany<Song>,
    #[schema(join_schema = Entry, order = |_, e| e.position.desc())]
    last_first: ManyToMany<Song>,
    #[schema(join_schema = Entry, order = |s, e| (e.adder().name, s.title))]
    by_adder: ManyToMany<Song>,
    #[schema(join_schema = Entry, order = by_position)]
    by_function: ManyToMany<Song>,
    #[schema(join_table = "playlists_songs", order = by_position_of_table)]
    by_function_of_table: ManyToMany<Song>,
    #[schema(join_table = "playlists_songs", order = by_title)]
    by_title: ManyToMany<Song>,
    #[schema(join_schema = Entry, filter = |s| s.title.ne("c"), order = |_, e| e.position.asc())]
    filtered: ManyToMany<Song>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "songs")]
struct Song {
    id: i64,
    title: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "people")]
struct Adder {
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "playlists_songs", primary_key(playlist_id, song_id))]
struct Entry {
    playlist_id: i64,
    song_id: i64,
    position: i32,
    mood: Option<String>,
    adder_id: i64,
    adder: BelongsTo<Adder>,
}

fn by_position<Sc: 'static>(_: SongColumns<Sc, NotNull>, entry: EntryColumns<Sc, NotNull>) -> Order<Sc> {
    entry.position.asc()
}

fn by_position_of_table<Sc: 'static>(_: SongColumns<Sc, NotNull>, between: JoinTableColumns<Sc>) -> Order<Sc> {
    between.column::<i32>("position").desc()
}

fn by_title<Sc: 'static>(song: SongColumns<Sc, NotNull>) -> Order<Sc> {
    song.title.asc()
}

const DDL: &str = "
    create table playlists ({id}, name {text} not null);
    create table songs ({id}, title {text} not null);
    create table people ({id}, name {text} not null);
    create table playlists_songs (playlist_id {i64} not null, song_id {i64} not null, position {i32} not null,
        mood {text}, adder_id {i64} not null, primary key (playlist_id, song_id));
";

/// Two playlists of the songs a, b, c and d: `c a d` and `d c b a`.
async fn playlists(store: &Store) -> Vec<Playlist> {
    store.create(DDL).await;
    let repo = &store.repo;
    let mut adders = Vec::new();
    for name in ["Zoe", "Amy"] {
        adders.push(repo.insert(Adder { name: name.into(), ..Adder::default() }).await.unwrap());
    }
    let mut songs = Vec::new();
    for title in ["a", "b", "c", "d"] {
        songs.push(repo.insert(Song { title: title.into(), ..Song::default() }).await.unwrap());
    }
    let entries = [
        ("one", [("c", Some("sad")), ("a", None), ("d", Some("glad"))].as_slice()),
        ("two", [("d", Some("sad")), ("c", Some("sad")), ("b", None), ("a", Some("glad"))].as_slice()),
    ];
    let mut playlists = Vec::new();
    for (name, entries) in entries {
        let playlist = repo.insert(Playlist { name: name.into(), ..Playlist::default() }).await.unwrap();
        for (position, (title, mood)) in entries.iter().enumerate() {
            let song = songs.iter().find(|song| song.title == *title).unwrap();
            let entry = Entry {
                playlist_id: playlist.id,
                song_id: song.id,
                position: position as i32,
                mood: mood.map(str::to_owned),
                adder_id: adders[position % 2].id,
                ..Entry::default()
            };
            repo.insert(entry).await.unwrap();
        }
        playlists.push(playlist);
    }
    playlists
}

fn titles(songs: &ManyToMany<Song>) -> String {
    songs.get().unwrap().iter().map(|song| song.title.as_str()).collect()
}

/// The titles in one field of all playlists.
macro_rules! titles_in {
    ($rows:expr, $field:ident) => {
        $rows.iter().map(|row| titles(&row.$field)).collect::<Vec<_>>()
    };
}

on_sql_stores! {
    async fn preload_034_an_order_by_a_column_of_the_join_table(store: Store) {
        let mut rows = playlists(&store).await;
        let repo = &store.repo;
        let loaded = repo.capture(async |repo| {
            repo.preload(&mut rows, |p| {
                (
                    p.songs(),
                    p.songs_by_mood(),
                    p.last_first(),
                    p.by_adder(),
                    p.by_function(),
                    p.by_function_of_table(),
                    p.by_title(),
                    p.filtered(),
                )
            })
            .await
        });
        let ((), statements) = loaded.await.unwrap();
        assert_eq!(statements.len(), 8);
        assert_eq!(titles_in!(rows, songs), ["cad", "dcba"]);
        assert_eq!(titles_in!(rows, songs_by_mood), ["dca", "adcb"]);
        assert_eq!(titles_in!(rows, last_first), ["dac", "abcd"]);
        assert_eq!(titles_in!(rows, by_adder), ["acd", "acbd"]);
        assert_eq!(titles_in!(rows, by_function), ["cad", "dcba"]);
        assert_eq!(titles_in!(rows, by_function_of_table), ["dac", "abcd"]);
        assert_eq!(titles_in!(rows, by_title), ["acd", "abcd"]);
        assert_eq!(titles_in!(rows, filtered), ["ad", "dba"]);
        // An order of the preload itself replaces it.
        repo.preload(&mut rows, |p| p.songs().order_by(|s| s.title.desc())).await.unwrap();
        assert_eq!(titles_in!(rows, songs), ["dca", "dcba"]);
    }

    async fn a_limit_per_parent_follows_the_order_of_the_rows_between(store: Store) {
        let mut rows = playlists(&store).await;
        let repo = &store.repo;
        let limited = repo.preload(&mut rows, |p| {
            (
                p.songs().limit(2),
                p.songs_by_mood().offset(1).limit(2),
                p.last_first().filter(|s| s.title.ne("a")).limit(2),
                p.by_adder().limit(2),
                p.filtered().limit(1),
            )
        });
        limited.await.unwrap();
        assert_eq!(titles_in!(rows, songs), ["ca", "dc"]);
        assert_eq!(titles_in!(rows, songs_by_mood), ["ca", "dc"]);
        assert_eq!(titles_in!(rows, last_first), ["dc", "bc"]);
        assert_eq!(titles_in!(rows, by_adder), ["ac", "ac"]);
        assert_eq!(titles_in!(rows, filtered), ["a", "d"]);
    }

    async fn the_statement_of_a_limit_sorts_by_the_row_between(store: Store) {
        let mut rows = playlists(&store).await;
        let loading = async |repo: Repo| repo.preload(&mut rows, |p| (p.songs().limit(2), p.by_adder())).await;
        let ((), statements) = store.repo.capture(loading).await.unwrap();
        let sql = statements.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n");
        if store.is_postgres() {
            insta::assert_snapshot!(sql, @r#"
            SELECT "s1".*
            FROM (SELECT unnest($1::int8[]) AS "playlist_id") AS "k0"
            INNER JOIN LATERAL (SELECT "ss0"."id", "ss0"."title", "sp1"."playlist_id" FROM "songs" AS "ss0" INNER JOIN "playlists_songs" AS "sp1" ON "sp1"."song_id" = "ss0"."id" WHERE "sp1"."playlist_id" = "k0"."playlist_id" ORDER BY "sp1"."position" ASC LIMIT $2) AS "s1" ON TRUE
            -- [[1, 2], 2]

            SELECT "s0"."id", "s0"."title", "p1"."playlist_id"
            FROM "songs" AS "s0"
            INNER JOIN "playlists_songs" AS "p1" ON "p1"."song_id" = "s0"."id"
            INNER JOIN "people" AS "p2" ON "p1"."adder_id" = "p2"."id"
            WHERE "p1"."playlist_id" = ANY($1)
            ORDER BY "p2"."name" ASC, "s0"."title" ASC
            -- [[1, 2]]
            "#);
        } else {
            insta::assert_snapshot!(sql, @r#"
            SELECT "s0".*
            FROM (SELECT "ss0"."id", "ss0"."title", "sp1"."playlist_id", ROW_NUMBER() OVER (PARTITION BY "sp1"."playlist_id" ORDER BY "sp1"."position" ASC) AS "__rank" FROM "songs" AS "ss0" INNER JOIN "playlists_songs" AS "sp1" ON "sp1"."song_id" = "ss0"."id" WHERE "sp1"."playlist_id" IN (SELECT "value" FROM json_each(?1))) AS "s0"
            WHERE "s0"."__rank" <= ?2
            ORDER BY "s0"."__rank" ASC
            -- [[1, 2], 2]

            SELECT "s0"."id", "s0"."title", "p1"."playlist_id"
            FROM "songs" AS "s0"
            INNER JOIN "playlists_songs" AS "p1" ON "p1"."song_id" = "s0"."id"
            INNER JOIN "people" AS "p2" ON "p1"."adder_id" = "p2"."id"
            WHERE "p1"."playlist_id" IN (SELECT "value" FROM json_each(?1))
            ORDER BY "p2"."name" ASC, "s0"."title" ASC
            -- [[1, 2]]
            "#);
        }
    }

    async fn lists_and_joined_preloads_follow_the_order_of_the_rows_between(store: Store) {
        playlists(&store).await;
        let repo = &store.repo;
        let lists = Playlist::query().order_by(|p| p.id.desc()).select(|p| {
            (
                p.songs().select(|s| s.title).collect(),
                p.last_first().select(|s| s.title).first(),
                p.by_adder().limit(3).select(|s| s.title).collect(),
                p.songs().count(),
            )
        });
        let found: Vec<(Vec<String>, Option<String>, Vec<String>, i64)> = repo.all(lists).await.unwrap();
        let text = |titles: &str| titles.chars().map(String::from).collect::<Vec<String>>();
        assert_eq!(
            found,
            [(text("dcba"), Some("a".into()), text("acb"), 4), (text("cad"), Some("d".into()), text("acd"), 3)]
        );
        let joined = Playlist::query().order_by(|p| p.id.desc()).join_preload(|p| p.songs());
        assert_eq!(titles_in!(repo.all(&joined).await.unwrap(), songs), ["dcba", "cad"]);
        assert_eq!(titles_in!(repo.all(joined.limit(1)).await.unwrap(), songs), ["dcba"]);
        let joined = Playlist::query().order_by(|p| p.id).join_preload(|p| (p.by_adder(), p.last_first()));
        let rows = repo.all(joined).await.unwrap();
        assert_eq!(titles_in!(rows, by_adder), ["acd", "acbd"]);
        // Inside of an association, beside a join of its own.
        let inner = Entry::query().order_by(|e| (e.playlist_id, e.position)).limit(1).preload(|e| e.adder());
        assert_eq!(repo.one(&inner).await.unwrap().unwrap().adder.get().unwrap().name, "Zoe");
        let loader = Loader::new(repo);
        let titles = loader.load::<Playlist, _>(|p| p.last_first().limit(2), rows[1].id).await.unwrap();
        assert_eq!(titles.iter().map(|song| song.title.as_str()).collect::<String>(), "ab");
    }

    async fn rows_of_an_association_query_have_the_order_that_the_query_gives(store: Store) {
        let rows = playlists(&store).await;
        let repo = &store.repo;
        // Each song once, though both playlists have it: there is no one row between to sort by.
        let songs = association_query(&rows, |p| p.songs()).order_by(|s| s.title.desc());
        let found: String = repo.all(songs).await.unwrap().into_iter().map(|song| song.title).collect();
        assert_eq!(found, "dcba");
        let any = Playlist::query().filter(|p| p.last_first().any(|s| s.title.eq("b"))).select(|p| p.name);
        assert_eq!(repo.all(any).await.unwrap(), ["two"]);
        let joined = Playlist::query().join(|p| p.songs()).filter(|(_, s)| s.title.eq("d")).order_by(|(p, _)| p.id);
        assert_eq!(repo.all(joined.select(|(p, _)| p.name)).await.unwrap(), ["one", "two"]);
    }
}

#[test]
fn the_order_of_the_rows_between_names_their_columns_quoted() {
    let songs = Playlist::META.association("songs").unwrap();
    assert_eq!(songs.order, songs.order, "made anew, it is the same");
    let joined = Playlist::query().join_preload(|p| p.songs());
    insta::assert_snapshot!(joined.to_sql(Dialect::Sqlite).unwrap(), @r#"
    SELECT "p0"."id", "p0"."name", "s2"."id", "s2"."title"
    FROM "playlists" AS "p0"
    LEFT JOIN "playlists_songs" AS "p1" ON "p0"."id" = "p1"."playlist_id"
    LEFT JOIN "songs" AS "s2" ON "p1"."song_id" = "s2"."id"
    ORDER BY "p1"."position" ASC
    "#);
}
