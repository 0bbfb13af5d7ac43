//! The derive macros of Peristyle. Applications use them through the facade, the crate `peristyle`.
//!
//! Derived code names everything by its full path from the facade, or from the path that `crate = ".."` gives.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod changeset;
mod db_enum;
mod db_type;
mod embedded;
mod embedded_fields;
mod migrations;
mod owner;
mod projection;
mod schema;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a schema: its fields are the columns of a table.
///
/// A field named `id` is the primary key and generated; an `Option` may be NULL; `inserted_at` and `updated_at` are
/// timestamps. For a struct `User` it emits `UserColumns`, what closures over columns receive, and implements `Schema`.
///
/// ```text
/// #[derive(Schema)]
/// #[schema(table = "accounts", unique(org_id, email), check(age_is_positive, "age > 0"))]
/// struct User {
///     id: i64,
///     #[schema(size = 160, index)]
///     email: String,
///     age: Option<i32>,
///     #[schema(default = "Role::Member")]
///     role: Role,
///     org_id: i64,
///     inserted_at: DateTime<Utc>,
///     org: BelongsTo<Org>,
///     #[schema(foreign_key = author_id)]
///     posts: HasMany<Post>,
/// }
/// ```
///
/// On the struct, in `#[schema(..)]`:
///
/// | attribute | meaning |
/// |---|---|
/// | `table = ".."` | the table; else the plural, snake_case name of the struct |
/// | `prefix = ".."`, `prefix = required` | the table's database schema; `required` refuses a repo without one |
/// | `rename_all = ".."` | the style of the columns' names: camelCase, PascalCase, snake_case, SCREAMING_SNAKE_CASE, kebab-case, lowercase or UPPERCASE |
/// | `primary_key(a, b)` | the fields that make the key; a composite key is never generated |
/// | `unique(a, b)`, `index(a, b)` | an index, with `where = ".."` a partial one; `name = ".."` instead of `users_a_b_index` |
/// | `check(name, "..")` | a check constraint with its SQL condition |
/// | `managed = false` | migrations leave the table alone |
/// | `ttl = "30m"` | how long a row lives in a key-value store (units w, d, h, m, s, ms) |
/// | `allow_filtering = 1000` | how many rows a key-value store may read for a condition without an index |
/// | `buckets = 16` | over how many parts a key-value store spreads the rows; then nothing is unique but the key, and a transaction stays in one part |
/// | `crate = ".."` | the path of Peristyle, if it is not `::peristyle` |
///
/// On a field, in `#[schema(..)]`:
///
/// | attribute | meaning |
/// |---|---|
/// | `primary_key` | the key, or a part of it; a single integer or `Uuid` is generated |
/// | `natural` | the key is given, not generated |
/// | `column = ".."` | the column's name |
/// | `unique`, `index` | an index of its own |
/// | `references = "orgs.id"` | a foreign key, called `users_org_id_fkey` |
/// | `constraint = ".."` | the name of the field's index or foreign key |
/// | `size = 160` | the greatest length of a text |
/// | `precision(10, 2)` | the digits of a decimal, in all and after the point |
/// | `sql_type = ".."` | the column's SQL type |
/// | `default = ".."` | the column's default: a Rust expression, or the text itself for a `String` |
/// | `generated` | the database gives the value; it is read back after each write |
/// | `inserted_at`, `updated_at` | a timestamp under another name |
/// | `version` | the version of an optimistic lock, an integer |
/// | `load = false` | left out of the default select; the field is an `Option` |
/// | `writable = insert`, `writable = never` | which writes may set it |
/// | `redact` | never printed |
/// | `embed` | an `Embedded` struct or enum in a JSON column, whose associations are preloaded through a method of the field's name |
/// | `virtual` | no column; its type has a `Default` |
///
/// A field of the type `BelongsTo<User>`, `BelongsTo<Option<User>>`, `HasOne<..>`, `HasMany<..>` or `ManyToMany<..>` is an
/// association: not a column, but a method of `UserColumns`, for paths, subqueries, joins and preloads. Its attributes:
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `foreign_key = author_id` | all but `ManyToMany` | the field with the key: of this struct for a `BelongsTo` (else the field's name with `_id`), of the target otherwise (else this struct's name with `_id`) |
/// | `references = code` | all | the field that the key equals; else the primary key |
/// | `through = [posts, comments]` | `HasOne`, `HasMany` | the associations that lead to the target, one after the other |
/// | `join_table = ".."`, `join_schema = UserTag` | `ManyToMany` | the rows between, in a table or of a schema |
/// | `join_keys(user_id, tag_id)` | `ManyToMany` | what points there at this struct and then at the target; else the names of both with `_id` |
/// | `filter = \|p\| p.published` | all | a condition on the target's rows |
/// | `order = \|p\| p.id.desc()` | all but `BelongsTo` | the order of preloads and lists that give none; of a `ManyToMany` perhaps over the rows between, `\|t, j\| j.position.asc()` |
/// | `on_delete = ..` | all | metadata: `cascade`, `set_null`, `restrict` or `nothing` of a `BelongsTo`; `delete_all`, `nilify_all` (not of a `ManyToMany`) or `nothing` of the others |
/// | `on_replace = ..` | all | metadata: `raise`, `mark_as_invalid`, `delete`, `delete_if_exists`, `nilify` (not of a `ManyToMany`) or `update` (to one row only) |
///
/// Composite keys are lists: `foreign_key(order_id, position)`, `references(a, b)`. Keys that do not exist or differ in type
/// are errors at the field.
#[proc_macro_derive(Schema, attributes(schema))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Stores an enum without data in one column: as text, as an enum type of Postgres, or as an integer.
///
/// ```text
/// #[derive(DbEnum)]
/// enum Role {
///     Member,                           // "member"
///     #[db_enum(rename = "root")]
///     Admin,                            // "root"
/// }
///
/// #[derive(DbEnum)]
/// #[db_enum(integer)]
/// #[repr(i16)]
/// enum Priority { Low = 10, High = 20 } // a smallint
/// ```
///
/// A stored value that is no variant's is an error that names the variants.
///
/// On the enum, in `#[db_enum(..)]`: `rename_all = ".."` (the style of the names; snake_case without),
/// `pg_type = "role"` (the enum type that Postgres declares; other stores hold text), `integer` (the discriminants, in the
/// integer of `#[repr(..)]`, i32 without) and `crate = ".."`. On a variant: `rename = ".."`.
#[proc_macro_derive(DbEnum, attributes(db_enum))]
pub fn derive_db_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    db_enum::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Stores a newtype as the type inside it.
///
/// ```text
/// #[derive(DbType)]
/// struct Email(String);
///
/// #[derive(DbType)]
/// struct UserId(i64);
/// ```
///
/// A newtype of a `String` also has the operators of texts, such as `like`. `#[db_type(crate = "..")]` is its only
/// attribute.
#[proc_macro_derive(DbType, attributes(db_type))]
pub fn derive_db_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    db_type::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Stores a struct or an enum as one JSON column; a `Vec` of it too.
///
/// ```text
/// #[derive(Embedded)]
/// #[embedded(rename_all = "camelCase")]
/// struct Settings {
///     theme: String,
///     #[embedded(default)]
///     page_size: i32,                    // a document without "pageSize" has 0
///     channel: Channel,
/// }
///
/// #[derive(Embedded)]
/// enum Channel {
///     None,                              // "None"
///     Email(String),                     // {"Email": ".."}
///     Push { device: Uuid },             // {"Push": {"device": ".."}}
/// }
/// ```
///
/// Fields are what columns may be, other embedded types, `Option`, `Vec` and maps of them. Unknown keys are ignored
/// and a missing key is null, so that documents outlive changes of the struct. Serde is not needed.
///
/// On the item, in `#[embedded(..)]`: `rename_all = ".."` (of the struct's fields or the enum's variants) and
/// `crate = ".."`. On a field: `rename = ".."`, `default` (a missing key is the type's `Default`) and `embed` (a method leads to
/// the associations of what it embeds itself). On a variant: `rename = ".."`.
///
/// A field of a struct of the type `BelongsTo<User>` or `BelongsTo<Option<User>>` is an association: no part of the JSON, but a
/// method of `ItemFields` (for a struct `Item`), for preloads. Its attributes are `foreign_key`, `references` and `filter`, as
/// those of a schema.
#[proc_macro_derive(Embedded, attributes(embedded))]
pub fn derive_embedded(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    embedded::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct the result of a select.
///
/// For a struct `AuthorStats` it emits `AuthorStatsSelect`, with the same fields, each of which takes a selection that
/// gives the field's type. The struct can also be read from raw SQL, by position. Where all fields are columns, a query can
/// read from a query of the struct, and its closures receive `AuthorStatsColumns`.
///
/// ```text
/// #[derive(Projection)]
/// struct AuthorStats { name: Option<String>, posts: i64 }
///
/// query.select(|u| AuthorStatsSelect { name: u.name, posts: u.id.count() })
/// ```
///
/// `#[projection(crate = "..")]` is its only attribute.
#[proc_macro_derive(Projection, attributes(projection))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    projection::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct the params of a changeset: what comes from outside, with its validations and constraints.
///
/// Each field is checked against the schema's field of its name: that it exists, that it has its type, and that it is not the
/// key. A field that is no `Option` is required. The struct implements `Params`, whose `cast(&params)` reads raw input, such
/// as a JSON body or a form, and whose `changeset()` takes a value of the struct; `cast_on(row, &params)` and
/// `changeset_on(row)` change an existing row, whose own value of a required field counts where the params have none.
///
/// ```
/// use peristyle::prelude::*;
///
/// #[derive(Clone, Debug, Default, Schema)]
/// struct User {
///     id: i64,
///     email: String,
///     name: Option<String>,
///     age: Option<i32>,
/// }
///
/// #[derive(Changeset)]
/// #[changeset(schema = User)]
/// struct SignUp {
///     #[validate(format = r"^[^@\s]+@[^@\s]+$", length(max = 160))]
///     #[constraint(unique)]
///     email: String,                       // required
///     #[validate(length(min = 1, max = 100))]
///     name: Option<String>,
///     #[validate(number(gte = 18, message = "must be of age"))]
///     age: Option<i32>,
/// }
///
/// let changeset = SignUp::cast(&serde_json::json!({"email": "ann@example.com", "age": "42"}));
/// assert_eq!(changeset.apply().unwrap().age, Some(42));
///
/// let changeset = SignUp { email: "ann".into(), name: None, age: Some(7) }.changeset();
/// let errors = serde_json::to_value(changeset.errors()).unwrap();
/// assert_eq!(errors, serde_json::json!({"email": ["has invalid format"], "age": ["must be of age"]}));
/// ```
///
/// A typed `None` is absent; in an `Option<Option<i32>>`, `Some(None)` is NULL. Raw input tells absent from null by itself.
///
/// On the struct, in `#[changeset(..)]`:
///
/// | attribute | meaning |
/// |---|---|
/// | `schema = User` | what the changesets are of: a struct with `#[derive(Schema)]` or `#[derive(Embedded)]` |
/// | `validate = path::to::function` | a function that takes and gives the changeset, after the fields' own validations; may repeat |
/// | `rename_all = ".."` | the style of the names in the input; else that of `#[serde(rename_all = "..")]` |
/// | `crate = ".."` | the path of Peristyle, if it is not `::peristyle` |
///
/// On a field, in `#[changeset(..)]`:
///
/// | attribute | meaning |
/// |---|---|
/// | `field = email` | the schema's field, if it has another name |
/// | `rename = ".."` | the name in the input; else that of `#[serde(rename = "..")]`. Errors and the changeset's `params()` have the schema's name. A field that serde skips is not read from raw input |
/// | `required` | an `Option` that must not be blank |
/// | `key` | the primary key, or a part of it, which is refused otherwise |
/// | `assoc` | an association: params of its rows, in a `Vec` of many; what has the `key` of a row that is there changes it |
/// | `embed` | an embedded struct, or a `Vec` of them: params of it |
/// | `input` | no field of the schema: only checked, by the function of the struct |
/// | `skip` | not of the params at all |
///
/// What is nested and no `Option` must be there; a `Vec` may be empty, unless it is `required`.
///
/// On a field, in `#[validate(..)]`, each with `message = ".."` if the usual one will not do:
///
/// | attribute | the value |
/// |---|---|
/// | `required(message = "..")` | is not blank |
/// | `format = r".."`, `format(pattern = r"..")` | matches the regular expression |
/// | `length(min = 1, max = 100)`, `length(1..=100)`, `length(equal = 8)` | is so long, counted in `count = graphemes`, `codepoints` or `bytes` |
/// | `number(gte = 18, lt = 100)`, `number(18..)` | is so great; also `gt`, `lte`, `eq`, `ne` |
/// | `inclusion(["a", "b"])`, `inclusion(1..=5)` | is one of these |
/// | `exclusion(["root"])` | is none of these |
/// | `subset(["a", "b"])` | is a list of these |
/// | `acceptance` | is true; the field is no field of the schema |
/// | `confirmation` | is the same as the field `password_confirmation` of a `password`, which is only checked, and must be there if it is no `Option` |
/// | `custom(with = path::to::function)` | is fine for a `fn(&T) -> Result<(), FieldError>` |
///
/// A violated constraint of the database becomes an error of the field. In `#[constraint(..)]` on a field, or on the struct with
/// `fields(a, b)`:
///
/// | attribute | meaning |
/// |---|---|
/// | `unique`, `foreign_key`, `exclusion` | the constraint over the field, or over `fields(a, b)` |
/// | `check(name = "..")` | a check constraint, which is told by its name |
/// | `assoc(org)`, `no_assoc(posts)` | on the struct: the foreign key of an association, or those that keep the row from being deleted |
/// | `name = ".."` | in each of them: its name, if its columns do not tell it; `match = prefix` or `suffix` of a part of it |
/// | `message = ".."`, `error_on = ".."` | in each of them: the message, and the name that the error stands under |
#[proc_macro_derive(Changeset, attributes(changeset, validate, constraint))]
pub fn derive_changeset(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    changeset::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The migrations of a folder, embedded in the program and checked while it is compiled.
///
/// ```text
/// peristyle::migrate::run(&repo, migrations!("migrations")).await?;
/// ```
///
/// The folder is named from the package's own; `migrations!()` is `migrations!("migrations")`. A file that cannot be read as a
/// migration is an error with its line. `crate = ".."` behind the folder is the path of Peristyle, if it is not `::peristyle`.
///
/// The compiler sees a change to a file, but not a new file. So that it does, a package has this `build.rs`:
///
/// ```text
/// fn main() {
///     println!("cargo:rerun-if-changed=migrations");
/// }
/// ```
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as migrations::Input);
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    migrations::expand(&input, package.as_ref()).unwrap_or_else(syn::Error::into_compile_error).into()
}
