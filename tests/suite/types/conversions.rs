//! SQL's own conversions between types.

use super::*;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Custom, Post, TABLES, Wrapped};
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Default, PartialEq, DbEnum)]
enum Letter {
    #[default]
    A,
    B,
}

fn bound<T: DbType + FragmentOutput>(value: T) -> Expr<Post, T::Type, T::N> {
    sql::<T>("{}").bind(value)
}

use peristyle::expr::FragmentOutput;

on_sql_stores! {
    async fn type_010_a_bound_value_is_cast_to_the_type_that_is_asked_for(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post::visited("1", 1)).await.unwrap();
        let uuid = Uuid::from_u128(5);
        let text = |text: &str| bound(text.to_owned());
        let numbers = Post::query()
            .select(|_| (text("1").cast::<i32>(), text("1").cast::<f64>(), text("1.50").cast::<Decimal>()));
        assert_eq!(repo.only(numbers).await.unwrap(), (1, 1.0, "1.5".parse().unwrap()));
        let defined = Post::query().select(|_| {
            (text("1").cast::<Wrapped>(), text(&uuid.to_string()).cast::<Uuid>(), text("a").cast::<Letter>())
        });
        assert_eq!(repo.only(defined).await.unwrap(), (Wrapped(1), uuid, Letter::A));
        let computed = Post::query().select(|p| {
            (text("2").cast::<i32>() + 2, text("2").cast::<f64>() + 2.0, p.visits + text("2").cast::<i32>())
        });
        assert_eq!(repo.only(computed).await.unwrap(), (4, 4.0, Some(3)));
        let coalesced = Post::query().select(|p| p.counter.coalesce(text("3").cast::<i32>()));
        assert_eq!(repo.only(coalesced).await.unwrap(), 3);
    }

    async fn type_010_a_column_of_the_outer_query_is_cast_inside_a_subquery(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post::visited("1", 1)).await.unwrap();
        repo.insert(Post::visited("other", 2)).await.unwrap();
        let same = Post::query()
            .filter(|p| exists(Post::query().filter(|inner| inner.title.eq(p.visits.cast::<String>()))))
            .select(|p| p.id);
        assert_eq!(repo.all(same).await.unwrap(), [post.id]);
    }
}

on_every_store! {
    async fn numbers_texts_and_uuids_are_cast_there_and_back(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { visits: Some(7), intensity: Some(2.0), public: Some(true), ..Post::titled("42") })
            .await
            .unwrap();
        let row = repo
            .only(Post::query().select(|p| {
                (
                    p.visits.cast::<String>(),
                    p.title.cast::<i64>(),
                    p.intensity.cast::<i32>(),
                    p.visits.cast::<f64>(),
                    p.visits.cast::<Decimal>(),
                )
            }))
            .await
            .unwrap();
        assert_eq!(row, (Some("7".into()), Some(42), Some(2), Some(7.0), Some(Decimal::from(7))));
        let custom = repo.insert(Custom::default()).await.unwrap();
        let text = repo.only(Custom::query().select(|c| c.bid.cast::<String>())).await.unwrap();
        assert_eq!(text, custom.bid.to_string());
    }
}
