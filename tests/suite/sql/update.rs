//! UPDATE.

use super::*;

#[test]
fn only_what_differs_is_written() {
    let updated = ran(|repo| async move {
        let draft = repo.insert(Draft { id: 1_002, title: "a".into(), ..Default::default() }).await?;
        repo.update(draft.change(|d| (d.title.set("b"), d.words.set(0), d.due.set(None)))).await
    });
    insta::assert_snapshot!(updated, @r#"
    Postgres
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES ($1, $2, $3)
    RETURNING "due"
    -- [1002, "a", 0]
    UPDATE "drafts" AS "d0"
    SET "title" = $1
    WHERE "d0"."id" = $2
    -- ["b", 1002]

    SQLite
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES (?1, ?2, ?3)
    RETURNING "due"
    -- [1002, "a", 0]
    UPDATE "drafts" AS "d0"
    SET "title" = ?1
    WHERE "d0"."id" = ?2
    -- ["b", 1002]
    "#);
}

#[test]
fn an_expression_is_computed_by_the_store_and_read_back() {
    let updated = ran(|repo| async move {
        let draft = repo.insert(Draft { id: 1_003, title: "a".into(), words: 4, ..Default::default() }).await?;
        let draft =
            repo.update(draft.change(|d| (d.words.set(d.words * 2 + 1), d.title.set(d.title.concat("!"))))).await?;
        assert_eq!((draft.words, draft.title.as_str()), (9, "a!"));
        Ok(draft)
    });
    insta::assert_snapshot!(updated, @r#"
    Postgres
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES ($1, $2, $3)
    RETURNING "due"
    -- [1003, "a", 4]
    UPDATE "drafts" AS "d0"
    SET "words" = "d0"."words" * $1 + $2, "title" = "d0"."title" || $3
    WHERE "d0"."id" = $4
    RETURNING "words", "title"
    -- [2, 1, "!", 1003]

    SQLite
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES (?1, ?2, ?3)
    RETURNING "due"
    -- [1003, "a", 4]
    UPDATE "drafts" AS "d0"
    SET "words" = "d0"."words" * ?1 + ?2, "title" = "d0"."title" || ?3
    WHERE "d0"."id" = ?4
    RETURNING "words", "title"
    -- [2, 1, "!", 1003]
    "#);
}
