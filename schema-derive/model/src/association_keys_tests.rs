//! Which fields associations compare, and which keys are refused.

use crate::association::tests::{first, keys, refused, schema};
use quote::format_ident;
use syn::{DeriveInput, parse_quote};

#[test]
fn keys_have_several_fields() {
    let schema = schema(parse_quote!(
        #[schema(primary_key(org_id, number))]
        struct OrderLine {
            number: i64,
            org_id: i64,
            item_number: Option<i64>,
            #[schema(foreign_key(org_id, item_number), references(org_id, number))]
            item: BelongsTo<Option<Item>>,
            #[schema(foreign_key(org_id, line_number))]
            notes: HasMany<Note>,
            #[schema(join_table = "lines_tags", join_keys(org_id, line, org_id, tag))]
            tags: ManyToMany<Tag>,
        }
    ));
    let found: Vec<String> = schema.associations.iter().map(keys).collect();
    assert_eq!(
        found,
        [
            "own [1, 2] = org_id, number",
            "foreign org_id, line_number = [1, 0]",
            "table lines_tags: org_id, line = [1, 0], org_id, tag",
        ]
    );
}

#[test]
fn names_of_structs_become_snake_case() {
    let line = schema(parse_quote!(
        struct OrderLine {
            id: i64,
            #[schema(join_table = "x")]
            tags: ManyToMany<shop::PriceTag>,
            note: HasOne<Note>,
        }
    ));
    assert_eq!(keys(&line.associations[0]), "table x: order_line_id = [0], price_tag_id");
    assert_eq!(keys(&line.associations[1]), "foreign order_line_id = [0]");
    let odd = first(parse_quote!(
        struct _1 {
            id: i64,
            note: HasOne<Note>,
        }
    ));
    assert_eq!(keys(&odd), "foreign _1_id = [0]");
}

#[test]
fn a_missing_key_is_refused() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                orgid: i64,
                #[schema(virtual)]
                team_id: i64,
                #[schema(load = false)]
                boss_id: Option<i64>,
                org: BelongsTo<Option<Org>>,
                country: BelongsTo<Country>,
                team: BelongsTo<Team>,
                boss: BelongsTo<Option<User>>,
                #[schema(foreign_key = org_id)]
                other: BelongsTo<Org>,
            }
        ),
        &[
            "`org` needs a field `org_id` with the key: add `org_id: Option<i64>`, or name it with `foreign_key = ..`; \
             did you mean `orgid`?",
            "add `country_id: i64`, or name it with `foreign_key = ..`",
            "`team_id` is virtual: it has no column",
            "`boss_id` is a key, which is always loaded: remove `load = false`",
            "there is no field `org_id`; did you mean `orgid`?",
        ],
    );
}

#[test]
fn a_key_is_optional_as_its_association() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                org_id: Option<i64>,
                team_id: i64,
                org: BelongsTo<Org>,
                team: BelongsTo<Option<Team>>,
                #[schema(foreign_key = team_id, on_delete = set_null)]
                a: BelongsTo<Team>,
                #[schema(foreign_key = team_id, on_replace = nilify)]
                b: BelongsTo<Team>,
                #[schema(foreign_key(org_id, team_id), on_delete = set_null)]
                c: BelongsTo<Option<Team>>,
            }
        ),
        &[
            "`org_id` is an Option, so the org may be missing: write `BelongsTo<Option<Org>>`",
            "`team_id` is never NULL: write `BelongsTo<Team>`",
            "`on_delete = set_null` needs a key that may be NULL: \
             write `BelongsTo<Option<Team>>` with `team_id: Option<i64>`",
            "`on_replace = nilify` needs a key that may be NULL: \
             write `BelongsTo<Option<Team>>` with `team_id: Option<i64>`",
            "`on_delete = set_null` needs a key that may be NULL",
        ],
    );
}

#[test]
fn rows_between_are_somewhere() {
    let long = format_ident!("{}", "x".repeat(64));
    refused(
        parse_quote!(
            struct User {
                id: i64,
                tags: ManyToMany<blog::Tag>,
                #[schema(join_table = "friends")]
                friends: ManyToMany<User>,
                #[schema(join_table = "x", join_keys(a, a))]
                same: ManyToMany<Tag>,
                #[schema(join_table = "x", references(id, name), join_keys(a, b))]
                short: ManyToMany<Tag>,
                #[schema(join_table = "x", references(id, name), join_keys(a, a, b))]
                twice: ManyToMany<Tag>,
                #[schema(join_table = "x", references(id, name))]
                wide: ManyToMany<Tag>,
                #[schema(join_table = "x", join_keys(user_id, #long))]
                long: ManyToMany<Tag>,
                name: String,
            }
        ),
        &[
            "`tags` needs the table between `User` and `Tag`: \
             write `join_table = \"users_tags\"`, or `join_schema = UserTag`",
            "both keys of `friends` are called `user_id`: \
             name the key of `User` and the other one with `join_keys(user_id, ..)`",
            "both keys of `same` are called `a`",
            "the first 2 of `join_keys(..)` are the key of `User`: add the key of `Tag` after them",
            "`a` is named twice",
            "the key of `User` has 2 fields: \
             name as many columns with `join_keys(..)`, and after them the key of `Tag`",
            "Postgres cuts names at 63: name the columns with `join_keys(..)`",
        ],
    );
}

#[test]
fn a_needed_primary_key_is_missing() {
    refused(
        parse_quote!(
            struct Log {
                line: String,
                a: HasOne<Note>,
                b: HasMany<Note>,
                #[schema(join_table = "x")]
                c: ManyToMany<Note>,
                #[schema(references = line)]
                d: HasMany<Note>,
                #[schema(through = [d, e])]
                e: HasMany<Note>,
            }
        ),
        &[
            "`a` needs a primary key, and `Log` has none: \
             add a field `id: i64`, or name the fields that are pointed at with `references = ..`",
            "`b` needs a primary key",
            "`c` needs a primary key",
        ],
    );
    // The list is wrong, which is enough to say.
    refused(
        parse_quote!(
            #[schema(primary_key(lin))]
            struct Log {
                line: String,
                notes: HasMany<Note>,
            }
        ),
        &["there is no field `lin`; did you mean `line`?"],
    );
}

#[test]
fn keys_are_equal_in_width() {
    refused(
        parse_quote!(
            #[schema(primary_key(a, b))]
            struct Line {
                a: i64,
                b: i64,
                notes: HasMany<Note>,
                #[schema(foreign_key(x, y), references = a)]
                marks: HasMany<Mark>,
                #[schema(foreign_key = a, references(c, d))]
                order: BelongsTo<Order>,
                #[schema(references = c)]
                first: HasOne<Note>,
            }
        ),
        &[
            "the primary key of `Line` has 2 fields: name as many fields of `Note` with `foreign_key(a, b)`",
            "the foreign key and `references` differ in length, 2 and 1: \
             name as many fields with `foreign_key` as with `references`",
            "the foreign key and `references` differ in length, 1 and 2",
            "there is no field `c`",
        ],
    );
    refused(
        parse_quote!(
            struct Line {
                id: i64,
                #[schema(foreign_key(x, y))]
                notes: HasMany<Note>,
            }
        ),
        &["the primary key of `Line` has 1 field: name as many fields of `Note` with `foreign_key = line_id`"],
    );
}

#[test]
fn through_begins_in_this_struct() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                posts: HasMany<Post>,
                #[schema(through = [post, comments])]
                comments: HasMany<Comment>,
                #[schema(through = [a, x])]
                a: HasMany<Comment>,
                #[schema(through = [c, x])]
                b: HasMany<Comment>,
                #[schema(through = [b, x])]
                c: HasMany<Comment>,
            }
        ),
        &[
            "there is no association `post`; did you mean `posts`?",
            "`a` goes through itself: begin `through` with another association of this struct",
            "`b` goes through itself",
            "`c` goes through itself",
        ],
    );
}

#[test]
fn associations_are_limited() {
    let many = |count: usize| -> DeriveInput {
        let names = (0..count).map(|number| format_ident!("a{number}"));
        parse_quote!(
            struct User {
                id: i64,
                #(#names: HasMany<Post>,)*
            }
        )
    };
    assert_eq!(schema(many(250)).associations.len(), 250);
    refused(many(251), &["a schema has at most 250 associations"]);
}
