//! The two stores that run what the snapshots show.

use super::*;
use peristyle_tests::{Kind, ddl};
use std::fmt::Debug;
use std::future::Future;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

const TABLES: &str = "
    create table authors ({id}, name {text} not null);
    create table books (
        {id}, title {text} not null, subtitle {text}, pages {i32} not null, stock {i32}, sold {i64} not null,
        weight {f64} not null, price {decimal}, in_print {bool} not null, printed {date}, author_id {i64}
    );
    create table reviews ({id}, book_id {i64} not null, stars {i16} not null);
    create table drafts ({id}, title {text} not null, words {i32} not null, due {date});
    create table pins (book_id {i64} not null, author_id {i64} not null, primary key (book_id, author_id));
    create table archive.drafts ({id}, title {text} not null, words {i32} not null, due {date});
    create table archive.pins (book_id {i64} not null, author_id {i64} not null);
    create table archive.books ({id}, author_id {i64});
    create table archive.authors ({id}, name {text} not null);
    create table archive.entries ({id}, text {text} not null);
    create table stamps ({id}, at {i64} default 7);
";

/// The same rows on both stores. The tests of this folder only read them; they write drafts.
struct Stores {
    runtime: Runtime,
    sqlite: Repo,
    postgres: Store,
}

static STORES: LazyLock<Stores> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let (sqlite, postgres) = runtime.block_on(async {
        let sqlite = peristyle::connect("sqlite::memory:").await.expect("a database in memory");
        let postgres = Store::new(Kind::Postgres).await;
        let archives = ["attach ':memory:' as archive", "create schema archive"];
        for (repo, dialect, archive) in
            [(&sqlite, Dialect::Sqlite, archives[0]), (&postgres.repo, Dialect::Postgres, archives[1])]
        {
            repo.script(archive).await.expect("the prefix");
            repo.script(ddl::render(TABLES, dialect)).await.expect("the tables");
            fill(repo).await.expect("the rows");
        }
        (sqlite, postgres)
    });
    Stores { runtime, sqlite, postgres }
});

async fn fill(repo: &Repo) -> Result<(), peristyle::Error> {
    for name in ["Ann", "Bob", "Cleo"] {
        repo.insert(Author { name: name.into(), ..Default::default() }).await?;
    }
    let book = |title: &str, pages, sold, author_id| Book {
        title: title.into(),
        pages,
        sold,
        author_id,
        ..Default::default()
    };
    for book in [
        Book {
            subtitle: Some("100% of it".into()),
            stock: Some(7),
            weight: 0.5,
            price: Some(Decimal::new(1250, 2)),
            in_print: true,
            printed: NaiveDate::from_ymd_opt(2020, 2, 29),
            ..book("Rust", 300, 9_000, Some(1))
        },
        Book { stock: Some(0), weight: 1.25, price: Some(Decimal::new(9, 0)), ..book("Elixir", 250, 4_000, Some(1)) },
        Book { subtitle: Some("a_b".into()), weight: 2.0, in_print: true, ..book("SQL", 250, 12, Some(2)) },
        Book { stock: Some(-3), price: Some(Decimal::new(100, 1)), ..book("rusty", 1, 0, None) },
    ] {
        repo.insert(book).await?;
    }
    for (book_id, stars) in [(1, 5), (1, 4), (2, 3)] {
        repo.insert(Review { book_id, stars, ..Default::default() }).await?;
    }
    Ok(())
}

/// Both stores, Postgres first.
pub fn repos() -> [&'static Repo; 2] {
    [&STORES.postgres.repo, &STORES.sqlite]
}

pub fn wait<T>(future: impl Future<Output = T>) -> T {
    STORES.runtime.block_on(future)
}

/// The SQL of a query on both stores, both of which run it and must give the same rows.
#[track_caller]
pub fn both<Sc: Scope, Out>(query: Query<Sc, Out>) -> String
where
    Out: Debug + Send + 'static,
{
    rows(&query);
    show([Dialect::Postgres, Dialect::Sqlite].map(|dialect| query.to_sql(dialect).expect("the SQL")))
}

/// The rows of a query, the same on both stores; in no order.
#[track_caller]
pub fn rows<Sc: Scope, Out>(query: &Query<Sc, Out>) -> Vec<String>
where
    Out: Debug + Send + 'static,
{
    let [postgres, sqlite] = [postgres_rows(query), sqlite_rows(query)];
    assert_eq!(postgres, sqlite, "Postgres and SQLite give different rows");
    postgres
}

/// The rows of a query on Postgres, in no order.
#[track_caller]
pub fn postgres_rows<Sc: Scope, Out: Debug + Send + 'static>(query: &Query<Sc, Out>) -> Vec<String> {
    sorted(wait(repos()[0].all(query)).expect("the rows on Postgres"))
}

/// The rows of a query on SQLite, in no order.
#[track_caller]
pub fn sqlite_rows<Sc: Scope, Out: Debug + Send + 'static>(query: &Query<Sc, Out>) -> Vec<String> {
    sorted(wait(repos()[1].all(query)).expect("the rows on SQLite"))
}

fn sorted<Out: Debug>(rows: Vec<Out>) -> Vec<String> {
    let mut shown: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    shown.sort();
    shown
}

/// The statements that `work` runs on each store, which must give the same result.
#[track_caller]
pub fn ran<T, F>(work: impl Fn(Repo) -> F + Sync) -> String
where
    T: Debug + PartialEq + Send,
    F: Future<Output = Result<T, peristyle::Error>> + Send,
{
    // A reference to a closure is no AsyncFnOnce.
    #[allow(clippy::redundant_closure)]
    let [(first, postgres), (second, sqlite)] =
        repos().map(|repo| wait(repo.capture(|repo| work(repo))).expect("the statements run"));
    assert_eq!(first, second, "Postgres and SQLite give different results");
    let join = |statements: Vec<Statement>| statements.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    show([join(postgres), join(sqlite)])
}

fn show([postgres, sqlite]: [impl ToString; 2]) -> String {
    format!("Postgres\n{}\n\nSQLite\n{}", postgres.to_string(), sqlite.to_string())
}
