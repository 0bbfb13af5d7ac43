//! Structs lead to a database that is as they say: no difference is left, on no store.

use super::{down, read, up};
use peristyle_migrate::catalog::{Catalog, ObjectName};
use peristyle_migrate::diff::{self, Diff, Options, Question, Rename};
use peristyle_migrate::models::{self, Models, Spellings};
use peristyle_migrate::{Migrations, Migrator, Target};
use peristyle_tests::{Store, on_postgres, on_sql_stores};

pub(super) fn structs(source: &str) -> Models {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), source).unwrap();
    models::read(&["src".to_owned()], folder.path()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

async fn spellings(store: &Store, models: &Models, current: &Catalog) -> Spellings {
    let asked = models::ask(&store.repo, models, current).await.unwrap();
    let refused: Vec<String> =
        asked.refused.iter().map(|refused| format!("{}: {}", refused.question, refused.message)).collect();
    assert_eq!((refused, asked.unavailable), (Vec::new(), None));
    asked.spellings
}

pub(super) async fn difference(store: &Store, source: &str, options: &Options) -> (Diff, Vec<String>) {
    let mut current = read(store).await;
    current.tables.retain(|table| table.name.name != "schema_migrations");
    let renamed = diff::renamed(&current, &options.renames).unwrap();
    let spellings = spellings(store, &structs(source), &renamed).await;
    let adopted = models::adopt_with(&structs(source), &renamed, store.dialect, &spellings);
    let diff = diff::diff(&current, &adopted.catalog, store.dialect, options).unwrap();
    (diff, adopted.notes)
}

/// Brings the store to what the structs say, and back, and up again; nothing may be left.
pub(super) async fn apply(store: &Store, source: &str, options: &Options) -> Diff {
    let before = read(store).await;
    let (diff, _) = difference(store, source, options).await;
    assert_eq!(diff.check(), Ok(()));
    up(store, &diff.parts).await.unwrap();
    assert_settled(store, source).await;
    let reached = read(store).await;
    down(store, &diff.parts).await.unwrap();
    assert_eq!(read(store).await, before, "the way back");
    up(store, &diff.parts).await.unwrap();
    assert_eq!(read(store).await, reached, "up again");
    diff
}

/// As `apply`, by the files that are written, and the runner.
async fn apply_files(store: &Store, source: &str, options: &Options) {
    let folder = tempfile::tempdir().unwrap();
    let before = read(store).await;
    let (diff, _) = difference(store, source, options).await;
    for (name, text) in diff.to_files(20261122143000, "change").unwrap() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let migrations = || Migrations::from_folder(folder.path()).unwrap();
    let without_version_table = |mut catalog: Catalog| {
        catalog.tables.retain(|table| table.name.name != "schema_migrations");
        catalog
    };
    Migrator::new(&store.repo, migrations()).up(Target::All).await.unwrap();
    assert_settled(store, source).await;
    let reached = read(store).await;
    Migrator::new(&store.repo, migrations()).down(Target::All).await.unwrap();
    assert_eq!(without_version_table(read(store).await), without_version_table(before), "the way back");
    Migrator::new(&store.repo, migrations()).up(Target::All).await.unwrap();
    assert_eq!(read(store).await, reached, "up again");
    // The next difference begins with other versions.
    store.script("drop table schema_migrations", "drop table schema_migrations").await;
}

pub(super) async fn assert_settled(store: &Store, source: &str) {
    let (rest, _) = difference(store, source, &Options::default()).await;
    let left: Vec<String> =
        rest.parts.iter().flat_map(|part| &part.up).flat_map(|step| step.statements.clone()).collect();
    assert_eq!(left, Vec::<String>::new(), "something is left");
    let current = read(store).await;
    let spellings = spellings(store, &structs(source), &current).await;
    let sentences = models::differences_with(&structs(source), &current, store.dialect, &spellings);
    assert_eq!(sentences.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
}

pub(super) fn statements(diff: &Diff) -> Vec<String> {
    diff.parts.iter().flat_map(|part| &part.up).flat_map(|step| step.statements.clone()).collect()
}

/// Every type, and everything that a struct can say.
const ALL: &str = r#"
#[derive(DbEnum)] #[db_enum(pg_type = "role")] enum Role { Member, SuperAdmin }
#[derive(DbEnum)] enum Status { Draft, Published }
#[derive(DbEnum)] #[db_enum(integer)] #[repr(i16)] enum Level { Low = 10, High = 20 }
#[derive(DbType)] struct Email(String);
#[derive(Embedded)] struct Settings { theme: String }

#[derive(Schema)]
#[schema(
    unique(email, kind), index(a, b, where = "a > 0 AND d IN ('x', 'y')"), index(e, name = "odd_index"),
    check(d_is_short, "length(d) BETWEEN 1 AND 10"), check(status_is_known, "status IN ('draft', 'published')"),
    check(role_is_known, "role <> 'super_admin' OR a IS NOT NULL")
)]
struct Thing {
    id: i64,
    #[schema(unique, size = 160)] email: Email,
    #[schema(default = true)] flag: bool,
    #[schema(default = 3)] small: i16,
    a: i32,
    #[schema(default = -5)] b: i64,
    c: f32,
    #[schema(default = 1.5)] e: f64,
    #[schema(default = "it's")] d: String,
    bytes: Vec<u8>,
    uuid: Uuid,
    #[schema(default = "Uuid::nil()")] other: Uuid,
    date: NaiveDate,
    time: Option<NaiveTime>,
    datetime: NaiveDateTime,
    #[schema(default = "Utc::now()")] seen_at: DateTime<Utc>,
    #[schema(precision(10, 2), default = "Decimal::new(1250, 2)")] price: Decimal,
    weight: Option<Decimal>,
    #[schema(default = "json!({\"a\": [1, \"it's\"]})")] json: serde_json::Value,
    span: Interval,
    #[schema(default = "vec![]")] tags: Vec<String>,
    #[schema(default = "vec![1, 2]")] numbers: Vec<i32>,
    #[schema(default = "vec![\"it's\".to_owned()]")] words: Vec<String>,
    prices: Vec<Decimal>,
    settings: Settings,
    more: Vec<Settings>,
    #[schema(default = "Role::Member")] role: Role,
    roles: Vec<Role>,
    #[schema(default = "Status::Draft")] status: Status,
    #[schema(default = "Level::High")] level: Level,
    #[schema(sql_type = "varchar(20)")] kind: String,
    #[schema(column = "Odd Name", index)] odd: i64,
    #[schema(unique)] slug: Option<String>,
    parent_id: Option<i64>,
    #[schema(on_delete = set_null)] parent: BelongsTo<Option<Thing>>,
    owner_code: Uuid,
    #[schema(foreign_key = owner_code, on_delete = cascade)] owner: BelongsTo<Owner>,
    #[schema(references = "owners.name")] owner_name: String,
    #[schema(join_table = "things_owners", on_delete = delete_all)] owners: ManyToMany<Owner>,
    inserted_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Schema)]
struct Owner {
    #[schema(primary_key)] code: Uuid,
    #[schema(unique)] name: String,
    thing_id: Option<i64>,
    thing: BelongsTo<Option<Thing>>,
    #[schema(join_table = "things_owners", join_keys(owner_id, thing_id))] things: ManyToMany<Thing>,
}

#[derive(Schema)]
#[schema(primary_key(order_id, position))]
struct Line { order_id: i64, position: i32, text: String }

#[derive(Schema)]
struct LineNote {
    #[schema(primary_key, natural)] code: i32,
    order_id: i64,
    position: i32,
    #[schema(foreign_key(order_id, position), on_delete = restrict)] line: BelongsTo<Line>,
}

#[derive(Schema)]
struct Word { #[schema(primary_key, natural)] word: String }

#[derive(Schema)]
#[schema(managed = false)]
struct Foreign { id: i64 }
"#;

const BEFORE: &str = r#"
#[derive(DbEnum)] #[db_enum(pg_type = "role")] enum Role { Member, Admin }
#[derive(Schema)] struct Org { id: i64 }
#[derive(Schema)]
struct User { id: i64, #[schema(index)] name: Option<String>, #[schema(size = 10)] code: String, old: Option<i32>,
    org_id: Option<i64>, role: Role }
"#;

const ROWS: &str = "insert into orgs (id) values (1);
    insert into users (name, code, org_id, role) values ('ann', 'a', 1, 'admin'), (null, 'b', null, 'member')";

const AFTER: &str = r#"
#[derive(DbEnum)] #[db_enum(pg_type = "role")] enum Role { Guest, Member, Admin }
#[derive(Schema)] struct Org { id: i64 }
#[derive(Schema)]
#[schema(check(code_is_there, "code <> ''"))]
struct User { id: i64, #[schema(unique)] full_name: String, code: String, age: i32,
    org_id: Option<i64>, #[schema(on_delete = set_null)] org: BelongsTo<Option<Org>>, role: Role }
"#;

on_sql_stores! {
    async fn everything_that_structs_say_is_made_once_and_then_there_is_no_difference(store: Store) {
        apply(&store, ALL, &Options::default()).await;
        apply(&store, ALL, &Options { online: true, ..Options::default() }).await;
    }

    async fn the_files_that_are_written_run_both_ways(store: Store) {
        for online in [false, true] {
            let options = Options { online, allow_drop: true, ..Options::default() };
            apply_files(&store, BEFORE, &options).await;
            store.script(ROWS, ROWS).await;
            let renames = vec!["users.name=users.full_name".parse().unwrap()];
            let mut options = Options { renames, ..options };
            options.values.insert((ObjectName::new("users"), "age".into()), "7".into());
            options.values.insert((ObjectName::new("users"), "full_name".into()), "'nobody'".into());
            apply_files(&store, AFTER, &options).await;
            let rows = store.repo.sql::<(String, i32)>("select full_name, age from users order by id").await.unwrap();
            assert_eq!(rows, [("ann".to_owned(), 7), ("nobody".to_owned(), 7)]);
            let gone = "drop table users; drop table orgs";
            store.script(gone, &format!("{gone}; drop type role")).await;
        }
    }

    async fn tables_that_no_struct_names_are_left_alone_and_noted(store: Store) {
        store.create("create table legacy ({id}, old_name {text})").await;
        let source = "#[derive(Schema)] struct User { id: i64 }";
        apply(&store, source, &Options::default()).await;
        let (rest, notes) = difference(&store, source, &Options::default()).await;
        assert!(rest.is_empty());
        assert_eq!(notes, ["left alone, since no struct names them: legacy"]);
    }

    async fn all_that_goes_because_no_struct_says_it_is_named(store: Store) {
        store
            .create(
                "create table orgs ({id});
                 create table users ({id}, email {text} not null, name {text} not null, org_id {i64},
                   constraint users_org foreign key (org_id) references orgs (id),
                   constraint users_email_name unique (email, name),
                   constraint name_is_short check (length(name) < 10));
                 create index users_name on users (name); create unique index users_email on users (email)",
            )
            .await;
        let source = "#[derive(Schema)] struct Org { id: i64 }
            #[derive(Schema)] struct User { id: i64, email: String, name: String, org_id: Option<i64> }";
        let (diff, notes) = difference(&store, source, &Options::default()).await;
        for gone in [
            "the foreign key users_org of users goes, since no field has `references` or a BelongsTo for it",
            "the index users_name of users goes, since no struct has it",
            "the index users_email of users goes, since no struct has it",
            "the check name_is_short of users goes, since no struct has it",
            "the unique constraint users_email_name of users goes, since no struct has it",
        ] {
            assert_eq!(notes.iter().filter(|note| *note == gone).count(), 1, "{gone}: {notes:#?}");
        }
        assert!(!diff.is_empty());
        apply(&store, source, &Options::default()).await;
    }

    async fn what_structs_cannot_say_is_kept(store: Store) {
        store
            .create(
                "create table users ({id}, email {text} not null, name {text} not null default 'a' constraint name_is_short \
                 check (length(name) < 10), unique (email));
                 create index users_lower_index on users (lower(name)); create index users_desc_index on users (name desc)",
            )
            .await;
        store
            .script(
                "create trigger touch after update on users begin select 1; end;",
                "create function touch() returns trigger language plpgsql as 'begin return new; end';
                 create trigger touch before update on users for each row execute function touch();
                 comment on column users.name is 'what they are called'",
            )
            .await;
        let source = "#[derive(Schema)] #[schema(check(name_is_short, \"length(name) < 10\"))] \
                      struct User { id: i64, #[schema(unique)] email: String, #[schema(default = \"a\")] name: String }";
        assert_settled(&store, source).await;
    }

    async fn a_column_is_renamed_with_its_values(store: Store) {
        let before = "#[derive(Schema)] struct User { id: i64, #[schema(index)] name: String }";
        apply(&store, before, &Options::default()).await;
        store.script("insert into users (name) values ('ann')", "insert into users (name) values ('ann')").await;
        let after = "#[derive(Schema)] struct Person { id: i64, #[schema(index)] name: String }";
        let table = Rename::Table { from: ObjectName::new("users"), to: ObjectName::new("people") };
        let adopted = models::adopt(&structs(after), &read(&store).await, store.dialect);
        assert_eq!(adopted.renames, std::slice::from_ref(&table));
        let after = "#[derive(Schema)] struct Person { id: i64, #[schema(index)] full_name: String }";
        let renames = vec!["users=people".parse().unwrap(), "users.name=people.full_name".parse().unwrap()];
        assert_eq!(renames[0], table);
        apply(&store, after, &Options { renames, ..Options::default() }).await;
        let names = store.repo.sql::<String>("select full_name from people").await.unwrap();
        assert_eq!(names, ["ann"]);
    }

    async fn a_column_that_goes_is_a_loss_and_a_rename_is_asked_for(store: Store) {
        apply(&store, "#[derive(Schema)] struct User { id: i64, name: String }", &Options::default()).await;
        let after = "#[derive(Schema)] struct User { id: i64, full_name: String }";
        let (asked, _) = difference(&store, after, &Options::default()).await;
        let rename: Rename = "users.name=users.full_name".parse().unwrap();
        assert_eq!(asked.questions[0], Question::Rename(rename.clone()));
        assert!(asked.check().unwrap_err().to_string().contains("users.full_name may not be NULL"), "{:?}", asked.check());
        let mut options = Options { no_renames: vec![rename], ..Options::default() };
        options.values.insert((ObjectName::new("users"), "full_name".into()), "'nobody'".into());
        let (refused, _) = difference(&store, after, &options).await;
        assert_eq!(refused.questions, []);
        let message = refused.check().unwrap_err().to_string();
        assert!(message.contains("the column users.name is dropped, with its values"), "{message}");
        assert!(refused.to_files(1, "x").is_err());
        store.script("insert into users (name) values ('ann')", "insert into users (name) values ('ann')").await;
        apply(&store, after, &Options { allow_drop: true, ..options }).await;
        let names = store.repo.sql::<String>("select full_name from users").await.unwrap();
        assert_eq!(names, ["nobody"]);
    }
}

on_postgres! {
    async fn an_adopted_database_with_other_spellings_has_no_difference(store: Store) {
        store
            .script(
                "",
                "create table orgs (id serial primary key);
                 create table users (id bigserial primary key, email varchar(160) not null, org_id integer not null,
                   age int default 7 check (age > 0), state text not null default 'new', at timestamptz default now(),
                   constraint users_email_key unique (email),
                   constraint fk_org foreign key (org_id) references orgs (id) on delete cascade);",
            )
            .await;
        let source = "#[derive(Schema)] struct Org { id: i32 }
            #[derive(Schema)] #[schema(check(users_age_check, \"age > 0\"))]
            struct User { id: i64, #[schema(unique, size = 160)] email: String, org_id: i32,
                #[schema(on_delete = cascade)] org: BelongsTo<Org>, #[schema(default = 7)] age: Option<i32>,
                #[schema(default = \"new\")] state: String, at: Option<DateTime<Utc>> }";
        assert_settled(&store, source).await;
    }

    async fn a_serial_key_grows_with_the_field(store: Store) {
        store.script("", "create table orgs (id serial primary key, nr int not null generated always as identity)").await;
        let source = "#[derive(Schema)] struct Org { id: i64, nr: i64 }";
        let diff = apply(&store, source, &Options::default()).await;
        assert!(!diff.is_empty());
        store.script("", "insert into orgs default values").await;
        assert_eq!(store.repo.sql::<(i64, i64)>("select id, nr from orgs").await.unwrap(), [(1, 1)]);
    }

    async fn values_of_an_enum_are_added_in_a_migration_of_their_own_and_removed_by_a_new_type(store: Store) {
        let source = |variants: &str, default: &str| format!(
            "#[derive(DbEnum)] #[db_enum(pg_type = \"role\")] enum Role {{ {variants} }}
             #[derive(Schema)] #[schema(index(id, where = \"role = 'b'\"))]
             struct User {{ id: i64, #[schema(default = \"Role::{default}\")] role: Role, roles: Vec<Role> }}"
        );
        apply(&store, &source("A, B", "A"), &Options::default()).await;
        store.script("", "insert into users (role, roles) values ('b', '{a,b}')").await;
        let diff = apply(&store, &source("A, C, B", "C"), &Options::default()).await;
        assert_eq!(statements(&diff)[0], r#"ALTER TYPE "role" ADD VALUE 'c' BEFORE 'b'"#);
        assert_eq!(diff.parts.len(), 2);
        let files = diff.to_files(20261122143059, "roles").unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["20261122143059_roles_values.sql", "20261122143100_roles.sql"]);
        apply(&store, &source("B, A", "B"), &Options::default()).await;
        let roles = store.repo.sql::<String>("select role::text from users").await.unwrap();
        assert_eq!(roles, ["b"]);
    }

    async fn an_empty_database_and_no_structs_have_no_difference(store: Store) {
        let diff = diff::diff(&read(&store).await, &Catalog::default(), store.dialect, &Options::default()).unwrap();
        assert!(diff.is_empty());
    }
}
