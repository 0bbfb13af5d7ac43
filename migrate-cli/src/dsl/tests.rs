//! What the builder refuses, and which ways back follow.

use super::prelude::*;
use super::{DslError, Migration, RustMigration, Settings, Step, record, record_both};
use insta::assert_snapshot;

const SETTINGS: Settings = Settings { version: 20261122143000, name: "Test", transaction: true };

fn mistakes(change: impl FnOnce(&mut Migration)) -> String {
    let error: DslError = record(&SETTINGS, change).map(|recorded| recorded.up).unwrap_err();
    error.mistakes.iter().map(|mistake| format!("{}: {}", mistake.call, mistake.message)).collect::<Vec<_>>().join("\n")
}

/// The way back in words, or why there is none.
fn back(change: impl FnOnce(&mut Migration)) -> String {
    match record(&SETTINGS, change).unwrap().down {
        Ok(steps) => steps
            .into_iter()
            .map(|step| match step {
                Step::Operation(operation) => operation.to_string(),
                Step::Data(_) => "data".to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Err(irreversible) => irreversible.to_string(),
    }
}

#[test]
fn an_error_names_the_migration_the_line_and_the_call() {
    let error = record(&SETTINGS, |m| m.create_table("posts", |_| {})).map(|_| ()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("migration 20261122143000 Test: "), "{text}");
    assert!(text.contains("tests.rs:"), "{text}");
    assert!(
        text.ends_with("`m.create_table(\"posts\")`: the table has no column; add some, for example `t.id()`"),
        "{text}"
    );
}

#[test]
fn mistakes_of_tables_are_collected() {
    assert_snapshot!(mistakes(|m| {
        m.create_table("posts", |t| {
            t.text("a").size(3);
            t.integer("a");
            t.text("b").precision(3);
            t.decimal("c").scale(2);
            t.integer("d").start(1);
            t.text("e").if_not_exists();
            t.text("nul\0");
            t.primary_key(["x"]);
            t.index(["y"]).concurrently();
            t.index(NO_COLUMNS);
            t.unique(["z"]).not_valid();
            t.integer("f").identity().default(1);
        });
    }), @r#"
    m.create_table("posts"): an index of a new table is not made concurrently; nothing writes to it yet
    m.create_table("posts"): only checks and foreign keys can be not valid
    m.create_table("posts"): the primary key names the column "x", which the table does not have
    m.create_table("posts"): a unique constraint names the column "z", which the table does not have
    m.create_table("posts"): an index names the column "y", which the table does not have
    m.create_table("posts"): the name "nul\0" holds a zero byte, which no name can
    m.create_table("posts"): the index is on nothing; name a column or an expression
    m.create_table("posts"): the column "f" is numbered by the database, and so has no default
    t.column("a"): only a string has a size
    t.column("a"): the table has a column "a" already
    t.column("b"): only a decimal, a time, a datetime and a timestamp have a precision
    t.column("c"): a scale needs a `.precision(digits)` before it
    t.column("d"): only an identity column has a first number; say `.identity()` before it
    t.column("e"): only a column that is added by `alter_table` can be there already
    "#);
}

#[test]
fn mistakes_of_other_calls_are_collected() {
    assert_snapshot!(mistakes(|m| {
        m.alter_table("posts", |_| {});
        m.alter_table("posts", |t| {
            t.modify("a", |c| c);
            t.modify("b", |c| c.on_delete(Cascade));
        });
        m.alter_table("posts", |t| {
            t.integer("c").primary_key();
            t.integer("d").primary_key();
        });
        m.create_index("posts", ["a"]).concurrently();
        m.drop_index("posts", "b").concurrently();
        m.create_index("posts", NO_COLUMNS);
        m.create_enum("mood", ["a", "a"]);
        m.create_enum("none", NO_COLUMNS);
        m.create_view("v", " ");
        m.execute("");
        m.rename_table("", "x");
        m.create_index("a_table_with_a_rather_long_name", ["and_a_column_with_a_rather_long_name"]);
        m.create_check("posts", "c", "x > 0").deferrable();
    }), @r#"
    m.alter_table("posts"): nothing of the table changes; say what does, or leave the call out
    m.alter_table("posts"): column "b": what is said about a foreign key needs a `.references(table)` before it
    m.alter_table("posts"): nothing of the column "a" changes
    m.alter_table("posts"): nothing of the column "b" changes
    m.alter_table("posts"): a key of several columns is one constraint: `t.primary_key([..])`
    m.create_index("posts") of posts_a_index: `.concurrently()` does not work in a transaction; write `no_transaction` after the migration's name
    m.drop_index("posts", "b"): `.concurrently()` does not work in a transaction; write `no_transaction` after the migration's name
    m.create_index("posts") of posts_index: the index is on nothing; name a column or an expression
    m.create_enum("mood"): the value "a" is given twice
    m.create_enum("none"): an enum without values takes no row; give it some
    m.create_view("v"): the query of the view is empty
    m.execute(""): the statement is empty
    m.rename_table("", "x"): a name is empty
    m.create_index("a_table_with_a_rather_long_name") of a_table_with_a_rather_long_name_and_a_column_with_a_rather_long_name_index: the name "a_table_with_a_rather_long_name_and_a_column_with_a_rather_long_name_index" is longer than the 63 bytes that Postgres keeps; `.name(..)` it
    m.alter_table("posts"), the new constraint "c": only unique constraints and foreign keys are deferrable
    "#);
}

#[test]
fn a_change_that_does_nothing_is_a_mistake_unless_it_says_so() {
    assert_snapshot!(mistakes(|_| {}), @"change: it does nothing; say what it does, or `m.nothing()` if that is meant");
    assert!(record(&SETTINGS, |m| m.nothing()).is_ok());
    let down = record_both(&SETTINGS, |m| m.create_extension("citext"), |_| {}).map(|_| ()).unwrap_err();
    assert_eq!(down.mistakes[0].call, "down");
}

#[test]
fn migrator_005_a_panic_in_a_migration_is_an_error() {
    assert_snapshot!(mistakes(|_| panic!("on {}", "purpose")), @"change: it panicked: on purpose");
}

#[test]
fn what_is_made_is_undone_in_the_opposite_order() {
    assert_snapshot!(back(|m| {
        m.create_enum("mood", ["a"]);
        m.create_table("posts", |t| {
            t.id();
        });
        m.create_table_if_not_exists("users", |t| {
            t.id();
        });
        m.alter_table("posts", |t| {
            t.text("title");
            t.rename_column("a", "b");
        });
        m.create_index("posts", ["title"]);
        m.rename_index("posts", "posts_title_index", "by_title");
        m.rename_table("blog.posts", "articles");
        m.create_view("v", "SELECT 1");
        m.execute("a").down("b");
        m.execute("c").down_nothing();
        m.data(async |_| Ok(())).down(async |_| Ok(()));
        m.data(async |_| Ok(())).down_nothing();
        m.create_schema("blog");
        m.validate_constraint("posts", "c");
    }), @r"
    drop schema blog
    data
    execute b
    drop view v
    rename table blog.articles to posts
    rename index by_title to posts_title_index
    drop index posts_title_index
    alter table posts
    drop table users
    drop table posts
    drop enum mood
    ");
}

#[test]
fn what_is_dropped_comes_again_when_the_migration_says_what_it_was() {
    assert_snapshot!(back(|m| {
        m.drop_table("posts").if_exists().reversible(|t| {
            t.id();
        });
        m.drop_index("posts", "by_title").was(["title"]).unique();
        m.alter_table("posts", |t| {
            t.drop_column("a").was(ColumnType::Text).not_null();
            t.drop_column("b").was_reference("users").on_delete(Cascade);
            t.drop_constraint("c").was_check("x > 0");
            t.modify("d", |c| c.text().not_null().default("x")).from(|c| c.string(9).nullable().no_default());
        });
        m.drop_constraint("posts", "e").was_unique(["a"]);
        m.drop_enum("mood").was(["a", "b"]);
        m.drop_view("v").was("SELECT 1");
        m.replace_view("w", "SELECT 2", "SELECT 1");
        m.drop_extension("citext");
        m.drop_schema("blog").if_exists();
        m.comment_on_table("posts", "new").from("old");
        m.comment_on_index("i", "new").from_none();
    }), @r"
    comment on index i
    comment on table posts
    create schema blog
    create extension citext
    replace view w
    create view v
    create enum mood
    alter table posts
    alter table posts
    create index by_title on posts
    create table posts
    ");
}

#[test]
fn what_has_no_way_back_says_what_is_missing() {
    assert_snapshot!(back(|m| { m.drop_table("posts"); }), @r#"`m.drop_table("posts")` cannot be reversed: say what to make again with `.reversible(|t| ..)`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.drop_index("posts", "i"); }), @r#"`m.drop_index("posts", "i")` cannot be reversed: say what it was on with `.was([..])`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.drop_constraint("posts", "c"); }), @r#"`m.alter_table("posts"), drop_constraint("c")` cannot be reversed: say what it was with `.was_check(..)` or its like, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.alter_table("posts", |t| { t.drop_column("a"); }); }), @r#"`m.alter_table("posts"), t.drop_column("a")` cannot be reversed: say what the column was with `.was(type)`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.alter_table("posts", |t| { t.drop_column("a").if_exists().was("text"); }); }), @r#"`m.alter_table("posts"), t.drop_column_if_exists("a")` cannot be reversed: whether the column was there is not known; drop it without `if_exists`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.alter_table("posts", |t| { t.text("a").if_not_exists(); }); }), @r#"`m.alter_table("posts"), t.add_if_not_exists("a")` cannot be reversed: whether the column was there is not known; add it without `if_not_exists`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.alter_table("posts", |t| { t.modify("a", |c| c.text()); }); }), @r#"`m.alter_table("posts"), t.modify("a")` cannot be reversed: say what the column was with `.from(|c| ..)`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.alter_table("posts", |t| { t.modify("a", |c| c.text().not_null()).from(|c| c.integer()); }); }), @r#"`m.alter_table("posts"), t.modify("a")` cannot be reversed: its `.from(|c| ..)` does not say whether it was nullable, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.execute("VACUUM"); }), @r#"`m.execute("VACUUM")` cannot be reversed: give the statement that undoes it with `.down(sql)`, or `.down_nothing()`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.create_function("f()", "CREATE ..").down_nothing(); m.data(async |_| Ok(())); }), @"`m.data(..)` cannot be reversed: give the code that undoes it with `.down(..)`, or `.down_nothing()`, or write `up` and `down`");
    assert_snapshot!(back(|m| { m.add_enum_value("mood", "c"); }), @r#"`m.add_enum_value("mood", "c")` cannot be reversed: databases cannot take a value away from an enum; keep it with `down: |m| m.nothing()`, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.drop_schema("blog").cascade(); }), @r#"`m.drop_schema("blog")` cannot be reversed: what is in the schema goes along; drop each object so that it can be made again, or write `up` and `down`"#);
    assert_snapshot!(back(|m| { m.comment_on_table("posts", "x"); }), @r#"`m.comment_on_table("posts")` cannot be reversed: give the comment that it replaces with `.from(text)` or `.from_none()`, or write `up` and `down`"#);
}

#[test]
fn the_way_back_of_the_way_back_is_the_way_there() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.id();
            t.references("users").unique();
        });
        m.alter_table("posts", |t| {
            t.text("a").default("x").not_null();
            t.modify("b", |c| c.text().references("users")).from(|c| c.string(3));
            t.rename_column("c", "d");
            t.check("e", "a <> ''");
            t.unique(["a"]);
            t.rename_constraint("f", "g");
        });
        m.create_index("posts", ["a"]).unique().filter("a <> ''");
        m.rename_enum("blog.mood", "feeling");
        m.rename_enum_value("mood", "a", "b");
        m.replace_view("w", "SELECT 2", "SELECT 1");
        m.execute("up").down("down");
    };
    for step in record(&SETTINGS, change).unwrap().up {
        let Step::Operation(operation) = step else { panic!("{step:?}") };
        let back = operation.reversed().unwrap();
        assert_eq!(back.len(), 1);
        assert_eq!(back[0].reversed().unwrap(), [operation]);
    }
}

crate::migration!(7, WithOptions, lock_timeout = std::time::Duration::from_secs(1), no_transaction, |m| {
    m.create_extension("citext");
});

#[test]
fn options_come_in_any_order() {
    assert_eq!((WithOptions.version(), WithOptions.transaction()), (7, false));
    assert_eq!(WithOptions.lock_timeout(), Some(std::time::Duration::from_secs(1)));
}
