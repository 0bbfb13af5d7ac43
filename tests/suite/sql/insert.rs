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
