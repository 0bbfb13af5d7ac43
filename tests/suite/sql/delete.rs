//! DELETE.

use super::*;

#[test]
fn a_row_is_found_by_its_key() {
    let deleted = ran(|repo| async move {
        let draft = repo.insert(Draft { id: 1_004, title: "a".into(), ..Default::default() }).await?;
        repo.delete(draft).await
    });
    insta::assert_snapshot!(deleted, @r#"
    Postgres
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES ($1, $2, $3)
    RETURNING "due"
    -- [1004, "a", 0]
    DELETE FROM "drafts" AS "d0"
    WHERE "d0"."id" = $1
    -- [1004]

    SQLite
    INSERT INTO "drafts" ("id", "title", "words")
    VALUES (?1, ?2, ?3)
    RETURNING "due"
    -- [1004, "a", 0]
    DELETE FROM "drafts" AS "d0"
    WHERE "d0"."id" = ?1
    -- [1004]
    "#);
}

#[test]
fn pgsql_104_a_key_of_several_columns_and_a_prefix() {
    let deleted = ran(|repo| async move {
        let pin = repo.insert(Pin { book_id: 1, author_id: 2 }).await?;
        repo.delete(pin.clone()).await?;
        let archive = repo.with_prefix("archive");
        archive.insert(pin.clone()).await?;
        archive.delete(pin).await
    });
    insta::assert_snapshot!(deleted, @r#"
    Postgres
    INSERT INTO "pins" ("book_id", "author_id")
    VALUES ($1, $2)
    -- [1, 2]
    DELETE FROM "pins" AS "p0"
    WHERE "p0"."book_id" = $1 AND "p0"."author_id" = $2
    -- [1, 2]
    INSERT INTO "archive"."pins" ("book_id", "author_id")
    VALUES ($1, $2)
    -- [1, 2]
    DELETE FROM "archive"."pins" AS "p0"
    WHERE "p0"."book_id" = $1 AND "p0"."author_id" = $2
    -- [1, 2]

    SQLite
    INSERT INTO "pins" ("book_id", "author_id")
    VALUES (?1, ?2)
    -- [1, 2]
    DELETE FROM "pins" AS "p0"
    WHERE "p0"."book_id" = ?1 AND "p0"."author_id" = ?2
    -- [1, 2]
    INSERT INTO "archive"."pins" ("book_id", "author_id")
    VALUES (?1, ?2)
    -- [1, 2]
    DELETE FROM "archive"."pins" AS "p0"
    WHERE "p0"."book_id" = ?1 AND "p0"."author_id" = ?2
    -- [1, 2]
    "#);
}
