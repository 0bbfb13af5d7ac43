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
