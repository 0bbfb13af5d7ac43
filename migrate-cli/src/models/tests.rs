//! Tests of reading models.

use super::*;
use crate::catalog::{Catalog, ColumnType};
use peristyle_query::statement::Dialect;
use std::fmt::Write;
use tempfile::TempDir;

/// A folder with these files.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn models(files: &[(&str, &str)]) -> Models {
    read(&["src".to_owned()], project(files).path()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn mistakes(files: &[(&str, &str)]) -> String {
    let errors = read(&["src".to_owned()], project(files).path()).expect_err("it is wrong");
    errors.iter().map(|error| format!("{error}\n")).collect()
}

/// The catalog, a line for each thing in it.
fn described(catalog: &Catalog) -> String {
    let mut text = String::new();
    for each in &catalog.enums {
        writeln!(text, "enum {} ({})", each.name, each.values.join(", ")).unwrap();
    }
    for table in &catalog.tables {
        let key = table.primary_key.as_ref().map_or(String::new(), |key| format!(" key ({})", key.columns.join(", ")));
        writeln!(text, "table {}{key}", table.name).unwrap();
        for column in &table.columns {
            let ty = match &column.column_type {
                ColumnType::Sql(sql) => sql.clone(),
                other => format!("{other:?}"),
            };
            let null = if column.nullable { "" } else { " not null" };
            let identity = if column.identity.is_some() { " identity" } else { "" };
            let collation = column.collation.as_ref().map_or(String::new(), |name| format!(" collate {name}"));
            let default = column.default.as_ref().map_or(String::new(), |default| format!(" default {default:?}"));
            writeln!(text, "  {} {ty}{collation}{null}{identity}{default}", column.name).unwrap();
        }
        for key in &table.foreign_keys {
            let (own, theirs) = (key.columns.join(", "), key.references.join(", "));
            writeln!(text, "  {} ({own}) -> {}({theirs}) {:?}", key.name, key.table, key.on_delete).unwrap();
        }
        for index in &table.indexes {
            let columns: Vec<String> = index.columns.iter().map(|column| format!("{:?}", column.part)).collect();
            let unique = if index.unique { "unique " } else { "" };
            let filter = index.filter.as_ref().map_or(String::new(), |filter| format!(" where {filter}"));
            writeln!(text, "  {unique}index {} {}{filter}", index.name, columns.join(", ")).unwrap();
        }
        for check in &table.checks {
            writeln!(text, "  check {:?} {}", check.name, check.condition).unwrap();
        }
    }
    text
}

const BLOG: &[(&str, &str)] = &[
    (
        "src/lib.rs",
        r#"
mod user;
pub mod blog {
    use super::user::User;

    #[derive(Debug, peristyle::Schema)]
    #[schema(index(author_id, published, where = "published"), check(title_is_there, "title <> ''"))]
    pub struct Post {
        pub id: i64,
        pub title: String,
        #[schema(default = false)]
        pub published: bool,
        pub author_id: i64,
        #[schema(on_delete = cascade)]
        pub author: BelongsTo<User>,
        #[schema(join_table = "posts_tags", on_delete = delete_all)]
        pub tags: ManyToMany<Tag>,
    }

    #[derive(Schema)]
    pub struct Tag {
        #[schema(primary_key)]
        pub code: Uuid,
        #[schema(unique, size = 40)]
        pub name: String,
        #[schema(join_table = "posts_tags", join_keys(tag_id, post_id))]
        pub posts: ManyToMany<Post>,
    }
}
"#,
    ),
    (
        "src/user.rs",
        r#"
use peristyle::prelude::*;
use crate::types::{Role, Email as Address};

#[derive(Schema)]
pub struct User {
    pub id: i64,
    #[schema(unique, size = 160)]
    pub email: Address,
    #[schema(default = "Role::Member")]
    pub role: Role,
    #[schema(default = "Level::default()")]
    pub level: crate::types::Level,
    pub settings: Option<crate::types::Settings>,
    pub history: Vec<crate::types::Settings>,
    #[schema(default = "vec![]")]
    pub nicknames: Vec<String>,
    #[schema(precision(10, 2), default = "Decimal::new(1250, 2)")]
    pub balance: Decimal,
    #[schema(sql_type = "citext")]
    pub handle: Strange,
    #[schema(virtual)]
    pub password: Option<String>,
    pub inserted_at: DateTime<Utc>,
    pub roles: Vec<Role>,
    pub price: crate::types::Cents,
}

/// The same table, for logins.
#[derive(Schema)]
#[schema(table = "users")]
struct Login { id: i64, email: String, pw_hash: Vec<u8> }

#[derive(Schema)]
#[schema(managed = false)]
struct Report { id: i64, total: Unknown2 }
"#,
    ),
    (
        "src/types.rs",
        r#"
#[derive(DbEnum)]
#[db_enum(pg_type = "role")]
pub enum Role { Member, SuperAdmin }
#[derive(DbEnum, Default)]
#[db_enum(integer)]
#[repr(i16)]
pub enum Level { Low = 10, #[default] High }
#[derive(DbType)]
pub struct Email(Text);
type Text = String;
#[derive(Embedded)]
pub struct Settings { theme: String }
pub struct Cents(i64);
impl peristyle::DbType for Cents { const DATA_TYPE: DataType = <i64 as DbType>::DATA_TYPE; }
#[cfg(test)]
mod tests { #[derive(Schema)] struct Fake { id: Nothing } }
"#,
    ),
];

#[test]
fn structs_become_a_catalog_of_postgres() {
    let models = models(BLOG);
    insta::assert_snapshot!(described(&catalog(&models, Dialect::Postgres)), @r#"
    enum role (member, super_admin)
    table posts key (id)
      id bigint not null identity
      title text not null
      published boolean not null default Bool(false)
      author_id bigint not null
      posts_author_id_fkey (author_id) -> users(id) Cascade
      index posts_author_id_published_index Column("author_id"), Column("published") where published
      check Some("title_is_there") title <> ''
    table posts_tags key (post_id, tag_id)
      post_id bigint not null
      tag_id uuid not null
      posts_tags_post_id_fkey (post_id) -> posts(id) Cascade
      posts_tags_tag_id_fkey (tag_id) -> tags(code) Nothing
    table tags key (code)
      code uuid not null
      name varchar(40) not null
      unique index tags_name_index Column("name")
    table users key (id)
      id bigint not null identity
      email varchar(160) not null
      role Enum(ObjectName { prefix: None, name: "role" }) not null default Text("member")
      level smallint not null default Integer(11)
      settings jsonb
      history jsonb not null
      nicknames text[] not null default List([])
      balance numeric(10,2) not null default Number("12.50")
      handle citext not null
      inserted_at timestamptz not null
      roles Array(Enum(ObjectName { prefix: None, name: "role" })) not null
      price bigint not null
      pw_hash bytea not null
      unique index users_email_index Column("email")
    "#);
}

#[test]
fn structs_become_a_catalog_of_sqlite() {
    insta::assert_snapshot!(described(&catalog(&models(BLOG), Dialect::Sqlite)), @r#"
    table posts key (id)
      id INTEGER not null identity
      title TEXT not null
      published BOOLEAN not null default Bool(false)
      author_id INTEGER not null
      posts_author_id_fkey (author_id) -> users(id) Cascade
      index posts_author_id_published_index Column("author_id"), Column("published") where published
      check Some("title_is_there") title <> ''
    table posts_tags key (post_id, tag_id)
      post_id INTEGER not null
      tag_id TEXT not null
      posts_tags_post_id_fkey (post_id) -> posts(id) Cascade
      posts_tags_tag_id_fkey (tag_id) -> tags(code) Nothing
    table tags key (code)
      code TEXT not null
      name TEXT not null
      unique index tags_name_index Column("name")
    table users key (id)
      id INTEGER not null identity
      email TEXT not null
      role TEXT not null default Text("member")
      level INTEGER not null default Integer(11)
      settings TEXT
      history TEXT not null
      nicknames TEXT not null default Text("[]")
      balance TEXT collate decimal not null default Text("12.50")
      handle citext not null
      inserted_at TEXT not null
      roles TEXT not null
      price INTEGER not null
      pw_hash BLOB not null
      unique index users_email_index Column("email")
    "#);
}

#[test]
fn tables_of_unmanaged_structs_are_left_out() {
    let models = models(BLOG);
    assert!(models.unmanaged.contains(&ObjectName::new("reports")));
    assert!(models.table(&ObjectName::new("reports")).is_none());
}

#[test]
fn the_fields_of_a_column_are_known_by_their_places() {
    let models = models(BLOG);
    let sites: Vec<String> = models
        .fields(&ObjectName::new("users"), "email")
        .iter()
        .map(|site| format!("{} {}", site.name, site.position()))
        .collect();
    assert_eq!(sites, ["User.email src/user.rs:9", "Login.email src/user.rs:32"]);
}

#[test]
fn mistakes_have_their_place_and_say_what_to_do() {
    let text = mistakes(&[
        (
            "src/a.rs",
            "#[derive(Schema)]\nstruct User {\n    id: i64,\n    place: geo::Point,\n    age: u32,\n    #[schema(uniqe)]\n    a: bool,\n}\n",
        ),
        (
            "src/b.rs",
            "#[derive(Schema)]\nstruct Place { id: i64, point: Option<geo::Point>, at: DateTime<Local>, map: HashMap<String, i32> }\n",
        ),
    ]);
    insta::assert_snapshot!(text, @r#"
    src/a.rs:6:14: unknown field attribute `uniqe`; did you mean `unique`? (known: primary_key, natural, column, unique, index, size, precision, default, sql_type, generated, load, writable, version, redact, embed, virtual, inserted_at, updated_at, constraint, references)
    src/b.rs:2:32: `geo::Point` is no type that the source read here tells the column of: add `#[schema(sql_type = "..")]` to the field, or name the place of its definition in peristyle.toml
    src/b.rs:2:56: `DateTime<Local>` is not stored: write `DateTime<Utc>`
    src/b.rs:2:78: `HashMap<String, i32>` is no type that the source read here tells the column of: add `#[schema(sql_type = "..")]` to the field, or name the place of its definition in peristyle.toml
    "#);
}

#[test]
fn structs_on_one_table_that_contradict_each_other_are_both_named() {
    let text = mistakes(&[(
        "src/lib.rs",
        "#[derive(Schema)]\n#[schema(check(a, \"x > 0\"))]\nstruct User { id: i64, name: String, #[schema(size = 4)] code: String, #[schema(index)] x: i32 }\n\
         #[derive(Schema)]\n#[schema(table = \"users\", check(a, \"x > 1\"))]\nstruct Other { id: i32, name: Option<String>, #[schema(size = 5)] code: String, #[schema(unique)] x: i32 }\n\
         #[derive(Schema)]\n#[schema(table = \"users\", check(a, \"x > 1\"), primary_key(name))]\nstruct Third { id: i32, name: String, #[schema(size = 5)] code: String, #[schema(unique)] x: i32 }\n",
    )]);
    insta::assert_snapshot!(text, @"
    src/lib.rs:6:8: the index `users_x_index` is another one here than at `User` (src/lib.rs:3): give one of them another name
    src/lib.rs:6:8: the check `a` is another one here than at `User` (src/lib.rs:3): give one of them another name
    src/lib.rs:6:16: the column `id` has another type here than at `User.id` (src/lib.rs:3): give both fields the same
    src/lib.rs:6:25: the column `name` may be NULL here, and not at `User.name` (src/lib.rs:3): write an Option in both structs, or in none
    src/lib.rs:6:67: the column `code` has the size 5 here, and 4 at `User.code` (src/lib.rs:3): give both fields the same
    src/lib.rs:9:8: the primary key of `users` is (name) here and (id) at `User` (src/lib.rs:3): give both structs the same key
    src/lib.rs:9:8: the index `users_x_index` is another one here than at `User` (src/lib.rs:3): give one of them another name
    src/lib.rs:9:8: the check `a` is another one here than at `User` (src/lib.rs:3): give one of them another name
    src/lib.rs:9:16: the column `id` has another type here than at `User.id` (src/lib.rs:3): give both fields the same
    src/lib.rs:9:59: the column `code` has the size 5 here, and 4 at `User.code` (src/lib.rs:3): give both fields the same
    ");
}

#[test]
fn enums_that_declare_one_type_with_other_values_are_refused() {
    let text = mistakes(&[(
        "src/lib.rs",
        "#[derive(DbEnum)] #[db_enum(pg_type = \"kind\")] enum A { X }\n\
         #[derive(DbEnum)] #[db_enum(pg_type = \"kind\")] enum B { X, Y }\n\
         #[derive(Schema)] struct Thing { id: i64, a: A, b: Vec<B> }\n",
    )]);
    insta::assert_snapshot!(text, @"src/lib.rs:3:49: the enum type `kind` has other values here than at `Thing.a` (src/lib.rs:3): give one of the enums another `pg_type`, or both the same variants");
}

#[test]
fn a_name_that_two_modules_have_is_the_one_that_is_imported() {
    let files = |import: &'static str| {
        [
            ("src/a.rs", "#[derive(DbEnum)] enum Kind { A }"),
            ("src/b.rs", "#[derive(DbEnum)] #[db_enum(integer)] enum Kind { B }"),
            ("src/c.rs", import),
        ]
    };
    let models = models(&files("use crate::b::Kind; #[derive(Schema)] struct Thing { id: i64, kind: Kind }"));
    assert_eq!(models.tables[0].column("kind").unwrap().stored, Stored::I32);
    let text = mistakes(&files("use super::*;\n#[derive(Schema)] struct Thing { id: i64, kind: Kind }"));
    insta::assert_snapshot!(text, @"src/c.rs:2:49: `Kind` is defined in several places (src/a.rs:1, src/b.rs:1): import the one that is meant, or write its path");
}

#[test]
fn foreign_keys_that_cannot_be_made_are_noted() {
    let models = models(&[(
        "src/lib.rs",
        "#[derive(Schema)] struct Post { id: i64, author_id: i64, author: BelongsTo<other::User>, \
         code: String, #[schema(foreign_key = code, references = code)] topic: BelongsTo<Topic> }\n\
         #[derive(Schema)] struct Topic { id: i64, code: String }",
    )]);
    insta::assert_snapshot!(models.notes.join("\n"), @"
    no foreign key for `Post.author` (src/lib.rs:1): the files read have no `#[derive(Schema)] struct other::User`
    no foreign key for `Post.topic` (src/lib.rs:1): nothing makes topics(code) unique
    ");
}

#[test]
fn a_foreign_key_to_a_column_that_is_not_there_and_one_with_a_long_name_are_refused() {
    let long = "a_very_long_name_of_a_table_that_nobody_would_ever_write_by_hand";
    let text = mistakes(&[(
        "src/lib.rs",
        &format!(
            "#[derive(Schema)] struct Post {{ id: i64, #[schema(references = \"topics.nr\")] topic: i64 }}\n\
             #[derive(Schema)] #[schema(table = \"{}\")] struct Topic {{ id: i64, post_id: i64, post: BelongsTo<Post> }}\n\
             #[derive(Schema)] struct B {{ id: i64, #[schema(references = \"topics.nr\")] topic: i64 }}\n\
             #[derive(Schema)] #[schema(table = \"topics\")] struct T {{ id: i64 }}",
            &long[..60]
        ),
    )]);
    insta::assert_snapshot!(text, @r#"
    src/lib.rs:1:78: the table `topics` has no column `nr`: name one of its columns
    src/lib.rs:2:139: `a_very_long_name_of_a_table_that_nobody_would_ever_write_by_post_id_fkey` has 72 bytes; Postgres cuts names at 63: name it with `#[schema(references = "..", constraint = "..")]` on the field of the key
    src/lib.rs:3:75: the table `topics` has no column `nr`: name one of its columns
    "#);
}

#[test]
fn places_that_do_not_exist_and_files_that_are_no_rust_are_named() {
    let project = project(&[("src/a.rs", "struct {")]);
    let errors = read(&["src".to_owned(), "lib".to_owned(), "src/[".to_owned()], project.path()).unwrap_err();
    let text: String = errors.iter().map(|error| format!("{error}\n")).collect();
    insta::assert_snapshot!(text, @"
    lib: there is no such file or folder: name the places of the structs in peristyle.toml
    src/[: this is no pattern of files: error parsing glob '/src/[': unclosed character class; missing ']'
    src/a.rs:1:8: cannot parse string into token stream
    ");
}

#[test]
fn patterns_and_single_files_are_places_too() {
    let project = project(&[
        ("crates/a/src/x/one.rs", "#[derive(Schema)] struct One { id: i64 }"),
        ("crates/b/src/two.rs", "#[derive(Schema)] struct Two { id: i64 }"),
        ("crates/b/target/three.rs", "#[derive(Schema)] struct Three { id: i64 }"),
        ("crates/b/ignored/four.rs", "#[derive(Schema)] struct Four { id: i64 }"),
        (".gitignore", "ignored\n"),
    ]);
    let names = |places: &[&str]| {
        let places: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
        let models = read(&places, project.path()).unwrap();
        models.tables.iter().map(|table| table.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["crates/*/src/**/*.rs"]), ["ones", "twos"]);
    assert_eq!(names(&["crates/b"]), ["twos"]);
    assert_eq!(names(&["crates/a/src/x/one.rs"]), ["ones"]);
}

#[test]
fn files_of_test_modules_are_left_out() {
    let models = models(&[
        ("src/lib.rs", "#[cfg(test)] mod tests; #[cfg(test)] #[path = \"odd.rs\"] mod more; mod a;"),
        ("src/tests.rs", "#[derive(Schema)] struct Fake { id: Nothing }"),
        ("src/tests/deep.rs", "#[derive(Schema)] struct Fake { id: Nothing }"),
        ("src/odd.rs", "#[derive(Schema)] struct Fake { id: Nothing }"),
        ("src/a.rs", "#[cfg(all(test, unix))] mod unit; #[cfg(all(test, unix))] #[derive(Schema)] struct F { id: No }"),
        ("src/a/unit.rs", "#[derive(Schema)] struct Fake { id: Nothing }"),
    ]);
    assert!(models.tables.is_empty());
}

#[test]
fn defaults_are_read_from_rust() {
    let models = models(&[(
        "src/lib.rs",
        r#"
#[derive(DbType)] struct Email(String);
#[derive(Schema)]
struct Row {
    id: i64,
    #[schema(default = -3)] a: i32,
    #[schema(default = 1.5)] b: f64,
    #[schema(default = "Email(\"x\".into())")] c: Email,
    #[schema(default = "Utc::now()")] d: DateTime<Utc>,
    #[schema(default = "Uuid::new_v4()")] e: Uuid,
    #[schema(default = "vec![\"a\".to_owned(), \"b\".to_owned()]")] f: Vec<String>,
    #[schema(default = "json!({\"a\": 1})")] g: serde_json::Value,
    #[schema(default = "it's")] h: String,
    #[schema(default = "i64::default()")] i: i64,
    #[schema(default = "chosen_by(7)")] j: i64,
    #[schema(default = "dec!(-1.50)")] k: Decimal,
    #[schema(default = "Some(true)")] l: Option<bool>,
}"#,
    )]);
    let defaults: Vec<String> = models.tables[0]
        .columns
        .iter()
        .filter_map(|column| column.default.as_ref().map(|default| format!("{} {default:?}", column.name)))
        .collect();
    insta::assert_snapshot!(defaults.join("\n"), @r#"
    a Value(Integer(-3))
    b Value(Number("1.5"))
    c Value(Text("x"))
    d Now
    e RandomUuid
    f Value(List([Text("a"), Text("b")]))
    g Value(Json(Object {"a": Number(1)}))
    h Value(Text("it's"))
    i Value(Integer(0))
    j Unknown("chosen_by(7)")
    k Value(Number("-1.50"))
    l Value(Bool(true))
    "#);
}
