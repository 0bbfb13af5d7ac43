//! Where tables are, and the schemas that have no place in Redis.

use crate::layout::Table;
use peristyle_query::schema::{CheckMeta, FieldMeta, IndexMeta, SchemaMeta};
use peristyle_query::value::DataType;

static FIELDS: [FieldMeta; 5] = [
    FieldMeta::new("id", "id", DataType::I64),
    FieldMeta::new("email", "email", DataType::Text),
    FieldMeta::new("score", "score", DataType::F64),
    FieldMeta::new("tags", "tags", DataType::Array(&DataType::Text)),
    FieldMeta::new("meta", "meta", DataType::Json),
];

/// A schema of users, changed, that lives as long as the tests.
fn schema(change: impl FnOnce(&mut SchemaMeta)) -> &'static SchemaMeta {
    let mut schema = SchemaMeta::new("User", "users");
    schema.fields = &FIELDS;
    schema.primary_key = &[0];
    change(&mut schema);
    Box::leak(Box::new(schema))
}

fn refusal(change: impl FnOnce(&mut SchemaMeta)) -> String {
    let error = Table::new(schema(change), None).unwrap_err();
    assert!(error.is_unsupported(), "{error}");
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_keys_are_those_of_the_documentation() {
    let table = Table::new(
        schema(|schema| {
            const INDEXES: [IndexMeta; 2] =
                [IndexMeta::new("a", &["score", "email"], false), IndexMeta::new("b", &["email"], true)];
            schema.indexes = &INDEXES;
        }),
        None,
    )
    .unwrap();
    let suffixes = table.indexes.iter().map(|index| index.suffix.as_str()).collect::<Vec<_>>();
    assert_eq!(suffixes, ["/keys", "/by/score:float,email:text", "/by/email:text"]);
    let part = table.part("42");
    assert_eq!(part.row("42"), "{users}:42");
    assert_eq!(part.beside("/expiry"), "{users}/expiry");
    assert_eq!(part.claim(&table.indexes[2], "ada@example.com"), "{users}/unique/email=ada@example.com");
    assert_eq!(table.parts().collect::<Vec<_>>(), [part]);
}

#[test]
fn a_prefix_is_part_of_the_tag_and_that_of_the_call_wins() {
    let prefixed = schema(|schema| schema.prefix = Some("own"));
    assert_eq!(Table::new(prefixed, Some("ac.me")).unwrap().part("1").row("1"), "{ac%2Eme.users}:1");
    assert_eq!(Table::new(prefixed, None).unwrap().part("1").row("1"), "{own.users}:1");
}

#[test]
fn buckets_spread_rows_over_tags() {
    let table = Table::new(schema(|schema| schema.buckets = Some(16)), None).unwrap();
    // The checksum of "123456789" is 0x31c3.
    assert_eq!(table.part("123456789").row("123456789"), "{users/3}:123456789");
    let parts = table.parts().collect::<Vec<_>>();
    assert_eq!(parts.len(), 16);
    assert!((0..100).all(|key: i32| parts.contains(&table.part(&key.to_string()))));
}

#[test]
fn two_indexes_over_the_same_columns_are_one_and_unique_if_one_of_them_is() {
    const INDEXES: [IndexMeta; 3] = [
        IndexMeta::new("plain", &["email"], false),
        IndexMeta::new("unique", &["email"], true),
        IndexMeta::new("again", &["email"], false),
    ];
    let table = Table::new(schema(|schema| schema.indexes = &INDEXES), None).unwrap();
    let indexes = table.indexes.iter().map(|index| (index.name.as_str(), index.unique)).collect::<Vec<_>>();
    assert_eq!(indexes, [("users_pkey", false), ("unique", true)]);
}

#[test]
fn rows_that_nothing_tells_apart_are_refused() {
    insta::assert_snapshot!(refusal(|schema| schema.primary_key = &[]), @"redis has no rows without a primary key, as those of User: write #[schema(primary_key)] on the field that tells them apart");
}

#[test]
fn a_check_is_refused() {
    const CHECKS: [CheckMeta; 1] = [CheckMeta { name: "adult", condition: "age > 17" }];
    insta::assert_snapshot!(refusal(|schema| schema.checks = &CHECKS), @"redis has no check constraints, as adult of User: validate the changeset instead");
}

#[test]
fn a_partial_index_is_refused() {
    const INDEXES: [IndexMeta; 1] = {
        let mut index = IndexMeta::new("users_email_idx", &["email"], false);
        index.filter = Some("email is not null");
        [index]
    };
    insta::assert_snapshot!(refusal(|schema| schema.indexes = &INDEXES), @"redis has no partial indexes, as users_email_idx of User: index all rows");
}

#[test]
fn a_unique_index_over_buckets_is_refused() {
    const INDEXES: [IndexMeta; 1] = [IndexMeta::new("users_email_key", &["email"], true)];
    let change = |schema: &mut SchemaMeta| {
        schema.indexes = &INDEXES;
        schema.buckets = Some(4);
    };
    insta::assert_snapshot!(refusal(change), @"redis has no unique indexes over buckets, as users_email_key of User: make it a plain index, or leave the schema in one place, without `buckets`");
}

#[test]
fn types_without_an_order_have_no_index() {
    const DOCUMENT: [IndexMeta; 1] = [IndexMeta::new("users_meta_idx", &["meta"], false)];
    insta::assert_snapshot!(refusal(|schema| schema.indexes = &DOCUMENT), @"redis has no indexes of type JSON, as of User.meta: use an integer, a text, a UUID, a decimal or a time");
    const LIST: [IndexMeta; 1] = [IndexMeta::new("users_tags_idx", &["email", "tags"], false)];
    insta::assert_snapshot!(refusal(|schema| schema.indexes = &LIST), @"redis has no indexes of type list of text, as of User.tags: use an integer, a text, a UUID, a decimal or a time");
}

#[test]
fn a_float_may_be_indexed_and_makes_neither_a_key_nor_a_claim() {
    const PLAIN: [IndexMeta; 1] = [IndexMeta::new("users_score_idx", &["score"], false)];
    assert!(Table::new(schema(|schema| schema.indexes = &PLAIN), None).is_ok());
    const UNIQUE: [IndexMeta; 1] = [IndexMeta::new("users_score_key", &["score"], true)];
    insta::assert_snapshot!(refusal(|schema| schema.indexes = &UNIQUE), @"redis has no unique indexes of type f64, as of User.score: use an integer, a text, a UUID, a decimal or a time");
    insta::assert_snapshot!(refusal(|schema| schema.primary_key = &[2]), @"redis has no primary keys of type f64, as of User.score: use an integer, a text, a UUID, a decimal or a time");
}

#[test]
fn an_index_over_a_column_that_is_not_there_is_refused() {
    const INDEXES: [IndexMeta; 1] = [IndexMeta::new("users_nick_idx", &["nick"], false)];
    insta::assert_snapshot!(refusal(|schema| schema.indexes = &INDEXES), @"redis has no column nick of User, which users_nick_idx is over: name the columns of its fields");
}
