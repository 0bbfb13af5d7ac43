//! Reusable conditions, in every place where a boolean may stand.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Member {
    id: i64,
    #[schema(index)]
    age: Option<i32>,
}

impl<S: 'static, N: Nullability> MemberColumns<S, N> {
    fn is_adult(&self) -> Condition<S> {
        self.age.gte(18).into()
    }
}

const MEMBERS: &str = "create table members ({id}, age {i32});";

async fn members(store: &Store) {
    store.create(MEMBERS).await;
    for age in [Some(41), None, Some(7)] {
        store.repo.insert(Member { age, ..Default::default() }).await.unwrap();
    }
}

on_every_store! {
    async fn a_condition_is_selected_as_true_false_or_null(store: Store) {
        members(&store).await;
        let adults: Vec<(i64, Option<bool>)> =
            store.repo.all(Member::query().order_by(|m| m.id).select(|m| (m.id, m.is_adult()))).await.unwrap();
        assert_eq!(adults, [(1, Some(true)), (2, None), (3, Some(false))]);
        let minors = store.repo.all(Member::query().order_by(|m| m.id).select(|m| !m.is_adult())).await.unwrap();
        assert_eq!(minors, [Some(false), None, Some(true)]);
    }
}

on_sql_stores! {
    async fn a_condition_is_an_order_from_false_to_true(store: Store) {
        members(&store).await;
        let known = Member::query().filter(|m| m.age.is_not_null()).order_by(|m| (m.is_adult(), m.id));
        assert_eq!(store.repo.all(known.select(|m| m.id)).await.unwrap(), [3, 1]);
    }
}
