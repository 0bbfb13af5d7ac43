//! Associations and preloads: `cargo run --example preloads`.

use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Author {
    id: i64,
    name: String,
    books: HasMany<Book>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Book {
    id: i64,
    title: String,
    published: bool,
    author_id: i64,
    author: BelongsTo<Author>,
    reviews: HasMany<Review>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Review {
    id: i64,
    stars: i32,
    text: String,
    book_id: i64,
    book: BelongsTo<Book>,
}

const TABLES: &str = "
    create table authors (id integer primary key, name text not null);
    create table books (
        id integer primary key,
        title text not null,
        published integer not null,
        author_id integer not null references authors (id)
    );
    create table reviews (
        id integer primary key,
        stars integer not null,
        text text not null,
        book_id integer not null references books (id)
    );
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), peristyle::Error> {
    let repo = peristyle::connect("sqlite::memory:").await?;
    repo.script(TABLES).await?;
    seed(&repo).await?;

    // A tree of rows: the published books of each author, and the two best reviews of each book.
    let authors = Author::query().order_by(|a| a.name).preload(|a| {
        a.books()
            .filter(|b| b.published)
            .order_by(|b| b.title)
            .preload(|b| b.reviews().order_by(|r| r.stars.desc()).limit(2))
    });
    let (authors, statements) = repo.capture(async |repo| repo.all(&authors).await).await?;

    println!("Three statements, however many rows there are:\n");
    for statement in &statements {
        println!("{statement}\n");
    }
    println!("The tree that they give:\n");
    for author in &authors {
        println!("{}", author.name);
        for book in author.books.get()? {
            println!("    {}", book.title);
            for review in book.reviews.get()? {
                println!("        {} {}", "*".repeat(review.stars as usize), review.text);
            }
        }
    }

    println!("\nWhat is not preloaded is an error that says what to write:\n");
    let author = repo.find::<Author>(1).await?;
    if let Err(error) = author.books.get() {
        println!("{error}");
    }
    Ok(())
}

async fn seed(repo: &Repo) -> Result<(), peristyle::Error> {
    for (name, books) in [
        (
            "Ursula",
            vec![
                ("The Dispossessed", true, vec![(5, "Read it twice."), (3, "Too long."), (4, "Ambiguous.")]),
                ("The Lathe of Heaven", true, vec![(4, "Do not dream after this.")]),
            ],
        ),
        ("Stanisław", vec![("Solaris", true, vec![(5, "An ocean.")]), ("The Cyberiad", false, vec![])]),
    ] {
        let author = repo.insert(Author { name: name.into(), ..Default::default() }).await?;
        for (title, published, reviews) in books {
            let book = Book { title: title.into(), published, author_id: author.id, ..Default::default() };
            let book = repo.insert(book).await?;
            for (stars, text) in reviews {
                repo.insert(Review { stars, text: text.into(), book_id: book.id, ..Default::default() }).await?;
            }
        }
    }
    Ok(())
}
