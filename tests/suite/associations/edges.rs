//! Where clauses of associations meet other clauses, and what is refused.

use super::shelf::{Book, Review, Writer};
use super::*;

on_sql_stores! {
    async fn an_aggregate_of_a_path_over_cut_rows(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query().order_by(|r| r.id).limit(4);
        assert_eq!(store.repo.aggregate(&query, |r| r.reader().id.count()).await.unwrap(), 3);
        assert_eq!(store.repo.aggregate(&query, |r| r.book().title.min()).await.unwrap(), Some("Elixir".to_owned()));
        let some = Review::query().filter(|r| r.book().writer().name.eq("Ann")).limit(9);
        assert_eq!(store.repo.aggregate(&some, |r| r.book().pages.max()).await.unwrap(), Some(300));
    }

    async fn distinct_rows_of_a_path(store: Store) {
        shelf::fill(&store).await;
        let query = Review::query().distinct().order_by(|r| r.book().title).select(|r| r.book().title);
        assert_eq!(store.repo.all(&query).await.unwrap(), ["Elixir", "Rust", "SQL"]);
        assert_eq!(store.repo.count(&query).await.unwrap(), 3);
    }

    async fn a_join_condition_along_the_joined_row_is_refused(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().join(|w| w.books().filter(|b| b.cover().colour.eq("red")));
        let message = query_error(store.repo.all(query).await);
        assert!(message.contains("put the condition into .filter(..)"), "{message}");
        // As it says:
        let query =
            Writer::query().join(|w| w.books()).filter(|(_, b)| b.cover().colour.eq("red")).select(|(_, b)| b.id);
        assert_eq!(store.repo.all(query).await.unwrap(), [1]);
    }

    async fn a_path_in_the_order_of_a_list_with_a_limit(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().order_by(|w| w.id).select(|w| {
            w.books()
                .order_by(|b| (b.cover().colour.asc().nulls_first(), b.id))
                .limit(1)
                .select(|b| b.cover().colour)
                .collect()
        });
        assert_eq!(store.repo.all(query).await.unwrap(), [vec![None], vec![None], vec![None], vec![]]);
        let filtered = Writer::query().order_by(|w| w.id).select(|w| {
            w.reviews()
                .filter(|r| r.book().title.eq("Rust"))
                .order_by(|r| r.reader().name.desc().nulls_last())
                .limit(2)
                .select(|r| r.id)
                .collect()
        });
        assert_eq!(store.repo.all(filtered).await.unwrap(), [vec![2, 1], vec![], vec![], vec![]]);
    }

    async fn an_association_query_sees_no_row_that_it_is_for(store: Store) {
        shelf::fill(&store).await;
        let writers = store.repo.all(Writer::query()).await.unwrap();
        let query = association_query(&writers, |w| w.books().filter(|b| b.title.ne(w.name)));
        query_error(store.repo.all(&query).await);
        assert!(matches!(query.to_sql(store.dialect), Err(peristyle::Error::Query(_))));
    }

    async fn what_no_join_can_do_is_refused(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        for query in [
            Writer::query().join(|w| w.books().offset(1)),
            Writer::query().join(|w| w.books().query(Book::query().distinct())),
            Writer::query().join(|w| w.books().query(Book::query().limit(1))),
            Writer::query().join(|w| w.books().query(Book::query().prefix("other"))),
            Writer::query().join(|w| w.books().order_by(|b| b.id)),
            Writer::query().join(|w| w.books().from_repo(repo)),
            Writer::query().join(|w| w.books().preload(|b| b.cover())),
            Writer::query().join(|w| w.books().with(async |_: Vec<i64>| Ok(Vec::<Book>::new()))),
        ] {
            let message = query_error(repo.all(query).await);
            assert!(message.contains(".preload(..)"), "{message}");
        }
    }

    async fn what_no_association_query_can_do_is_refused(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        let writers = repo.all(Writer::query()).await.unwrap();
        for query in [
            association_query(&writers, |w| w.books().limit(1)),
            association_query(&writers, |w| w.books().from_repo(repo)),
            association_query(&writers, |w| w.books().preload(|b| b.cover())),
            association_query(&writers, |w| w.books().order_by(|b| b.id)),
        ] {
            let message = query_error(repo.all(query).await);
            assert!(message.contains("association_query(..)"), "{message}");
        }
        let preloaded = association_query(&writers, |w| w.books()).order_by(|b| b.id).preload(|b| b.cover()).limit(1);
        assert!(repo.all(preloaded).await.unwrap()[0].cover.get().unwrap().is_some());
    }

    async fn what_no_subquery_can_do_is_refused(store: Store) {
        shelf::fill(&store).await;
        let repo = &store.repo;
        for query in [
            Writer::query().filter(|w| w.books().from_repo(repo).exists()),
            Writer::query().filter(|w| w.books().with(async |_: Vec<i64>| Ok(Vec::<Book>::new())).count().gt(1)),
        ] {
            let message = query_error(repo.all(query).await);
            assert!(message.contains("preload them"), "{message}");
        }
        let list = Writer::query().select(|w| w.books().with(async |_: Vec<i64>| Ok(Vec::<Book>::new())).collect());
        let message = query_error(repo.all(list).await);
        assert!(message.contains("preload them"), "{message}");
    }

    async fn a_join_preload_is_part_of_the_statement_of_its_rows_wherever_that_is(store: Store) {
        shelf::fill(&store).await;
        let preloaded = Writer::query().order_by(|w| w.id).preload(|w| w.books().join_preload(|b| b.reviews()));
        let inside = Writer::query().order_by(|w| w.id).join_preload(|w| w.books().join_preload(|b| b.reviews()));
        for (query, expected) in [(preloaded, 2), (inside, 1)] {
            let (writers, statements) = store.repo.capture(async |repo| repo.all(&query).await).await.unwrap();
            assert_eq!(statements.len(), expected);
            let books = writers[0].books.get().unwrap();
            assert_eq!(books.iter().map(|book| book.reviews.get().unwrap().len()).sum::<usize>(), 5);
        }
        let list = Writer::query().order_by(|w| w.id).select(|w| w.books().join_preload(|b| b.reviews()).collect());
        let lists = store.repo.all(list).await.unwrap();
        assert_eq!(lists[0].iter().map(|book| book.reviews.get().unwrap().len()).sum::<usize>(), 5);
    }

    async fn the_prefix_of_a_query_covers_what_its_associations_join(store: Store) {
        shelf::fill(&store).await;
        let query = Writer::query().prefix("other").filter(|w| w.mentor().name.eq("Ann")).select(|w| w.id);
        assert_eq!(sql_of(&query).matches(r#""other"."writers""#).count(), 2, "{}", sql_of(&query));
        let tested = Writer::query().prefix("other").filter(|w| w.books().any(|b| b.labels().exists()));
        assert_eq!(sql_of(&tested).matches(r#""other"."#).count(), 4, "{}", sql_of(&tested));
        let counted = Writer::query().prefix("other").select(|w| w.books().limit(2).count());
        assert_eq!(sql_of(&counted).matches(r#""other"."#).count(), 2, "{}", sql_of(&counted));
        let joined = Writer::query().prefix("other").join(|w| w.labels()).select(|(w, _)| w.id);
        assert_eq!(sql_of(&joined).matches(r#""other"."#).count(), 4, "{}", sql_of(&joined));
    }

    async fn friends_of_friends(store: Store) {
        store.create("create table people ({id}, name {text} not null)").await;
        store.create("create table friends (a {i64} not null, b {i64} not null)").await;
        let rows =
            "insert into people (name) values ('a'), ('b'), ('c'); insert into friends values (1, 2), (2, 3), (2, 1)";
        store.script(rows, rows).await;
        let repo = &store.repo;
        let joined =
            Person::query().join(|p| p.friends()).order_by(|(p, f)| (p.id, f.id)).select(|(p, f)| (p.id, f.id));
        assert_eq!(repo.all(joined).await.unwrap(), [(1, 2), (2, 1), (2, 3)]);
        let back = Person::query().order_by(|p| p.id).select(|p| (p.fans().count(), p.friends().max(|f| f.name)));
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(repo.all(back).await.unwrap(), [(1, name("b")), (1, name("c")), (1, None)]);
        let deep = Person::query().order_by(|p| p.id).select(|p| {
            (
                p.second().count(),
                p.second().order_by(|s| s.id).select(|s| s.id).collect(),
                p.friends().any(|f| f.friends().any(|s| s.id.eq(p.id))),
            )
        });
        assert_eq!(repo.all(deep).await.unwrap(), [(2, vec![1, 3], true), (1, vec![2], true), (0, vec![], false)]);
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "people")]
struct Person {
    id: i64,
    name: String,
    #[schema(join_table = "friends", join_keys(a, b))]
    friends: ManyToMany<Person>,
    #[schema(join_table = "friends", join_keys(b, a))]
    fans: ManyToMany<Person>,
    #[schema(through = [friends, friends])]
    second: HasMany<Person>,
}
