//! Everything that the DSL can make on Postgres.

use super::assert_comes_through;
use peristyle::migrate::Migrations;
use peristyle::migration;
use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres_database};

migration!(20260101000001, Ground, |m| {
    m.create_schema("sales");
    m.create_schema_if_not_exists("attic");
    m.create_extension("btree_gist");
    m.create_extension("pg_trgm");
    m.create_extension_in("attic", "citext");
    m.create_enum("status", ["draft", "it's live", "gone"]);
    m.create_enum("sales.channel", ["web", "shop"]);
    m.create_function(
        "slug",
        "CREATE FUNCTION slug(title text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ select lower(title); $$",
    )
    .down("DROP FUNCTION slug(text)");
});

migration!(20260101000002, Tables, |m| {
    m.create_table("users", |t| {
        t.id().start(1000).increment(10);
        t.boolean("active").default(true).not_null();
        t.small_integer("tiny").default(-1);
        t.integer("age").default(18);
        t.big_integer("points").default(9_007_199_254_740_993_i64);
        t.real("ratio").default(1.5);
        t.double("score").default(0.1).not_null();
        t.decimal("balance").precision(12).scale(2).default(0).not_null();
        t.decimal("exact");
        t.string("name").size(160).not_null().comment("How it's said");
        t.string("nickname");
        t.text("code").collation("C").default("a \\ and a '").unique();
        t.binary("blob");
        t.uuid("token").default_sql("gen_random_uuid()").not_null().index();
        t.json("settings").default(serde_json::json!({"it's": [1, null], "deep": {"a": true}})).not_null();
        t.date("born").default_sql("CURRENT_DATE");
        t.time("wakes");
        t.datetime("local");
        t.timestamp("seen_at").default_sql("now()");
        t.interval("pause").default_sql("'1 day 02:00:00'::interval");
        t.array("tags", ColumnType::Text).default(["a,b", "c\"d"]).not_null();
        t.array("numbers", ColumnType::Integer).default(Vec::<i32>::new());
        t.enumeration("status", "status").default("it's live").not_null();
        t.array("former", ColumnType::Enum("status".into()));
        t.column("email", "attic.citext").not_null();
        t.column("address", "inet");
        t.text("slug").generated("slug((name)::text)");
        t.timestamps();
        t.check("age_is_positive", "age >= 0").comment("Nobody is younger");
        t.check("name_is_there", "name <> ''");
        t.unique(["name", "born"]).name("one_name_a_day").comment("A rule");
        t.unique(["nickname"]).nulls_not_distinct();
        t.unique(["tiny"]).deferrable();
        t.index(["status"]).column("seen_at").direction(DescNullsLast).comment("For the list");
        t.comment("Who may come in,\nand who may not");
    });
    m.create_table("sales.customers", |t| {
        t.uuid("region");
        t.integer("number").identity_always().start(5);
        t.enumeration("channel", "sales.channel").default("web");
        t.primary_key(["region", "number"]).name("customers_key");
        t.unique(["number"]).initially_deferred();
        t.options("WITH (fillfactor=70)");
    });
    m.create_table("sales.cache", |t| {
        t.text("key").primary_key();
        t.json("value");
        t.modifiers("UNLOGGED");
    });
    m.create_table("sales.orders", |t| {
        t.id();
        t.uuid("region");
        t.references("customers")
            .column("customer")
            .of(ColumnType::Integer)
            .key("number")
            .with("region", "region")
            .match_full()
            .name("orders_customer")
            .on_update(Cascade)
            .on_delete(SetNull);
        t.references("public.users").column("seller_id").on_delete(SetDefault).default(1000).deferrable();
        t.references("public.users").column("buyer_id").not_null().on_delete(Restrict).initially_deferred().index();
        t.references("orders").column("parent_id").on_delete(Cascade);
    });
});

migration!(20260101000003, Rows, |m| {
    m.create_table("rooms", |t| {
        t.integer("house").primary_key();
        t.integer("number").primary_key();
        t.text("name");
    });
    m.create_table("bookings", |t| {
        t.id();
        t.integer("house").default(1);
        t.integer("room").default(1);
        t.integer("next").default(1);
        t.column("during", "tstzrange").not_null();
        t.foreign_key(["house", "room"], "rooms")
            .to(["house", "number"])
            .on_delete(SetNullColumns(vec!["room".into()]));
        t.foreign_key(["house", "next"], "rooms")
            .to(["house", "number"])
            .on_delete(SetDefaultColumns(vec!["next".into()]))
            .comment("Where they go then");
        t.exclude("no_two_at_once", "USING gist (room WITH =, during WITH &&) WHERE ((room IS NOT NULL))")
            .comment("One party a room");
    });
    m.create_table("events", |t| {
        t.big_integer("id").not_null();
        t.date("day").not_null();
        t.text("what");
        t.primary_key(["id", "day"]);
        t.index(["what"]);
        t.options("PARTITION BY RANGE (day)");
    });
    m.create_partition(
        "events_2026",
        "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    )
    .down("DROP TABLE events_2026");
    m.create_partition("events_rest", "CREATE TABLE events_rest PARTITION OF events DEFAULT")
        .down("DROP TABLE events_rest");
    m.create_index("events", ["day"]).only().name("events_day");
    m.create_table_if_not_exists("notes", |t| {
        t.id();
        t.text("body");
        t.references("users").not_null().on_delete(Cascade).not_valid().name("notes_of");
        t.check("body_is_short", "length(body) < 1000").not_valid();
    });
    m.create_check("notes", "body_is_there", "body <> ''").not_valid();
    m.validate_constraint("notes", "body_is_there");
    m.create_unique("notes", ["user_id", "body"]);
    m.create_exclusion("notes", "one_body", "USING gist (body WITH =)");
    m.create_foreign_key("notes", ["id"], "bookings").on_delete(Cascade);
    m.execute("INSERT INTO users (name, email, inserted_at, updated_at) VALUES ('Ann', 'a@b.c', now(), now())")
        .down("DELETE FROM users");
    m.data(async |repo: Repo| {
        repo.sql::<()>("UPDATE users SET nickname = {}").bind("An").await?;
        Ok(())
    })
    .down_nothing();
});

migration!(20260101000004, Indexes, no_transaction, lock_timeout = std::time::Duration::from_secs(5), |m| {
    m.create_index("users", ["born"]).concurrently().include(["name"]).name("users_by_birth");
    m.create_index("users", NO_COLUMNS)
        .expression("lower(name)")
        .collation("C")
        .unique()
        .filter("active")
        .name("one_name");
    m.create_index("users", ["code"])
        .operator_class("text_pattern_ops")
        .options("fillfactor='80'")
        .name("users_by_code");
    m.create_index("users", ["name"]).using("gin").operator_class("gin_trgm_ops").name("users_trigrams");
    m.create_index("users", ["nickname", "age"]).unique().nulls_not_distinct().if_not_exists();
    m.create_index("users", [("seen_at", Desc), ("born", AscNullsFirst)]).name("users_recent").comment("Newest first");
    m.create_index("users", ["tags"]).using("gin");
});

migration!(20260101000005, Objects, |m| {
    m.create_view("grown_ups", "SELECT id, name FROM users WHERE age >= 18");
    m.create_view("sales.sellers", "SELECT seller_id, count(*) AS orders FROM sales.orders GROUP BY seller_id");
    m.create_materialized_view("counts", "SELECT status, count(*) AS users FROM users GROUP BY status");
    m.create_index("counts", ["status"]).unique();
    m.create_function(
        "touch",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
         BEGIN
           -- Semicolons; and $$ are no end.
           NEW.updated_at := now(); RETURN NEW;
         END $body$",
    )
    .down("DROP FUNCTION touch()");
    m.create_trigger("touched", "CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()")
        .down("DROP TRIGGER touched ON users");
    m.comment_on_table("notes", "Said besides").from_none();
    m.comment_on_column("notes", "body", "What is said").from_none();
    m.comment_on_index("counts_status_index", "One of each").from_none();
    m.comment_on_constraint("notes", "notes_of", "Whose").from_none();
    m.replace_view(
        "grown_ups",
        "SELECT id, name FROM users WHERE age >= 21",
        "SELECT id, name FROM users WHERE age >= 18",
    );
});

migration!(20260101000006, Changes, |m| {
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
        t.modify("title", |c| c.text().not_null().default("none").comment("New"))
            .from(|c| c.string(255).nullable().no_default().no_comment());
        t.modify("count", |c| c.big_integer().using("count::bigint")).from(|c| c.integer());
        t.drop_column("old").was(ColumnType::Text);
        t.drop_column("user_id").was_reference("users");
        t.rename_constraint("some", "some_more");
        t.drop_constraint("one_title").was_unique(["title"]);
        t.check("title_is_there", "title <> ''").not_valid();
        t.references("users").column("author_id").on_delete(SetNull).index();
        t.index(["mood"]).name("by_mood");
    });
    m.alter_table("drafts", |t| {
        t.validate_constraint("title_is_there");
        t.rename_column("summary", "abstract");
    });
    m.rename_column("drafts", "title", "headline");
    m.rename_index("drafts", "drafts_count_index", "by_count");
    m.drop_index("drafts", "by_mood").was(["mood"]);
    m.rename_constraint("drafts", "some_more", "more");
    m.drop_constraint("drafts", "more").was_check("count > 0");
    m.rename_table("drafts", "plans");
    m.rename_enum("mood", "temper");
    m.rename_enum_value("temper", "bad", "foul");
    m.create_view("gone", "SELECT 1 AS one");
    m.drop_view("gone").was("SELECT 1 AS one");
    m.create_enum("none", ["a"]);
    m.drop_enum("none").was(["a"]);
    m.create_table("scrap", |t| {
        t.id();
    });
    m.drop_table("scrap").cascade().reversible(|t| {
        t.id();
    });
    m.create_extension("hstore");
    m.drop_extension("hstore");
    m.create_schema("cellar");
    m.drop_schema("cellar");
});
migration!(20260101000007, Values, no_transaction, up: |m| {
    m.add_enum_value("temper", "mild").before("foul");
    m.add_enum_value("temper", "wild").if_not_exists();
}, down: |m| m.nothing());

on_postgres_database! {
    async fn what_migrations_make_on_postgres_comes_through(store: Store) {
        let migrations = Migrations::new()
            .with(Ground)
            .with(Tables)
            .with(Rows)
            .with(Indexes)
            .with(Objects)
            .with(Changes)
            .with(Values);
        let (left_out, differences) = assert_comes_through(&store, migrations).await;
        insta::assert_snapshot!(left_out.join("\n"), @r#"
            the column "bookings"."during" is a tstzrange, which Rust has no type for: its field is a String until you give it a #[derive(DbType)] of your own
            a struct can't describe the exclusion constraint "no_two_at_once" of the table "bookings"
            a struct can't describe the index "events_day" of the table "events"
            a struct can't say PARTITION BY RANGE (day) of the table "events"
            a struct can't describe the exclusion constraint "one_body" of the table "notes"
            a field can't say the default of the column "token" of the table "users"
            a field can't say the default of the column "born" of the table "users"
            a field can't say the default of the column "pause" of the table "users"
            the column "users"."email" is a attic.citext, which Rust has no type for: its field is a String until you give it a #[derive(DbType)] of your own
            the column "users"."address" is a inet, which Rust has no type for: its field is a String until you give it a #[derive(DbType)] of your own
            a struct can't say DEFERRABLE and NULLS NOT DISTINCT of the unique constraint on nickname of the table "users"
            a struct can't say DEFERRABLE and NULLS NOT DISTINCT of the unique constraint on tiny of the table "users"
            a struct can't describe the index "one_name" of the table "users"
            a struct can't describe the index "users_by_birth" of the table "users"
            a struct can't describe the index "users_by_code" of the table "users"
            a struct can't describe the index "users_nickname_age_index" of the table "users"
            a struct can't describe the index "users_recent" of the table "users"
            a struct can't describe the index "users_status_seen_at_index" of the table "users"
            a struct can't describe the index "users_tags_index" of the table "users"
            a struct can't describe the index "users_trigrams" of the table "users"
            a field can't say the numbering of the column "id" of the table "users"
            a field can't say the collation of the column "code" of the table "users"
            a field can't say what computes the column "slug" of the table "users"
            a struct can't describe the trigger "touched" of the table "users"
            a struct can't say UNLOGGED of the table "sales"."cache"
            a struct can't say DEFERRABLE and NULLS NOT DISTINCT of the unique constraint on number of the table "sales"."customers"
            a field can't say the numbering of the column "number" of the table "sales"."customers"
            a struct can't say WITH (fillfactor=70) of the table "sales"."customers"
            a struct can't say all of the foreign key "orders_buyer_id_fkey" of the table "sales"."orders": DEFERRABLE, ON UPDATE and MATCH
            a struct can't say all of the foreign key "orders_customer" of the table "sales"."orders": DEFERRABLE, ON UPDATE and MATCH
            a struct can't say all of the foreign key "orders_seller_id_fkey" of the table "sales"."orders": DEFERRABLE, ON UPDATE and MATCH
            a struct can't say what the foreign key "bookings_house_next_fkey" does on deletes
            a struct can't say what the foreign key "bookings_house_room_fkey" does on deletes
            the foreign key "orders_customer" of the table "sales"."orders" would be called otherwise by the struct
            a struct can't say what the foreign key "orders_seller_id_fkey" does on deletes
            the extension "btree_gist" has no struct: a migration has to make it
            the extension "citext" has no struct: a migration has to make it
            the extension "pg_trgm" has no struct: a migration has to make it
            the partition "events_2026" has no struct
            the partition "events_rest" has no struct
            the view "counts" has no struct
            the view "grown_ups" has no struct
            the view "sales"."sellers" has no struct
            the function "slug"(title text) has no struct
            the function "touch"() has no struct
        "#);
        insta::assert_snapshot!(differences.join("\n"), @r#"
            function "slug"(title text) is missing
            function "touch"() is missing
            exclusion constraint "no_two_at_once" of "bookings" is missing
            foreign key "bookings_house_next_fkey" of "bookings": comment is none, expected Where they go then
            foreign key "bookings_house_next_fkey" of "bookings": on delete is none, expected {"set_default_columns":["next"]}
            foreign key "bookings_house_room_fkey" of "bookings": on delete is none, expected {"set_null_columns":["room"]}
            table "events": options is none, expected PARTITION BY RANGE (day)
            index "events_day" of "events" is missing
            table "events_2026" is missing
            table "events_rest" is missing
            table "notes": comment is none, expected Said besides
            column "notes"."body": comment is none, expected What is said
            exclusion constraint "one_body" of "notes" is missing
            foreign key "notes_of" of "notes": comment is none, expected Whose
            unique constraint "notes_user_id_body_key" of "notes" is missing
            index "notes_user_id_body_key" of "notes" is there, and not expected
            table "plans": primary key is {"columns":["id"]}, expected {"columns":["id"],"name":"drafts_pkey"}
            column "plans"."headline": comment is none, expected New
            table "sales"."cache": modifiers is none, expected UNLOGGED
            table "sales"."customers": options is none, expected WITH (fillfactor=70)
            table "sales"."customers": primary key is {"columns":["region","number"]}, expected {"columns":["region","number"],"name":"customers_key"}
            column "sales"."customers"."number": identity is none, expected {"always":true,"start":5}
            unique constraint "customers_number_key" of "sales"."customers" is missing
            index "customers_number_key" of "sales"."customers" is there, and not expected
            foreign key "orders_buyer_id_fkey" of "sales"."orders": deferrable is no, expected yes
            foreign key "orders_buyer_id_fkey" of "sales"."orders": initially deferred is no, expected yes
            foreign key "orders_customer" of "sales"."orders" is missing
            foreign key "orders_region_customer_fkey" of "sales"."orders" is there, and not expected
            foreign key "orders_seller_id_fkey" of "sales"."orders": deferrable is no, expected yes
            foreign key "orders_seller_id_fkey" of "sales"."orders": on delete is none, expected set_default
            table "users": comment is none, expected Who may come in,
            and who may not
            column "users"."born": default is none, expected CURRENT_DATE
            column "users"."code": collation is none, expected C
            column "users"."id": identity is {}, expected {"increment":10,"start":1000}
            column "users"."name": comment is none, expected How it's said
            column "users"."pause": default is none, expected "1 day 02:00:00"
            column "users"."slug": generated is none, expected {"expression":"slug(name::text)","stored":true}
            column "users"."token": default is none, expected gen_random_uuid()
            check "age_is_positive" of "users": comment is none, expected Nobody is younger
            unique constraint "one_name_a_day" of "users" is missing
            unique constraint "users_nickname_key" of "users" is missing
            unique constraint "users_tiny_key" of "users" is missing
            index "one_name" of "users" is missing
            index "one_name_a_day" of "users" is there, and not expected
            index "users_by_birth" of "users" is missing
            index "users_by_code" of "users" is missing
            index "users_nickname_age_index" of "users" is missing
            index "users_nickname_key" of "users" is there, and not expected
            index "users_recent" of "users" is missing
            index "users_status_seen_at_index" of "users" is missing
            index "users_tags_index" of "users" is missing
            index "users_tiny_key" of "users" is there, and not expected
            index "users_trigrams" of "users" is missing
            trigger "touched" of "users" is missing
            view "counts" is missing
            view "grown_ups" is missing
            view "sales"."sellers" is missing
        "#);
    }
}
