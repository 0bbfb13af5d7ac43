//! What the fields of associations mean, and which are refused.

use super::*;
use crate::Schema;
use quote::ToTokens;
use syn::{DeriveInput, parse_quote};

pub(crate) fn schema(input: DeriveInput) -> Schema {
    match Schema::parse(&input) {
        Ok(schema) => schema,
        Err(errors) => panic!("{:?}", errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>()),
    }
}

/// The first association of a schema.
pub(crate) fn first(input: DeriveInput) -> Association {
    schema(input).associations.remove(0)
}

#[track_caller]
pub(crate) fn refused(input: DeriveInput, expected: &[&str]) {
    let errors = Schema::parse(&input).map(|schema| schema.table).expect_err("the associations are wrong");
    let found: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    let matches = found.len() == expected.len() && found.iter().zip(expected).all(|(found, part)| found.contains(part));
    assert!(matches, "found {found:#?}, expected {expected:#?}");
}

fn names(idents: &[Ident]) -> Vec<String> {
    idents.iter().map(Ident::to_string).collect()
}

/// The keys as a line of text.
pub(crate) fn keys(association: &Association) -> String {
    match &association.keys {
        Keys::Own { fields, references } => format!("own {fields:?} = {}", names(references).join(", ")),
        Keys::Foreign { foreign_key, references } => {
            format!("foreign {} = {references:?}", names(foreign_key).join(", "))
        }
        Keys::Join { source, own, other, references } => {
            let source = match source {
                JoinSource::Table(name) => format!("table {}", name.value()),
                JoinSource::Schema(path) => format!("schema {}", path.to_token_stream()),
            };
            format!("{source}: {} = {references:?}, {}", names(own).join(", "), names(other).join(", "))
        }
        Keys::Through { path } => format!("through {}", names(path).join(", ")),
    }
}

#[test]
fn associations_stand_beside_the_fields() {
    let schema = schema(parse_quote!(
        #[schema(unique(org_id, email))]
        struct User {
            /// Where the user works.
            pub org: BelongsTo<Option<Org>>,
            id: i64,
            #[schema(foreign_key = author_id)]
            pub posts: HasMany<Post>,
            profile: peristyle::HasOne<Profile>,
            org_id: Option<i64>,
            #[schema(through = [posts, comments])]
            comments: HasMany<blog::Comment>,
            email: String,
            #[schema(join_table = "users_tags")]
            r#type: ManyToMany<Tag>,
            #[schema(join_schema = blog::PostUser)]
            posts_liked: ManyToMany<Post>,
        }
    ));
    let fields: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["id", "org_id", "email"]);
    assert_eq!((schema.primary_key.as_slice(), schema.indexes[0].fields.as_slice()), (&[0][..], &[1, 2][..]));
    let found: Vec<(&str, AssociationKind, String)> = schema
        .associations
        .iter()
        .map(|association| (association.name.as_str(), association.kind, keys(association)))
        .collect();
    assert_eq!(
        found,
        [
            ("org", BelongsTo, "own [1] = ".to_owned()),
            ("posts", HasMany, "foreign author_id = [0]".to_owned()),
            ("profile", HasOne, "foreign user_id = [0]".to_owned()),
            ("comments", HasMany, "through posts, comments".to_owned()),
            ("type", ManyToMany, "table users_tags: user_id = [0], tag_id".to_owned()),
            ("posts_liked", ManyToMany, "schema blog :: PostUser: user_id = [0], post_id".to_owned()),
        ]
    );
    let [org, posts, _, comments, tags, _] = &schema.associations[..] else { panic!("there are six") };
    assert_eq!((&org.target, org.optional, org.docs.len()), (&parse_quote!(Org), true, 1));
    assert_eq!(org.ty, parse_quote!(BelongsTo<Option<Org>>));
    assert!(matches!(org.vis, Visibility::Public(_)) && matches!(comments.vis, Visibility::Inherited));
    assert_eq!((&comments.target, comments.optional), (&parse_quote!(blog::Comment), false));
    assert_eq!(tags.ident, "r#type");
    assert!(posts.filter.is_none() && posts.order.is_none());
    assert!(posts.on_delete.is_none() && posts.on_replace.is_none());
}

#[test]
fn an_association_takes_every_attribute() {
    let org = first(parse_quote!(
        struct User {
            id: i64,
            org_code: String,
            #[schema(foreign_key = org_code, references = code, on_delete = cascade, on_replace = delete_if_exists)]
            org: BelongsTo<Org>,
        }
    ));
    assert_eq!(keys(&org), "own [1] = code");
    assert_eq!((org.on_delete, org.on_replace), (Some(OnDelete::Cascade), Some(OnReplace::DeleteIfExists)));
    let posts = first(parse_quote!(
        struct User {
            id: i64,
            email: String,
            #[schema(foreign_key = r#type, references = email, filter = |p| p.public.eq(true), on_delete = nilify_all)]
            #[schema(order = |p| p.position.asc(), on_replace = nilify)]
            posts: HasMany<Post>,
        }
    ));
    assert_eq!(keys(&posts), "foreign r#type = [1]");
    assert_eq!(posts.filter, Some(parse_quote!(|p| p.public.eq(true))));
    assert_eq!(posts.order, Some(parse_quote!(|p| p.position.asc())));
    assert_eq!((posts.on_delete, posts.on_replace), (Some(OnDelete::Nilify), Some(OnReplace::Nilify)));
    let tags = first(parse_quote!(
        struct User {
            id: i64,
            email: String,
            #[schema(join_table = "links", join_keys(who, type), references(email), order = orders::by_name)]
            #[schema(on_delete = delete_all, on_replace = mark_as_invalid)]
            tags: ManyToMany<Tag>,
        }
    ));
    assert_eq!(keys(&tags), "table links: who = [1], r#type");
    assert_eq!(tags.order, Some(parse_quote!(orders::by_name)));
    let sorted = first(parse_quote!(
        struct User {
            id: i64,
            #[schema(join_table = "links", order = |t, j| (j.column::<i32>("position").asc(), t.name.asc()))]
            tags: ManyToMany<Tag>,
        }
    ));
    assert!(matches!(sorted.order, Some(Expr::Closure(closure)) if closure.inputs.len() == 2));
    assert_eq!((tags.on_delete, tags.on_replace), (Some(OnDelete::Delete), Some(OnReplace::MarkAsInvalid)));
}

#[test]
fn every_word_has_a_meaning() {
    let belongs_to: &[(&str, OnDelete)] = &[
        ("cascade", OnDelete::Cascade),
        ("set_null", OnDelete::SetNull),
        ("restrict", OnDelete::Restrict),
        ("nothing", OnDelete::Nothing),
    ];
    for (word, meaning) in belongs_to {
        let word = Ident::new(word, proc_macro2::Span::call_site());
        let org = first(parse_quote!(
            struct User {
                id: i64,
                org_id: Option<i64>,
                #[schema(on_delete = #word)]
                org: BelongsTo<Option<Org>>,
            }
        ));
        assert_eq!(org.on_delete, Some(*meaning));
    }
    let on_replace: &[(&str, OnReplace)] = &[
        ("raise", OnReplace::Raise),
        ("mark_as_invalid", OnReplace::MarkAsInvalid),
        ("nilify", OnReplace::Nilify),
        ("delete", OnReplace::Delete),
        ("delete_if_exists", OnReplace::DeleteIfExists),
        ("update", OnReplace::Update),
    ];
    for (word, meaning) in on_replace {
        let word = Ident::new(word, proc_macro2::Span::call_site());
        let profile = first(parse_quote!(
            struct User {
                id: i64,
                #[schema(on_replace = #word, on_delete = nothing)]
                profile: HasOne<Profile>,
            }
        ));
        assert_eq!((profile.on_replace, profile.on_delete), (Some(*meaning), Some(OnDelete::Nothing)));
    }
}

#[test]
fn other_types_of_the_same_name_are_fields() {
    let schema = schema(parse_quote!(
        struct User {
            id: i64,
            a: HasMany,
            b: HasMany<Post, i64>,
            c: Vec<HasMany<Post>>,
        }
    ));
    assert_eq!((schema.fields.len(), schema.associations.len()), (4, 0));
}

#[test]
fn targets_are_schemas() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                a: HasOne<Option<Profile>>,
                b: HasMany<Option<Post>>,
                c: ManyToMany<Option<Tag>>,
                d: BelongsTo<Option<Option<Org>>>,
                e: HasMany<(Post, Post)>,
            }
        ),
        &[
            "only `BelongsTo` takes an Option: write `HasOne<Profile>`, it may always be missing",
            "write `HasMany<Post>`, it may always be empty",
            "write `ManyToMany<Tag>`, it may always be empty",
            "an Option inside an Option: write `BelongsTo<Option<Org>>`",
            "`HasMany` takes a schema: write `HasMany<Post>`",
        ],
    );
}

#[test]
fn associations_have_no_column() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(column = "x", unique, size = 3, default = 1, virtual, foreign_ky = a)]
                a: HasOne<Profile>,
                #[schema(references = "orgs.id")]
                b: HasOne<Profile>,
            }
        ),
        &[
            "an association has no column: remove `column`",
            "`unique` is for ManyToMany; a HasOne takes foreign_key, references,",
            "an association has no column: remove `size`",
            "an association has no column: remove `default`",
            "an association has no column: remove `virtual`",
            "unknown association attribute `foreign_ky`; did you mean `foreign_key`? (known: foreign_key, references,",
            "`references` names a field, without quotes: write `references = id`, or `references(a, b)` for several",
        ],
    );
}

#[test]
fn fields_are_no_associations() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(references = "orgs.id", foreign_key = x, on_delete = cascade)]
                org_id: i64,
                #[schema(virtual, through = [a, b])]
                posts: Vec<Post>,
                #[schema(references = id)]
                team_id: i64,
            }
        ),
        &[
            "`foreign_key` is for association fields, such as `org: BelongsTo<Org>`",
            "`on_delete` is for association fields",
            "`through` is for association fields",
            "write `references = \"orgs.id\"`",
        ],
    );
}

#[test]
fn attributes_of_other_kinds_are_refused() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                org_id: i64,
                #[schema(through = [a, b], order = |o| o.name.asc())]
                org: BelongsTo<Org>,
                #[schema(join_table = "x")]
                posts: HasMany<Post>,
                #[schema(foreign_key = user_id)]
                tags: ManyToMany<Tag>,
            }
        ),
        &[
            "`through` is for HasOne, HasMany; a BelongsTo takes foreign_key, references, filter, on_delete, on_replace",
            "`order` is for HasOne, HasMany, ManyToMany; a BelongsTo takes",
            "`join_table` is for ManyToMany; a HasMany takes foreign_key, references, through,",
            "`foreign_key` is for BelongsTo, HasOne, HasMany; a ManyToMany takes references, join_table,",
        ],
    );
}

#[test]
fn contradictions_are_refused() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                posts: HasMany<Post>,
                #[schema(through = [posts, a], foreign_key = x, references = id)]
                a: HasMany<Comment>,
                #[schema(through = [posts, b], on_delete = nothing, on_replace = raise)]
                b: HasMany<Comment>,
                #[schema(join_table = "x", join_schema = X)]
                c: ManyToMany<Tag>,
                #[schema(foreign_key = x, foreign_key = y)]
                d: HasOne<Profile>,
            }
        ),
        &[
            "`through` and `foreign_key` contradict each other: the associations on the way have the keys",
            "`through` and `references` contradict each other",
            "`through` and `on_delete` contradict each other: an association through others is only read",
            "`through` and `on_replace` contradict each other",
            "`join_table` and `join_schema` contradict each other: the rows between are in one table",
            "`foreign_key` is given twice",
        ],
    );
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    let text = "x".repeat(64);
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(foreign_key = "user_id", references(), filter = true, order = "name")]
                a: HasMany<Post>,
                #[schema(foreign_key = self, references(id, id), filter = |a, b| a, order = || 1)]
                b: HasMany<Post>,
                #[schema(through = posts)]
                h: HasMany<Post>,
                #[schema(through = [posts])]
                i: HasMany<Post>,
                #[schema(join_table = x, join_keys(a), on_delete = nilify_all, on_replace = nilify)]
                c: ManyToMany<Tag>,
                #[schema(join_table = #text, join_keys("a", "b"), on_delete = delete, on_replace)]
                d: ManyToMany<Tag>,
                #[schema(join_schema = "X", join_keys = a)]
                e: ManyToMany<Tag>,
                #[schema(on_delete = cascade, on_replace = update)]
                f: HasMany<Post>,
                #[schema(on_delete = delete_all, on_replace = remove)]
                g: BelongsTo<Org>,
            }
        ),
        &[
            "`foreign_key` names a field, without quotes: write `foreign_key = author_id`, or `foreign_key(a, b)`",
            "write `references = id`, or `references(a, b)` for several",
            "`filter` takes a closure over the target's columns: write `filter = |c| c.public.eq(true)`",
            "`order` takes a closure over the target's columns, or a function: write `order = |c| c.position.asc()`",
            "write `foreign_key = author_id`",
            "`id` is named twice",
            "write `filter = |c|",
            "write `order = |c|",
            "`through` takes two or more names of associations: write `through = [posts, comments]`",
            "write `through = [posts, comments]`",
            "`join_table = \"users_tags\"`",
            "write `join_keys(user_id, tag_id)`, without quotes",
            "`on_delete` of a ManyToMany is one of delete_all, nothing: write `on_delete = delete_all`",
            "`on_replace` of a ManyToMany is one of raise, mark_as_invalid, delete, delete_if_exists: write",
            "has 64 bytes; Postgres cuts names at 63",
            "write `join_keys(user_id, tag_id)`",
            "`on_delete` of a ManyToMany is one of",
            "`on_replace` of a ManyToMany is one of",
            "write `join_schema = PostUser`",
            "write `join_keys(user_id, tag_id)`",
            "`on_delete` of a HasMany is one of delete_all, nilify_all, nothing",
            "`on_replace` of a HasMany is one of raise, mark_as_invalid, delete, delete_if_exists, nilify: write",
            "`on_delete` of a BelongsTo is one of cascade, set_null, restrict, nothing: write `on_delete = cascade`",
            "`on_replace` of a BelongsTo is one of raise, mark_as_invalid, delete, delete_if_exists, nilify, update",
        ],
    );
}

#[test]
fn an_association_is_no_column() {
    refused(
        parse_quote!(
            struct User {
                #[schema(through = [posts, x])]
                comments: HasMany<Comment>,
                #[schema(references = id)]
                posts: HasMany<Post>,
            }
        ),
        &["there is no field `id`", "a schema needs at least one field with a column"],
    );
}

#[test]
fn an_order_over_rows_between_needs_rows_between() {
    refused(
        parse_quote!(
            struct User {
                id: i64,
                #[schema(order = |p, j| j.position.asc())]
                posts: HasMany<Post>,
                #[schema(join_table = "users_tags", order = |t, j, u| j.position.asc())]
                tags: ManyToMany<Tag>,
                #[schema(join_table = "users_tags", order = "position")]
                others: ManyToMany<Tag>,
            }
        ),
        &[
            "only a ManyToMany has rows between, and a HasMany has none: write `order = |c| c.position.asc()`",
            "write `order = |c| c.name.asc()`, or `order = |c, j| j.position.asc()` for a column of the rows between",
            "or `order = |c, j| j.position.asc()`",
        ],
    );
}
