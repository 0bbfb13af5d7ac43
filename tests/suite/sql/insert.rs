//! INSERT.

use super::*;

#[test]
fn a_generated_key_is_read_back_and_what_is_none_is_left_out() {
    let inserted = ran(|repo| async move {
        let draft = repo.insert(Draft { title: "it's".into(), ..Default::default() }).await?;
        assert!(draft.id > 0);
        Ok((draft.title, draft.words, draft.due))
    });
    insta::assert_snapshot!(inserted, @r#"
    Postgres
    INSERT INTO "drafts" ("title", "words")
    VALUES ($1, $2)
    RETURNING "id", "due"
    -- ["it's", 0]

    SQLite
    INSERT INTO "drafts" ("title", "words")
    VALUES (?1, ?2)
    RETURNING "id", "due"
    -- ["it's", 0]
    "#);
}

#[test]
fn a_row_that_is_given_whole_reads_nothing_back() {
    let due = NaiveDate::from_ymd_opt(2026, 1, 31);
    let inserted = ran(|repo| async move { repo.insert(Draft { id: 1_001, title: "a".into(), words: 3, due }).await });
    insta::assert_snapshot!(inserted, @r#"
    Postgres
    INSERT INTO "drafts" ("id", "title", "words", "due")
    VALUES ($1, $2, $3, $4)
    -- [1001, "a", 3, 2026-01-31]

    SQLite
    INSERT INTO "drafts" ("id", "title", "words", "due")
    VALUES (?1, ?2, ?3, ?4)
    -- [1001, "a", 3, 2026-01-31]
    "#);
}

/// A row that the database can fill by itself.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Stamp {
    id: i64,
    at: Option<i64>,
}

#[test]
fn pgsql_099_values_are_bound_and_the_rest_is_left_to_the_database() {
    let insert = |stamp: Stamp| {
        ran(move |repo| {
            let stamp = stamp.clone();
            async move { repo.insert(stamp).await.map(|stamp| stamp.at) }
        })
    };
    insta::assert_snapshot!(insert(Stamp { at: Some(1), ..Default::default() }), @r#"
    Postgres
    INSERT INTO "stamps" ("at")
    VALUES ($1)
    RETURNING "id"
    -- [1]

    SQLite
    INSERT INTO "stamps" ("at")
    VALUES (?1)
    RETURNING "id"
    -- [1]
    "#);
    insta::assert_snapshot!(insert(Stamp::default()), @r#"
    Postgres
    INSERT INTO "stamps"
    DEFAULT VALUES
    RETURNING "id", "at"

    SQLite
    INSERT INTO "stamps"
    DEFAULT VALUES
    RETURNING "id", "at"
    "#);
    let archived = ran(|repo| async move {
        let draft = Draft { id: 1, title: "a".into(), words: 2, due: NaiveDate::from_ymd_opt(2026, 1, 31) };
        repo.with_prefix("archive").insert(draft).await
    });
    insta::assert_snapshot!(archived, @r#"
    Postgres
    INSERT INTO "archive"."drafts" ("id", "title", "words", "due")
    VALUES ($1, $2, $3, $4)
    -- [1, "a", 2, 2026-01-31]

    SQLite
    INSERT INTO "archive"."drafts" ("id", "title", "words", "due")
    VALUES (?1, ?2, ?3, ?4)
    -- [1, "a", 2, 2026-01-31]
    "#);
}
