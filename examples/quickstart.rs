//! Schemas, rows and queries on an embedded SQLite file: `cargo run --example quickstart`.

use chrono::{DateTime, Utc};
use peristyle::prelude::*;
use peristyle::row::{AnyRow, table};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "authors")]
struct Author {
    id: i64,
    #[schema(unique, size = 160)]
    email: String,
    name: Option<String>,
    age: Option<i32>,
    inserted_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "books")]
struct Book {
    id: i64,
    title: String,
    published: bool,
    pages: i32,
    author_id: i64,
}

/// A row of a query of one's own.
#[derive(Debug, Projection)]
struct Shelf {
    author: Option<String>,
    books: i64,
    pages: Option<i64>,
}

const TABLES: &str = "
    create table authors (
        id integer primary key,
        email text not null,
        name text,
        age integer,
        inserted_at text not null
    );
    create unique index authors_email_index on authors (email);
    create table books (
        id integer primary key,
        title text not null,
        published integer not null,
        pages integer not null,
        author_id integer not null references authors (id)
    );
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), peristyle::Error> {
    let file = std::env::temp_dir().join(format!("peristyle-quickstart-{}.db", std::process::id()));
    let repo = peristyle::connect(&format!("sqlite:{}", file.display())).await?;
    repo.script(TABLES).await?;
    let result = run(&repo).await;
    repo.close().await;
    for suffix in ["", "-wal", "-shm"] {
        // A file that SQLite removed itself is not missed.
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    result
}

async fn run(repo: &Repo) -> Result<(), peristyle::Error> {
    // Structs go in, and come back with their keys and timestamps.
    let mut ids = Vec::new();
    for (email, name, age) in [
        ("ursula@books.example", Some("Ursula"), Some(58)),
        ("stanislaw@books.example", Some("Stanisław"), Some(41)),
        ("anon@books.example", None, None),
    ] {
        let author = Author { email: email.into(), name: name.map(Into::into), age, ..Default::default() };
        ids.push(repo.insert(author).await?.id);
    }
    for (title, published, pages, author) in [
        ("The Dispossessed", true, 341, 0),
        ("The Lathe of Heaven", true, 184, 0),
        ("Solaris", true, 204, 1),
        ("The Cyberiad", false, 295, 1),
        ("Beowulf", true, 120, 2),
    ] {
        repo.insert(Book { title: title.into(), published, pages, author_id: ids[author], ..Default::default() })
            .await?;
    }

    println!("1. Filter and order: the closure receives the columns.\n");
    let adults = Author::query().filter(|a| a.age.gte(18)).order_by(|a| a.age.desc());
    println!("{}\n", adults.to_sql(Dialect::Sqlite)?);
    let rows = repo.all(&adults).await?.into_iter().map(|a| (a.id, a.email, a.name, a.age));
    print(
        ["id", "email", "name", "age"],
        rows.map(|(a, b, c, d)| vec![cell(Some(a)), cell(Some(b)), cell(c), cell(d)]),
    );

    println!(
        "2. Queries are values: reuse one, and select what you need. A column that may be NULL gives an Option.\n"
    );
    let names = adults.clone().filter(|a| a.email.ends_with("books.example")).select(|a| (a.name, a.age + 1));
    println!("{}\n", names.to_sql(Dialect::Sqlite)?);
    let rows: Vec<(Option<String>, Option<i32>)> = repo.all(&names).await?;
    print(["name", "next_year"], rows.into_iter().map(|(name, age)| vec![cell(name), cell(age)]));

    println!("3. Join: later closures receive a tuple.\n");
    let published = Book::query()
        .join_on::<Author>(|(b, a)| b.author_id.eq(a.id))
        .filter(|(b, a)| b.published & a.name.is_not_null())
        .order_by(|(b, _)| b.title)
        .select(|(b, a)| (b.title, a.name));
    println!("{}\n", published.to_sql(Dialect::Sqlite)?);
    let rows = repo.all(&published).await?;
    print(["title", "name"], rows.into_iter().map(|(title, name)| vec![cell(Some(title)), cell(name)]));

    println!("4. Group into a struct of your own.\n");
    let shelves = Author::query()
        .left_join_on::<Book>(|(a, b)| a.id.eq(b.author_id) & b.published)
        .group_by(|(a, _)| (a.id, a.name))
        .having(|(_, b)| b.pages.sum().gt(150i64))
        .order_by(|(_, b)| b.pages.sum().desc())
        .select(|(a, b)| ShelfSelect { author: a.name, books: b.id.count(), pages: b.pages.sum() });
    println!("{}\n", shelves.to_sql(Dialect::Sqlite)?);
    let rows: Vec<Shelf> = repo.all(&shelves).await?;
    print(
        ["author", "books", "pages"],
        rows.into_iter().map(|s| vec![cell(s.author), cell(Some(s.books)), cell(s.pages)]),
    );

    println!("5. Use a query inside another one.\n");
    let unfinished = Book::query().filter(|b| !b.published).select(|b| b.author_id);
    let busy = Author::query().filter(|a| a.id.in_query(unfinished) | a.name.is_null()).select(|a| a.email);
    println!("{}\n", busy.to_sql(Dialect::Sqlite)?);
    print(["email"], repo.all(&busy).await?.into_iter().map(|email| vec![cell(Some(email))]));

    println!("And a mistake, `.filter(|u| u.age.gte(\"eighteen\"))`, does not compile:\n");
    // What follows are the compiler's own notes.
    let error = include_str!("../tests/compile-fail/a_value_of_the_wrong_type_is_refused.stderr");
    println!("{}", error.split("\nhelp:").next().unwrap_or(error));
    Ok(())
}

fn cell<T: DbType>(value: Option<T>) -> peristyle::value::Value {
    value.map_or(peristyle::value::Value::Null(T::DATA_TYPE), T::into_value)
}

fn print<const N: usize>(names: [&str; N], rows: impl Iterator<Item = Vec<peristyle::value::Value>>) {
    let names = names.map(str::to_owned);
    println!("{}", table(&rows.map(|values| AnyRow::new(names.clone(), values)).collect::<Vec<_>>()));
}
