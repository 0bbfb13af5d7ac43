//! What a struct's attributes mean, and which are refused.

use super::*;
use crate::{Generation, Writable};
use syn::{Attribute, parse_quote};

fn schema(input: DeriveInput) -> Schema {
    match Schema::parse(&input) {
        Ok(schema) => schema,
        Err(errors) => panic!("{:?}", errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>()),
    }
}

#[track_caller]
fn refused(input: DeriveInput, expected: &[&str]) {
    let errors = Schema::parse(&input).map(|schema| schema.table).expect_err("the attributes are wrong");
    let found: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    let matches = found.len() == expected.len() && found.iter().zip(expected).all(|(found, part)| found.contains(part));
    assert!(matches, "found {found:#?}, expected {expected:#?}");
}

fn field<'a>(schema: &'a Schema, name: &str) -> &'a Field {
    schema.fields.iter().find(|field| field.name == name).unwrap()
}

#[test]
fn names_have_defaults() {
    let schema = schema(parse_quote!(
        struct BlogCategory {
            id: i64,
            r#type: String,
            inserted_at: DateTime<Utc>,
            updated_at: DateTime<Utc>,
        }
    ));
    assert_eq!((schema.name.as_str(), schema.table.as_str()), ("BlogCategory", "blog_categories"));
    assert_eq!(schema.primary_key, [0]);
    assert_eq!(field(&schema, "id").generation, Generation::Key);
    assert_eq!(field(&schema, "type").column, "type");
    assert_eq!(field(&schema, "inserted_at").generation, Generation::InsertedAt);
    assert_eq!(field(&schema, "updated_at").generation, Generation::UpdatedAt);
    assert!(field(&schema, "updated_at").by_name);
    assert!(schema.managed && schema.indexes.is_empty() && schema.ttl.is_none() && schema.prefix == Prefix::None);
}

#[test]
fn a_struct_takes_every_attribute() {
    let schema = schema(parse_quote!(
        #[schema(
            table = "people",
            prefix = "auth",
            rename_all = "camelCase",
            managed = false,
            ttl = "30m",
            allow_filtering = 1000,
            buckets = 16,
            crate = "db"
        )]
        #[schema(unique(org_id, email), index(age, where = "age > 3", name = "adults"), check(positive, "age > 0"))]
        struct User {
            id: i64,
            org_id: i64,
            email: String,
            age: i32,
        }
    ));
    assert_eq!(schema.table, "people");
    assert_eq!(schema.prefix, Prefix::Named("auth".into()));
    assert_eq!(field(&schema, "org_id").column, "orgId");
    assert!(!schema.managed);
    assert_eq!(schema.ttl, Some(Duration::from_secs(1800)));
    assert_eq!((schema.allow_filtering, schema.buckets), (Some(1000), Some(16)));
    assert!(schema.root.is_ident("db"));
    let unique = Index { name: "people_orgId_email_index".into(), fields: vec![1, 2], unique: true, filter: None };
    let adults = Index { name: "adults".into(), fields: vec![3], unique: false, filter: Some("age > 3".into()) };
    assert_eq!(schema.indexes, [unique, adults]);
    assert_eq!(schema.checks, [Check { name: "positive".into(), condition: "age > 0".into() }]);
}

#[test]
fn a_field_takes_every_attribute() {
    let schema = schema(parse_quote!(
        struct Post {
            #[schema(natural)]
            id: Uuid,
            #[schema(column = "headline", unique, size = 160, constraint = "one_headline")]
            title: String,
            #[schema(references = "users.id", index)]
            author_id: Option<i64>,
            #[schema(precision(10, 2), default = "Decimal::ZERO", sql_type = "money")]
            price: Decimal,
            #[schema(load = false, redact)]
            body: Option<String>,
            #[schema(generated, writable = never)]
            words: i32,
            #[schema(writable = insert, embed)]
            origin: Origin,
            #[schema(version)]
            version: i32,
            #[schema(virtual, redact)]
            draft: Option<String>,
            #[schema(inserted_at)]
            created: DateTime<Utc>,
            inserted_at: DateTime<Utc>,
        }
    ));
    assert_eq!((field(&schema, "id").generation, schema.primary_key.as_slice()), (Generation::None, &[0][..]));
    let title = field(&schema, "title");
    assert_eq!((title.column.as_str(), title.size), ("headline", Some(160)));
    let author = field(&schema, "author_id");
    let reference = author.references.clone().unwrap();
    assert_eq!(reference.name, "posts_author_id_fkey");
    assert_eq!((reference.table.as_str(), reference.column.as_str(), author.nullable), ("users", "id", true));
    let names: Vec<(&str, bool)> = schema.indexes.iter().map(|index| (index.name.as_str(), index.unique)).collect();
    assert_eq!(names, [("one_headline", true), ("posts_author_id_index", false)]);
    let price = field(&schema, "price");
    assert_eq!((price.precision, price.sql_type.as_deref()), (Some((10, 2)), Some("money")));
    assert_eq!(price.default.as_ref().map(|default| default.text.as_str()), Some("Decimal::ZERO"));
    assert!(!field(&schema, "body").load && field(&schema, "body").redact);
    let words = field(&schema, "words");
    assert_eq!((words.generation, words.writable), (Generation::Database, Writable::Never));
    assert_eq!((field(&schema, "origin").writable, field(&schema, "origin").embed), (Writable::Insert, true));
    assert!(field(&schema, "version").version && field(&schema, "draft").is_virtual);
    // The attribute is stronger than the name.
    assert_eq!(field(&schema, "created").generation, Generation::InsertedAt);
    assert_eq!(field(&schema, "inserted_at").generation, Generation::None);
}

#[test]
fn keys_are_named_marked_or_listed() {
    let marked = schema(parse_quote!(
        struct Session {
            id: i32,
            #[schema(primary_key)]
            token: Uuid,
        }
    ));
    assert_eq!(marked.primary_key, [1]);
    assert_eq!(field(&marked, "token").generation, Generation::Key);
    assert_eq!(field(&marked, "id").generation, Generation::None);
    let listed = schema(parse_quote!(
        #[schema(primary_key(b, a))]
        struct Line {
            a: i64,
            b: i64,
        }
    ));
    assert_eq!(listed.primary_key, [1, 0]);
    assert!(listed.fields.iter().all(|field| field.generation == Generation::None));
    let both = schema(parse_quote!(
        struct Line {
            #[schema(primary_key)]
            a: i64,
            #[schema(primary_key)]
            b: i64,
        }
    ));
    assert_eq!(both.primary_key, [0, 1]);
    assert!(
        schema(parse_quote!(
            struct Log {
                line: String,
            }
        ))
        .primary_key
        .is_empty()
    );
}

#[test]
fn unknown_attributes_are_refused_all_at_once() {
    refused(
        parse_quote!(
            #[schema(tabel = "x")]
            struct User {
                id: i64,
                #[schema(uniqe, flavour = "x")]
                email: String,
            }
        ),
        &[
            "unknown struct attribute `tabel`; did you mean `table`? (known: table, prefix,",
            "unknown field attribute `uniqe`; did you mean `unique`? (known: primary_key, natural,",
            "unknown field attribute `flavour` (known: ",
        ],
    );
}

#[test]
fn unknown_fields_are_refused() {
    refused(
        parse_quote!(
            #[schema(unique(emial), index(draft), primary_key(email, email), index("email"))]
            struct User {
                email: String,
                #[schema(virtual)]
                draft: String,
            }
        ),
        &[
            "`email` is named twice",
            "there is no field `emial`; did you mean `email`?",
            "`draft` is virtual: it has no column",
            "name a field here, without quotes",
            "`index` names no field",
        ],
    );
}

#[test]
fn virtual_fields_have_no_column() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(virtual, column = "x", unique)]
                a: String,
            }
        ),
        &["remove `column` or `virtual`", "remove `unique` or `virtual`"],
    );
}

#[test]
fn contradictions_on_a_field_are_refused() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(natural)]
                a: String,
                #[schema(unique, index)]
                b: String,
                #[schema(inserted_at, updated_at)]
                c: DateTime<Utc>,
                #[schema(load = false)]
                d: Vec<String>,
                #[schema(version)]
                e: Option<i32>,
                #[schema(constraint = "x")]
                f: i32,
                #[schema(unique, references = "orgs.id", constraint = "x")]
                g: i64,
                #[schema(unique, unique)]
                h: i64,
            }
        ),
        &[
            "a unique field has an index already",
            "a timestamp is one of the two",
            "write `d: Option<Vec<String>>`",
            "write `e: i32`",
            "`constraint` names the field's unique index or foreign key",
            "`unique(g, name = \"..\")`",
            "`unique` is given twice",
            "`natural` is for a primary key",
        ],
    );
}

#[test]
fn contradictions_with_the_key_are_refused() {
    refused(
        parse_quote!(
            struct User {
                id: Option<i64>,
            }
        ),
        &["write `id: i64`"],
    );
    refused(
        parse_quote!(
            struct User {
                #[schema(default = 1)]
                id: i64,
            }
        ),
        &["a primary key has no default"],
    );
    refused(
        parse_quote!(
            struct User {
                #[schema(unique)]
                id: i64,
            }
        ),
        &["remove `unique` or `index`"],
    );
    refused(
        parse_quote!(
            #[schema(primary_key(a))]
            struct User {
                a: i64,
                #[schema(primary_key)]
                b: i64,
            }
        ),
        &["the struct's `primary_key(..)` names the key already"],
    );
}

#[test]
fn names_are_used_once() {
    refused(
        parse_quote!(
            #[schema(index(a), index(a), check(c, "x"), check(c, "y"))]
            struct User {
                id: i64,
                a: i64,
                #[schema(column = "a")]
                b: i64,
                #[schema(version)]
                v: i32,
                #[schema(version)]
                w: i32,
            }
        ),
        &[
            "`a` has the column `a` already",
            "a schema has one `version`",
            "two indexes are called",
            "two checks are called",
        ],
    );
    refused(
        parse_quote!(
            struct User {
                #[schema(inserted_at)]
                a: T,
                #[schema(inserted_at)]
                b: T,
            }
        ),
        &["a schema has one `inserted_at`"],
    );
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    refused(
        parse_quote!(
            #[schema(table = users, prefix = 3, rename_all = "camel", managed, ttl = "5y", check(x), crate = "a b")]
            struct User {
                #[schema(writable = sometimes, references = "orgs", size = "x")]
                a: i64,
                #[schema(precision(2, 3), default = "(")]
                b: i64,
                #[schema(precision = 3)]
                c: i64,
            }
        ),
        &[
            "`table = \"users\"`",
            "`prefix = required`",
            "unknown style \"camel\"",
            "`managed = false`",
            "`ttl = \"30m\"`",
            "`check(age_is_positive, \"age > 0\")`",
            "`crate` takes the path",
            "`writable = insert`",
            "`references = \"orgs.id\"`",
            "`size = 160`",
            "more digits in all",
            "`default` takes a Rust expression",
            "`precision(10, 2)`",
        ],
    );
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let refused_on = |attributes: Attribute, expected: &[&str]| {
        refused(
            parse_quote!(
                #attributes
                struct User {
                    id: i64,
                }
            ),
            expected,
        );
    };
    refused_on(
        parse_quote!(#[schema(allow_filtering, buckets)]),
        &["`allow_filtering = 1000`", "`buckets` takes a whole number: write `buckets = 16`"],
    );
    refused_on(
        parse_quote!(#[schema(allow_filtering = 0, buckets = 1)]),
        &["how many rows may be read", "`buckets` takes a number from 2 to 16384"],
    );
    refused_on(parse_quote!(#[schema(buckets = 16385)]), &["from 2 to 16384"]);
    refused_on(parse_quote!(#[schema(allow_filtering = -1, buckets = 70000)]), &["whole number", "whole number"]);
}

#[test]
fn names_that_postgres_cuts_are_refused() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(unique)]
                a_field_with_a_name_that_goes_on_and_on_and_on_and_on: String,
            }
        ),
        &["Postgres cuts names at 63: name it with `constraint = \"..\"`"],
    );
}

#[test]
fn other_items_are_refused() {
    refused(
        parse_quote!(
            enum User {
                A,
            }
        ),
        &["#[derive(Schema)] is for a struct with named fields"],
    );
    refused(
        parse_quote!(
            struct User(i64);
        ),
        &["#[derive(Schema)] is for a struct with named fields"],
    );
    refused(
        parse_quote!(
            struct User<T> {
                id: T,
            }
        ),
        &["#[derive(Schema)] is for types without parameters"],
    );
    refused(
        parse_quote!(
            struct User {}
        ),
        &["a schema needs at least one field"],
    );
}
