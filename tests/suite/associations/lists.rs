//! Lists and first rows of associations inside of a selection: one more statement each, however many rows.

use super::shelf::{Book, Reader, Review, Writer};
use super::*;

#[derive(Debug, PartialEq, Projection)]
struct Shelf {
    name: String,
    titles: Vec<String>,
    thickest: Option<String>,
    books: i64,
}

#[derive(Debug, PartialEq, Projection)]
struct Titled {
    title: String,
    stars: Vec<Option<i32>>,
}

/// Runs a query, and gives its rows and the number of its statements.
async fn counted<Sc: Scope, Out: Send + 'static>(store: &Store, query: &Query<Sc, Out>) -> (Vec<Out>, usize) {
    let (rows, statements) = store.repo.capture(async |repo| repo.all(query).await).await.unwrap();
    (rows, statements.len())
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

on_sql_stores! {
    async fn lists_of_every_kind_of_association(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (
                b.reviews().order_by(|r| r.id).select(|r| r.stars).collect(),
                b.labels().order_by(|l| l.text).select(|l| l.text).collect(),
                b.readers().order_by(|r| r.id).select(|r| r.name).collect(),
                b.reviewers().order_by(|r| r.id).select(|r| r.name).collect(),
            )
        });
        let expected = [
            (vec![Some(5), Some(3), None], texts(["code", "new"]), texts(["Pat", "Quin"]), texts(["Pat", "Quin"])),
            (vec![Some(4), Some(2)], texts(["code", "old"]), vec![], texts(["Pat"])),
            (vec![None], texts(["old"]), texts(["Pat"]), texts(["Pat"])),
            (vec![], vec![], vec![], vec![]),
        ];
        assert_eq!(counted(&store, &query).await, (expected.to_vec(), 5));
    }

    async fn lists_of_whole_rows(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().order_by(|w| w.id).select(|w| (w.id, w.books().order_by(|b| b.id).collect()));
        let (rows, statements) = counted(&store, &query).await;
        let ids: Vec<(i64, Vec<i64>)> = rows
            .iter()
            .map(|(id, books): &(i64, Vec<Book>)| (*id, books.iter().map(|book| book.id).collect()))
            .collect();
        assert_eq!((ids, statements), (vec![(1, vec![1, 2]), (2, vec![3]), (3, vec![4]), (4, vec![])], 2));
        assert!(rows[0].1.iter().all(|book| book.writer_id == 1 && !book.writer.is_loaded()));
    }

    async fn the_first_of_an_order(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().order_by(|w| w.id).select(|w| {
            (w.books().order_by(|b| b.pages).select(|b| b.title).first(), w.sorted_books().select(|b| b.id).first())
        });
        let title = |title: &str| Some(title.to_owned());
        let expected = [(title("Elixir"), Some(1)), (title("SQL"), Some(3)), (title("Void"), Some(4)), (None, None)];
        assert_eq!(counted(&store, &query).await, (expected.to_vec(), 3));
    }

    async fn filters_limits_and_offsets_are_per_row(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query().order_by(|b| b.id).select(|b| {
            (
                b.reviews()
                    .filter(|r| r.stars.is_not_null())
                    .order_by(|r| r.stars)
                    .limit(1)
                    .select(|r| r.stars)
                    .collect(),
                b.reviews().order_by(|r| r.id).offset(1).select(|r| r.id).collect(),
                b.labels().order_by(|l| l.text.desc()).limit(1).select(|l| l.text).collect(),
                b.reviews().limit(2).select(|r| r.id).collect(),
            )
        });
        let expected = [
            (vec![Some(3)], vec![2, 3], texts(["new"]), vec![1, 2]),
            (vec![Some(2)], vec![6], texts(["old"]), vec![4, 6]),
            (vec![], vec![], texts(["old"]), vec![5]),
            (vec![], vec![], vec![], vec![]),
        ];
        assert_eq!(counted(&store, &query).await, (expected.to_vec(), 5));
    }

    async fn lists_inside_of_lists(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().filter(|w| w.id.ne(3)).order_by(|w| w.id).select(|w| {
            (
                w.name,
                w.books()
                    .order_by(|b| b.id)
                    .select(|b| (b.title, b.reviews().order_by(|r| r.id).select(|r| (r.id, r.reader().name)).collect()))
                    .collect(),
            )
        });
        let pat = || Some("Pat".to_owned());
        let expected = [
            (
                "Ann".to_owned(),
                vec![
                    ("Rust".to_owned(), vec![(1, pat()), (2, Some("Quin".to_owned())), (3, None)]),
                    ("Elixir".to_owned(), vec![(4, pat()), (6, pat())]),
                ],
            ),
            ("Bob".to_owned(), vec![("SQL".to_owned(), vec![(5, pat())])]),
            ("Dan".to_owned(), vec![]),
        ];
        assert_eq!(counted(&store, &query).await, (expected.to_vec(), 3));
    }

    async fn lists_in_projections(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().filter(|w| w.id.lte(2)).order_by(|w| w.id).select(|w| ShelfSelect {
            name: w.name,
            titles: w.books().order_by(|b| b.title).select(|b| b.title).collect(),
            thickest: w.books().order_by(|b| b.pages.desc()).select(|b| b.title).first(),
            books: w.books().count(),
        });
        let (rows, statements) = counted(&store, &query).await;
        let ann =
            Shelf { name: "Ann".into(), titles: texts(["Elixir", "Rust"]), thickest: Some("Rust".into()), books: 2 };
        let bob = Shelf { name: "Bob".into(), titles: texts(["SQL"]), thickest: Some("SQL".into()), books: 1 };
        assert_eq!((rows, statements), (vec![ann, bob], 3));
    }

    async fn projections_in_lists(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().filter(|w| w.id.eq(1)).select(|w| {
            w.books()
                .order_by(|b| b.id.desc())
                .select(|b| TitledSelect {
                    title: b.title,
                    stars: b.reviews().order_by(|r| r.id).select(|r| r.stars).collect(),
                })
                .collect()
        });
        let elixir = Titled { title: "Elixir".into(), stars: vec![Some(4), Some(2)] };
        let rust = Titled { title: "Rust".into(), stars: vec![Some(5), Some(3), None] };
        assert_eq!(counted(&store, &query).await, (vec![vec![elixir, rust]], 3));
    }

    async fn lists_of_joined_rows_and_of_rows_at_the_end_of_a_path(store: Store) {
        shelf::fill(&store).await;
        let query =
            Writer::query().left_join(|w| w.books()).filter(|(w, _)| w.id.gte(2)).order_by(|(w, _)| w.id).select(
                |(w, b)| {
                    (
                        w.id,
                        b.labels().select(|l| l.text).collect(),
                        w.mentor().books().order_by(|b| b.id).select(|b| b.id).collect(),
                    )
                },
            );
        let expected = [(2, texts(["old"]), vec![1, 2]), (3, vec![], vec![3]), (4, vec![], vec![])];
        assert_eq!(counted(&store, &query).await, (expected.to_vec(), 3));
    }

    async fn the_filter_of_a_list_uses_the_row_that_it_belongs_to(store: Store) {
        shelf::fill(&store).await;
        let query = Book::query()
            .order_by(|b| b.id)
            .select(|b| (b.id, b.reviews().filter(|r| r.id.gt(b.id)).order_by(|r| r.id).select(|r| r.id).collect()));
        assert_eq!(
            counted(&store, &query).await,
            (vec![(1, vec![2, 3]), (2, vec![4, 6]), (3, vec![5]), (4, vec![])], 2)
        );
    }

    async fn rows_of_a_list_with_preloads(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query()
            .filter(|w| w.id.eq(1))
            .select(|w| w.books().order_by(|b| b.id).preload(|b| (b.reviews(), b.labels())).collect());
        let (rows, statements) = counted(&store, &query).await;
        let counts: Vec<_> =
            rows[0].iter().map(|book| (book.reviews.get().unwrap().len(), book.labels.get().unwrap().len())).collect();
        assert_eq!((counts, statements), (vec![(3, 2), (2, 2)], 4));
    }

    async fn the_same_list_twice_and_shared_parents(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query().order_by(|r| r.id).select(|r| {
            (
                r.id,
                r.reader().loans().order_by(|l| l.id).select(|l| l.days).collect(),
                r.book().reviews().order_by(|o| o.id).select(|o| o.id).collect(),
                r.book().reviews().order_by(|o| o.id).select(|o| o.id).collect(),
            )
        });
        let rows = store.repo.all(query).await.unwrap();
        assert_eq!(rows[0], (1, vec![10, 5], vec![1, 2, 3], vec![1, 2, 3]));
        assert_eq!(rows[1], (2, vec![20], vec![1, 2, 3], vec![1, 2, 3]));
        assert_eq!(rows[2], (3, vec![], vec![1, 2, 3], vec![1, 2, 3]));
        assert_eq!(rows[5], (6, vec![10, 5], vec![4, 6], vec![4, 6]));
    }
}

on_every_store! {
    async fn no_rows_need_no_further_statement(store: Store) {
        shelf::fill(&store).await;
        let query = Reader::query().filter(|r| r.id.lt(0)).select(|r| r.loans().select(|l| l.id).collect());
        assert_eq!(counted(&store, &query).await, (vec![] as Vec<Vec<i64>>, 1));
    }
}

on_sql_stores! {
    async fn lists_in_a_stream_and_of_one_row(store: Store) {
        shelf::fill(&store).await;
        let query =
            Writer::query().order_by(|w| w.id).select(|w| w.books().order_by(|b| b.id).select(|b| b.id).collect());
        let mut stream = store.repo.stream(&query);
        let mut lists = Vec::new();
        while let Some(list) = stream.next().await {
            lists.push(list.unwrap());
        }
        assert_eq!(lists, [vec![1, 2], vec![3], vec![4], vec![]]);
        assert_eq!(store.repo.one(query.filter(|w| w.name.eq("Bob"))).await.unwrap(), Some(vec![3]));
    }
}
