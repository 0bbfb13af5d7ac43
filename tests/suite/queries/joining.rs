//! Joins.

use super::*;

/// Two posts, and a link to the second.
async fn linked(store: &Store) -> (Post, Post, Permalink) {
    let [one, two] = posts(store, &[("1", 1), ("2", 2)]).await.try_into().unwrap();
    let link = Permalink { post_id: Some(two.id), ..Permalink::to("1") };
    let link = store.repo.insert(link).await.unwrap();
    (one, two, link)
}

on_sql_stores! {
    async fn joins_006_the_condition_of_a_join_may_be_built_at_run_time(store: Store) {
        let (_, two, link) = linked(&store).await;
        for (url, found) in [(None, true), (Some("1"), true), (Some("2"), false)] {
            let q = Post::query()
                .join_on::<Permalink>(|(p, l)| {
                    let mut conditions = vec![Condition::from(l.post_id.eq(p.id))];
                    conditions.extend(url.map(|url| l.url.eq(url).into()));
                    Condition::all(conditions)
                })
                .select(|(p, l)| (p.id, l.id));
            let expected: &[_] = if found { &[(two.id, link.id)] } else { &[] };
            assert_eq!(store.repo.all(q).await.unwrap(), expected, "{url:?}");
        }
    }

    async fn joins_007_every_row_is_joined_with_every_row(store: Store) {
        let (one, two, link) = linked(&store).await;
        let q = Post::query().join_on::<Permalink>(|_| true).order_by(|(p, _)| p.id).select(|(p, l)| (p, l));
        assert_eq!(store.repo.all(q).await.unwrap(), [(one, link.clone()), (two, link)]);
    }

    async fn joins_008_a_joined_row_that_is_missing_is_none(store: Store) {
        let (one, two, link) = linked(&store).await;
        let q = Post::query()
            .left_join_on::<Permalink>(|(p, l)| l.post_id.eq(p.id))
            .order_by(|(p, _)| p.id)
            .select(|(p, l)| (p, l));
        assert_eq!(store.repo.all(q).await.unwrap(), [(one, None), (two, Some(link))]);
    }

    async fn a_missing_row_of_a_second_join_is_none_too(store: Store) {
        let [post] = posts(&store, &[("1", 1)]).await.try_into().unwrap();
        let comment = store.repo.insert(Comment { post_id: Some(post.id), ..Comment::default() }).await.unwrap();
        let q = Post::query()
            .left_join_on::<Comment>(|(p, c)| c.post_id.eq(p.id))
            .left_join_on::<Comment>(|(_, c, other)| other.id.eq(c.id + 1))
            .select(|(_, c, other)| (c, other, other.text));
        assert_eq!(store.repo.all(q).await.unwrap(), [(Some(comment), None, None)]);
    }
}
