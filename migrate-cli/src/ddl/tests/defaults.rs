//! Defaults.

use super::{postgres, sqlite};
use crate::dsl::Migration;
use insta::assert_snapshot;

fn blob(default: &str) -> impl Fn(&mut Migration) + '_ {
    move |m| {
        m.create_table("blobs", |t| {
            t.binary("blob").default(default);
        });
    }
}

#[test]
fn pgsql_125_create_table_with_binary_column_and_null_byte_default() {
    assert_snapshot!(postgres(blob("\0")), @r#"`m.create_table("blobs")`: column "blob": the default "\0" holds a zero byte, which no text can; write it in hexadecimal digits: "\\x00""#);
    assert_snapshot!(sqlite(blob("\0")), @r#"CREATE TABLE "blobs" ("blob" BLOB DEFAULT x'00')"#);
}

#[test]
fn pgsql_126_create_table_with_binary_column_and_null_byte_containing_default() {
    assert_snapshot!(postgres(blob("foo\0")), @r#"`m.create_table("blobs")`: column "blob": the default "foo\0" holds a zero byte, which no text can; write it in hexadecimal digits: "\\x666f6f00""#);
}

#[test]
fn pgsql_127_create_table_with_binary_column_and_utf_8_default() {
    assert_snapshot!(postgres(blob("foo")), @r#"CREATE TABLE "blobs" ("blob" bytea DEFAULT 'foo')"#);
    assert_snapshot!(sqlite(blob("foo")), @r#"CREATE TABLE "blobs" ("blob" BLOB DEFAULT x'666f6f')"#);
}

#[test]
fn pgsql_128_create_table_with_binary_column_and_hex_bytea_literal_default() {
    assert_snapshot!(postgres(blob("\\x666F6F")), @r#"CREATE TABLE "blobs" ("blob" bytea DEFAULT '\x666F6F')"#);
    assert_snapshot!(sqlite(blob("\\x666F6F")), @r#"CREATE TABLE "blobs" ("blob" BLOB DEFAULT x'666F6F')"#);
}

#[test]
fn pgsql_129_create_table_with_binary_column_and_hex_bytea_literal_null_byte() {
    assert_snapshot!(postgres(blob("\\x00")), @r#"CREATE TABLE "blobs" ("blob" bytea DEFAULT '\x00')"#);
}

#[test]
fn pgsql_130_create_table_with_a_map_column_and_an_empty_map_default() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.json("a").default(serde_json::json!({}));
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("a" jsonb DEFAULT '{}')"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("a" TEXT DEFAULT '{}')"#);
}

#[test]
fn null_and_numbers_and_json_with_quotes_are_defaults() {
    let change = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.integer("a").default(None::<i64>);
            t.double("b").default(-0.5);
            t.json("c").default(serde_json::json!({"it's": [1, null]}));
            t.text("d").default_sql("upper('x')");
        });
    };
    assert_snapshot!(postgres(change), @r#"CREATE TABLE "posts" ("a" integer DEFAULT NULL, "b" double precision DEFAULT -0.5, "c" jsonb DEFAULT '{"it''s":[1,null]}', "d" text DEFAULT upper('x'))"#);
    assert_snapshot!(sqlite(change), @r#"CREATE TABLE "posts" ("a" INTEGER DEFAULT NULL, "b" REAL DEFAULT -0.5, "c" TEXT DEFAULT '{"it''s":[1,null]}', "d" TEXT DEFAULT (upper('x')))"#);
}

#[test]
fn a_text_with_a_zero_byte_and_a_number_that_is_none_are_refused() {
    let text = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.text("a").default("x\0");
        });
    };
    assert!(postgres(text).contains("zero byte"), "{}", postgres(text));
    assert!(sqlite(text).contains("zero byte"), "{}", sqlite(text));
    let number = |m: &mut Migration| {
        m.create_table("posts", |t| {
            t.double("a").default(f64::NAN);
        });
    };
    assert_snapshot!(postgres(number), @r#"`m.create_table("posts")`: column "a": the default "NaN" is not a number; write an expression with `.default_sql(..)`"#);
}
