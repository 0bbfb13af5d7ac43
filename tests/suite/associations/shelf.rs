//! The schemas and the rows of most tests here: few enough to work out results by hand.

use super::*;

pub const TABLES: &str = "
    create table writers ({id}, name {text} not null, mentor_id {i64} references writers (id));
    create table books (
        {id}, title {text} not null, pages {i32} not null, stock {i32}, writer_id {i64} not null references writers (id)
    );
    create table covers ({id}, book_id {i64} not null references books (id), colour {text});
    create table readers ({id}, name {text} not null);
    create table reviews (
        {id}, book_id {i64} not null references books (id), reader_id {i64} references readers (id), stars {i32}
    );
    create table labels ({id}, text {text} not null);
    create table books_labels (
        book_id {i64} not null references books (id), label_id {i64} not null references labels (id)
    );
    create table loans (
        {id}, book_id {i64} not null references books (id), reader_id {i64} not null references readers (id),
        days {i32} not null
    );
";

/// Ann mentored Bob, who mentored Cleo. Dan wrote nothing; nobody reviewed Void, book 4.
const ROWS: &str = "
    insert into writers (name, mentor_id) values ('Ann', null), ('Bob', 1), ('Cleo', 2), ('Dan', null);
    insert into books (title, pages, stock, writer_id) values
        ('Rust', 300, 7, 1), ('Elixir', 250, null, 1), ('SQL', 100, 0, 2), ('Void', 10, null, 3);
    insert into covers (book_id, colour) values (1, 'red'), (2, null);
    insert into readers (name) values ('Pat'), ('Quin'), ('Ray');
    insert into reviews (book_id, reader_id, stars) values
        (1, 1, 5), (1, 2, 3), (1, null, null), (2, 1, 4), (3, 1, null), (2, 1, 2);
    insert into labels (text) values ('code'), ('old'), ('new');
    insert into books_labels (book_id, label_id) values (1, 1), (1, 3), (2, 1), (2, 2), (3, 2);
    insert into loans (book_id, reader_id, days) values (1, 1, 10), (1, 2, 20), (3, 1, 5);
";

/// Makes the tables and their rows. Redis has them but for `books_labels`, which no schema describes.
pub async fn fill(store: &Store) {
    if !store.is_redis() {
        store.create(TABLES).await;
        return store.script(ROWS, ROWS).await;
    }
    let writer = |(name, mentor_id): (&str, _)| Writer { name: name.to_owned(), mentor_id, ..Writer::default() };
    insert(store, [("Ann", None), ("Bob", Some(1)), ("Cleo", Some(2)), ("Dan", None)].map(writer)).await;
    let book = |(title, pages, stock, writer_id): (&str, _, _, _)| {
        let title = title.to_owned();
        Book { title, pages, stock, writer_id, ..Book::default() }
    };
    let books = [("Rust", 300, Some(7), 1), ("Elixir", 250, None, 1), ("SQL", 100, Some(0), 2), ("Void", 10, None, 3)];
    insert(store, books.map(book)).await;
    let cover = |(book_id, colour): (_, Option<&str>)| {
        let colour = colour.map(str::to_owned);
        Cover { book_id, colour, ..Cover::default() }
    };
    insert(store, [(1, Some("red")), (2, None)].map(cover)).await;
    insert(store, ["Pat", "Quin", "Ray"].map(|name| Reader { name: name.to_owned(), ..Reader::default() })).await;
    let review = |(book_id, reader_id, stars)| Review { book_id, reader_id, stars, ..Review::default() };
    let more = [(1, None, None), (2, Some(1), Some(4)), (3, Some(1), None), (2, Some(1), Some(2))];
    insert(store, [(1, Some(1), Some(5)), (1, Some(2), Some(3))].map(review)).await;
    insert(store, more.map(review)).await;
    insert(store, ["code", "old", "new"].map(|text| Label { text: text.to_owned(), ..Label::default() })).await;
    let loan = |(book_id, reader_id, days)| Loan { book_id, reader_id, days, ..Loan::default() };
    insert(store, [(1, 1, 10), (1, 2, 20), (3, 1, 5)].map(loan)).await;
}

async fn insert<S: Schema, const N: usize>(store: &Store, rows: [S; N]) {
    for row in rows {
        store.repo.insert(row).await.unwrap();
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Writer {
    pub id: i64,
    #[schema(index)]
    pub name: String,
    #[schema(index)]
    pub mentor_id: Option<i64>,

    pub mentor: BelongsTo<Option<Writer>>,
    #[schema(foreign_key = mentor_id)]
    pub pupils: HasMany<Writer>,
    pub books: HasMany<Book>,
    #[schema(order = |b| b.title.desc())]
    pub sorted_books: HasMany<Book>,
    #[schema(filter = |b| b.stock.gt(0))]
    pub stocked_books: HasMany<Book>,
    #[schema(through = [books, reviews])]
    pub reviews: HasMany<Review>,
    #[schema(through = [books, labels])]
    pub labels: HasMany<Label>,
    #[schema(through = [stocked_books, reviews])]
    pub stocked_reviews: HasMany<Review>,
    #[schema(through = [books, reviews], filter = |r| r.stars.gte(4))]
    pub praise: HasMany<Review>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Book {
    pub id: i64,
    #[schema(index)]
    pub title: String,
    #[schema(index)]
    pub pages: i32,
    #[schema(index)]
    pub stock: Option<i32>,
    #[schema(index)]
    pub writer_id: i64,

    pub writer: BelongsTo<Writer>,
    pub cover: HasOne<Cover>,
    pub reviews: HasMany<Review>,
    #[schema(join_table = "books_labels")]
    pub labels: ManyToMany<Label>,
    #[schema(join_schema = Loan)]
    pub readers: ManyToMany<Reader>,
    #[schema(through = [reviews, reader])]
    pub reviewers: HasMany<Reader>,
    #[schema(through = [writer, mentor])]
    pub mentor: HasOne<Writer>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Cover {
    pub id: i64,
    #[schema(index)]
    pub book_id: i64,
    pub colour: Option<String>,

    pub book: BelongsTo<Book>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Reader {
    pub id: i64,
    #[schema(index)]
    pub name: String,

    pub loans: HasMany<Loan>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Review {
    pub id: i64,
    #[schema(index)]
    pub book_id: i64,
    #[schema(index)]
    pub reader_id: Option<i64>,
    #[schema(index)]
    pub stars: Option<i32>,

    pub book: BelongsTo<Book>,
    pub reader: BelongsTo<Option<Reader>>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Label {
    pub id: i64,
    #[schema(index)]
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Loan {
    pub id: i64,
    #[schema(index)]
    pub book_id: i64,
    #[schema(index)]
    pub reader_id: i64,
    pub days: i32,
}
