//! Steps besides tables: data, SQL of one's own, views, enums and what Postgres alone has.

use super::{catalog, change, down, run, table, try_change, up};
use peristyle::migrate::dsl::{Migration, RustMigration};
use peristyle::migration;
use peristyle::prelude::*;
use peristyle_tests::{Store, on_postgres_database, on_sql_stores};

migration!(1, Backfill, |m| {
    m.create_table("notes", |t| {
        t.id();
        t.text("body").not_null();
    });
    m.data(async |repo: Repo| {
        for body in ["a", "b"] {
            repo.sql::<()>("insert into notes (body) values ({})").bind(body).await?;
        }
        Ok(())
    })
    .down_nothing();
    m.alter_table("notes", |t| {
        t.text("loud").default("none").not_null();
    });
    m.data(async |repo: Repo| repo.script("update notes set loud = upper(body)").await)
        .down(async |repo: Repo| repo.script("update notes set body = lower(loud)").await);
});

migration!(2, Failing, |m| {
    m.create_table("notes", |t| {
        t.id();
    });
    m.data(async |repo: Repo| repo.script("insert into nothing values (1)").await).down_nothing();
});

migration!(3, Views, |m| {
    m.create_table("people", |t| {
        t.id();
        t.text("name");
    });
    m.create_view("names", "SELECT name FROM people");
    m.replace_view("names", "SELECT name FROM people WHERE name <> ''", "SELECT name FROM people");
    m.execute("INSERT INTO people (name) VALUES ('Ann'), ('')").down("DELETE FROM people");
});

on_sql_stores! {
    async fn data_steps_run_in_their_place_and_have_a_way_back(store: Store) {
        up(&store, &Backfill).await;
        let rows = store.repo.sql::<(String, String)>("select body, loud from notes order by id").await.unwrap();
        assert_eq!(rows, [("a".to_owned(), "A".to_owned()), ("b".to_owned(), "B".to_owned())]);
        down(&store, &Backfill).await;
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn a_data_step_that_fails_undoes_the_tables_of_its_migration(store: Store) {
        let steps = Failing.record().unwrap().up;
        let failed = run(&store, steps, true).await;
        assert!(failed.unwrap_err().0.contains("nothing"));
        assert!(catalog(&store).await.tables.is_empty());
    }

    async fn views_are_made_replaced_and_dropped(store: Store) {
        up(&store, &Views).await;
        assert_eq!(store.repo.sql::<Option<String>>("select name from names").await.unwrap(), [Some("Ann".to_owned())]);
        down(&store, &Views).await;
        assert!(catalog(&store).await.views.is_empty() && catalog(&store).await.tables.is_empty());
    }

    async fn an_enum_refuses_other_values(store: Store) {
        change(&store, |m| {
            m.create_enum("status", ["draft", "it's live"]);
            m.create_table("posts", |t| {
                t.id();
                t.enumeration("status", "status").default("draft").not_null();
            });
        }).await;
        store.repo.script("insert into posts (status) values ('it''s live')").await.unwrap();
        assert!(store.repo.script("insert into posts (status) values ('other')").await.is_err());
        change(&store, |m| m.rename_enum_value("status", "it's live", "live")).await;
        assert!(store.repo.script("insert into posts (status) values ('it''s live')").await.is_err());
        store.repo.script("insert into posts (status) values ('live')").await.unwrap();
    }

    async fn what_only_one_store_has_is_said_before_anything_runs(store: Store) {
        let extension = |m: &mut Migration| m.create_extension("citext");
        if !store.is_postgres() {
            let failed = try_change(&store, extension).await.unwrap_err().0;
            assert!(failed.contains("`m.create_extension(\"citext\")`: SQLite has no extensions"), "{failed}");
        }
        let generated = |m: &mut Migration| m.create_table("posts", |t| {
            t.text("title");
            t.text("slug").generated("lower(title)");
            t.string("code").size(3).collation(store.pick("NOCASE", "C"));
        });
        change(&store, generated).await;
        store.repo.script("insert into posts (title) values ('Ab')").await.unwrap();
        assert_eq!(store.repo.sql::<String>("select slug from posts").await.unwrap(), ["ab"]);
        assert_eq!(table(&store, "posts").await.column("code").unwrap().collation.as_deref(), Some(store.pick("NOCASE", "C")));
    }
}

migration!(4, Everything, |m| {
    m.create_schema("blog");
    m.create_extension_in("blog", "btree_gist");
    m.create_enum("blog.status", ["draft", "live"]);
    m.create_table("blog.users", |t| {
        t.id();
        t.text("email").collation("C").not_null().comment("where mail goes");
        t.index(["id"]).include(["email"]).nulls_not_distinct().unique().name("users_both");
    });
    m.create_function(
        "blog.touch",
        "CREATE FUNCTION blog.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$",
    )
    .down("DROP FUNCTION blog.touch()");
    m.create_table("blog.posts", |t| {
        t.big_integer("id").identity_always().start(10).increment(5).primary_key();
        t.references("users")
            .column("author_id")
            .not_null()
            .on_delete(Cascade)
            .on_update(Restrict)
            .deferrable()
            .index();
        t.enumeration("status", "blog.status").default("draft").not_null();
        t.decimal("price").precision(8).scale(2);
        t.column("during", "int4range");
        t.text("title");
        t.text("slug").generated("lower(title)");
        t.check("price_is_positive", "price > 0").comment("nothing is free");
        t.exclude("no_overlap", "USING gist (during WITH &&)");
        t.unique(["slug"]).nulls_not_distinct().initially_deferred();
        t.comment("what is written");
        t.options("WITH (fillfactor=70)");
    });
    m.create_trigger(
        "touch",
        "CREATE TRIGGER touch BEFORE UPDATE ON blog.posts FOR EACH ROW EXECUTE FUNCTION blog.touch()",
    )
    .down("DROP TRIGGER touch ON blog.posts");
    m.create_index("blog.posts", ["title"])
        .using("gist")
        .name("posts_during")
        .column("during")
        .filter("title IS NOT NULL");
    m.create_index("blog.posts", [("title", DescNullsLast)])
        .expression("lower(slug)")
        .options("fillfactor=50")
        .comment("fast");
    m.create_materialized_view("blog.totals", "SELECT author_id, count(*) AS n FROM blog.posts GROUP BY author_id");
    m.create_index("blog.totals", ["author_id"]).unique();
    m.create_table("blog.events", |t| {
        t.date("day").not_null();
        t.options("PARTITION BY RANGE (day)");
    });
    m.create_partition(
        "blog.events_2026",
        "CREATE TABLE blog.events_2026 PARTITION OF blog.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    )
    .down("DROP TABLE blog.events_2026");
    m.alter_table("blog.posts", |t| {
        t.modify("price", |c| c.big_integer().using("price * 100")).from(|c| c.decimal(8, 2).using("price / 100.0"));
        t.rename_column("during", "period");
        t.drop_constraint("price_is_positive").was_check("price > 0");
    });
    m.rename_enum_value("blog.status", "live", "public");
    m.rename_enum("blog.status", "state");
    m.comment_on_column("blog.posts", "title", "its name").from_none();
    m.rename_table("blog.users", "people");
});

on_postgres_database! {
    async fn everything_that_the_builder_has_works_on_postgres_and_is_undone(store: Store) {
        for _ in 0..2 {
            up(&store, &Everything).await;
            let values = "insert into blog.people (email) values ('a'); \
                insert into blog.posts (author_id, status, price, period, title) values (1, 'public', 3, '[1,2)', 'T')";
            store.repo.script(values).await.unwrap();
            let rows = store.repo.sql::<(i64, i64, String)>("select id, price, slug from blog.posts").await.unwrap();
            assert_eq!(rows, [(10, 3, "t".to_owned())]);
            store.repo.script("update blog.posts set status = 'draft'").await.unwrap();
            down(&store, &Everything).await;
            let left = store.repo.sql::<i64>("select count(*) from pg_namespace where nspname = 'blog'").one().await.unwrap();
            assert_eq!(left, Some(0));
        }
    }

    async fn an_index_is_made_and_dropped_concurrently(store: Store) {
        change(&store, |m| m.create_table("posts", |t| {
            t.text("title");
        })).await;
        migration!(5, Indexed, no_transaction, |m| {
            m.create_index("posts", ["title"]).concurrently().if_not_exists();
        });
        up(&store, &Indexed).await;
        assert_eq!(table(&store, "posts").await.indexes.len(), 1);
        down(&store, &Indexed).await;
        assert_eq!(table(&store, "posts").await.indexes, []);
    }
}
