//! The numbers of parameters.

use super::*;

#[test]
fn parameters_are_numbered_in_the_order_of_the_text() {
    let q = Book::query()
        .join_on::<Author>(|(b, a)| b.author_id.eq(a.id) & a.name.ne("n2"))
        .filter(|(b, _)| {
            b.pages.gt(-3) & b.id.in_query(Book::query().filter(|b| b.title.ne("n4")).limit(5).select(|b| b.id))
        })
        .group_by(|(b, a)| (a.name, b.pages, b.stock.coalesce(6)))
        .having(|(b, _)| b.id.count().gt(-7))
        .order_by(|(b, _)| (b.pages + 8, b.pages))
        .limit(9)
        .offset(0)
        .select(|(b, a)| (a.name.concat("n1"), b.pages));
    insta::assert_snapshot!(both(q), @r#"
    Postgres
    SELECT "a1"."name" || $1, "b0"."pages"
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id" AND "a1"."name" <> $2
    WHERE "b0"."pages" > $3 AND "b0"."id" IN (SELECT "sb0"."id" FROM "books" AS "sb0" WHERE "sb0"."title" <> $4 LIMIT $5)
    GROUP BY "a1"."name", "b0"."pages", COALESCE("b0"."stock", $6)
    HAVING COUNT("b0"."id") > $7
    ORDER BY "b0"."pages" + $8 ASC, "b0"."pages" ASC
    LIMIT $9
    OFFSET $10
    -- ["n1", "n2", -3, "n4", 5, 6, -7, 8, 9, 0]

    SQLite
    SELECT "a1"."name" || ?1, "b0"."pages"
    FROM "books" AS "b0"
    INNER JOIN "authors" AS "a1" ON "b0"."author_id" = "a1"."id" AND "a1"."name" <> ?2
    WHERE "b0"."pages" > ?3 AND "b0"."id" IN (SELECT "sb0"."id" FROM "books" AS "sb0" WHERE "sb0"."title" <> ?4 LIMIT ?5)
    GROUP BY "a1"."name", "b0"."pages", COALESCE("b0"."stock", ?6)
    HAVING COUNT("b0"."id") > ?7
    ORDER BY "b0"."pages" + ?8 ASC, "b0"."pages" ASC
    LIMIT ?9
    OFFSET ?10
    -- ["n1", "n2", -3, "n4", 5, 6, -7, 8, 9, 0]
    "#);
}
