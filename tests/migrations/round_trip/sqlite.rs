//! Everything that the DSL can make on SQLite.

use super::assert_comes_through;
use peristyle::migrate::Migrations;
use peristyle::migration;
use peristyle::prelude::*;
use peristyle_tests::{Store, on_sqlite};

migration!(20260101000001, Tables, |m| {
    m.create_enum("status", ["draft", "it's live", "gone"]);
    m.create_table("users", |t| {
        t.id().start(1000);
        t.boolean("active").default(true).not_null();
        t.small_integer("tiny").default(-1);
        t.integer("age").default(18);
        t.big_integer("points").default(9_007_199_254_740_993_i64);
        t.real("ratio").default(1.5);
        t.double("score").default(0.1).not_null();
        t.decimal("balance").precision(12).scale(2).default(0).not_null();
        t.decimal("exact");
        t.string("name").size(160).not_null();
        t.string("nickname");
        t.text("code").collation("NOCASE").default("a \\ and a '").unique();
        t.binary("blob");
        t.uuid("token").not_null().index();
        t.json("settings").default(serde_json::json!({"it's": [1, null], "deep": {"a": true}})).not_null();
        t.date("born").default_sql("CURRENT_DATE");
        t.time("wakes");
        t.datetime("local");
        t.timestamp("seen_at").default_sql("CURRENT_TIMESTAMP");
        t.interval("pause");
        t.array("tags", ColumnType::Text).default(["a,b", "c\"d"]).not_null();
        t.array("numbers", ColumnType::Integer).default(Vec::<i32>::new());
        t.enumeration("status", "status").default("it's live").not_null();
        t.column("email", "VARCHAR(80)").not_null();
        t.text("shout").generated("upper(name)");
        t.text("whisper").generated_virtual("lower(name)");
        t.timestamps();
        t.check("age_is_positive", "age >= 0");
        t.unique(["name", "born"]).name("one_name_a_day");
        t.unique(["nickname"]);
        t.index(["status"]).column("seen_at").direction(Desc);
        t.comment("Not kept");
    });
    m.create_table("regions", |t| {
        t.integer("country").primary_key();
        t.integer("number").primary_key();
        t.options("WITHOUT ROWID, STRICT");
    });
    m.create_table("orders", |t| {
        t.id();
        t.integer("country");
        t.references("regions")
            .column("region")
            .of(ColumnType::Integer)
            .key("number")
            .with("country", "country")
            .on_update(Cascade)
            .on_delete(SetNull);
        t.references("users").column("seller_id").on_delete(SetDefault).default(1000).deferrable();
        t.references("users").column("buyer_id").not_null().on_delete(Restrict).initially_deferred().index();
        t.references("orders").column("parent_id").on_delete(Cascade).name("in_whole");
    });
    m.create_table_if_not_exists("notes", |t| {
        t.id();
        t.text("body");
        t.references("users").not_null().on_delete(Cascade);
    });
});

migration!(20260101000002, Rows, |m| {
    m.create_check("notes", "body_is_there", "body <> ''");
    m.create_unique("notes", ["user_id", "body"]);
    m.create_foreign_key("notes", ["id"], "orders").on_delete(Cascade);
    m.execute("INSERT INTO users (name, token, email, inserted_at, updated_at) VALUES ('Ann', 'x', 'a@b.c', '2026-01-01', '2026-01-01')")
        .down("DELETE FROM users");
    m.data(async |repo: Repo| {
        repo.sql::<()>("UPDATE users SET nickname = {}").bind("An").await?;
        Ok(())
    })
    .down_nothing();
});

migration!(20260101000003, Objects, |m| {
    m.create_index("users", ["born"]).name("users_by_birth");
    m.create_index("users", NO_COLUMNS)
        .expression("lower(name)")
        .collation("NOCASE")
        .unique()
        .filter("active")
        .name("one_name");
    m.create_index("users", ["nickname", "age"]).unique().if_not_exists();
    m.create_index("users", [("seen_at", Desc), ("born", Asc)]).name("users_recent");
    m.create_view("grown_ups", "SELECT id, name FROM users WHERE age >= 18");
    m.create_trigger(
        "touched",
        "CREATE TRIGGER touched AFTER UPDATE OF name ON users BEGIN
           UPDATE users SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id; -- and; no end
         END",
    )
    .down("DROP TRIGGER touched");
    m.replace_view(
        "grown_ups",
        "SELECT id, name FROM users WHERE age >= 21",
        "SELECT id, name FROM users WHERE age >= 18",
    );
});

migration!(20260101000004, Changes, |m| {
    m.create_table("drafts", |t| {
        t.id();
        t.string("title");
        t.text("old");
        t.integer("count");
        t.references("users");
        t.check("some", "count > 0");
        t.unique(["title"]).name("one_title");
        t.index(["count"]);
    });
    m.create_enum("mood", ["fine", "bad"]);
    m.alter_table("drafts", |t| {
        t.text("summary").default("").not_null();
        t.enumeration("mood", "mood");
        t.modify("title", |c| c.text().not_null().default("none")).from(|c| c.string(255).nullable().no_default());
        t.modify("count", |c| c.big_integer()).from(|c| c.integer());
        t.drop_column("old").was(ColumnType::Text);
        t.drop_column("user_id").was_reference("users");
        t.rename_constraint("some", "some_more");
        t.drop_constraint("one_title").was_unique(["title"]);
        t.check("title_is_there", "title <> ''");
        t.references("users").column("author_id").on_delete(SetNull).index();
        t.index(["mood"]).name("by_mood");
    });
    m.rename_column("drafts", "title", "headline");
    m.rename_index("drafts", "drafts_count_index", "by_count");
    m.drop_index("drafts", "by_mood").was(["mood"]);
    m.rename_constraint("drafts", "some_more", "more");
    m.drop_constraint("drafts", "more").was_check("count > 0");
    m.rename_table("drafts", "plans");
    m.rename_enum_value("mood", "bad", "foul");
    m.create_view("gone", "SELECT 1 AS one");
    m.drop_view("gone").was("SELECT 1 AS one");
    m.create_table("scrap", |t| {
        t.id();
    });
    m.drop_table("scrap").reversible(|t| {
        t.id();
    });
});
migration!(20260101000005, Values, up: |m| {
    m.add_enum_value("mood", "mild").before("foul");
}, down: |m| m.nothing());

on_sqlite! {
    async fn what_migrations_make_on_sqlite_comes_through(store: Store) {
        let migrations = Migrations::new().with(Tables).with(Rows).with(Objects).with(Changes).with(Values);
        let (left_out, differences) = assert_comes_through(&store, migrations).await;
        insta::assert_snapshot!(left_out.join("\n"), @r#"
            a struct can't say STRICT, WITHOUT ROWID of the table "regions"
            a field can't say the default of the column "born" of the table "users"
            a struct can't describe the index "one_name" of the table "users"
            a struct can't describe the index "users_recent" of the table "users"
            a struct can't describe the index "users_status_seen_at_index" of the table "users"
            a field can't say the collation of the column "code" of the table "users"
            a field can't say what computes the column "shout" of the table "users"
            a field can't say what computes the column "whisper" of the table "users"
            a struct can't describe the trigger "touched" of the table "users"
            a struct can't say all of the foreign key "orders_buyer_id_fkey" of the table "orders": DEFERRABLE, ON UPDATE and MATCH
            a struct can't say all of the foreign key "orders_region_country_fkey" of the table "orders": DEFERRABLE, ON UPDATE and MATCH
            a struct can't say all of the foreign key "orders_seller_id_fkey" of the table "orders": DEFERRABLE, ON UPDATE and MATCH
            the foreign key "orders_region_country_fkey" of the table "orders" would be called otherwise by the struct
            a struct can't say what the foreign key "orders_seller_id_fkey" does on deletes
            the view "grown_ups" has no struct
        "#);
        insta::assert_snapshot!(differences.join("\n"), @r#"
            unique constraint "notes_user_id_body_key" of "notes" is missing
            index "notes_user_id_body_key" of "notes" is there, and not expected
            foreign key "orders_buyer_id_fkey" of "orders": deferrable is no, expected yes
            foreign key "orders_buyer_id_fkey" of "orders": initially deferred is no, expected yes
            foreign key "orders_country_region_fkey" of "orders" is there, and not expected
            foreign key "orders_region_country_fkey" of "orders" is missing
            foreign key "orders_seller_id_fkey" of "orders": deferrable is no, expected yes
            foreign key "orders_seller_id_fkey" of "orders": on delete is none, expected set_default
            table "regions": options is none, expected STRICT, WITHOUT ROWID
            column "users"."born": default is none, expected CURRENT_DATE
            column "users"."code": collation is none, expected NOCASE
            column "users"."shout": generated is none, expected {"expression":"upper(name)","stored":true}
            column "users"."whisper": generated is none, expected {"expression":"lower(name)","stored":false}
            unique constraint "one_name_a_day" of "users" is missing
            unique constraint "users_nickname_key" of "users" is missing
            index "one_name" of "users" is missing
            index "one_name_a_day" of "users" is there, and not expected
            index "users_nickname_key" of "users" is there, and not expected
            index "users_recent" of "users" is missing
            index "users_status_seen_at_index" of "users" is missing
            trigger "touched" of "users" is missing
            view "grown_ups" is missing
        "#);
    }
}
