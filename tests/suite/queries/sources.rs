//! Queries that read from the rows of other queries.

use super::*;
use schemas::User;

/// A post as a reader sees it.
#[derive(Debug, Clone, PartialEq, Projection)]
struct Seen {
    title: Option<String>,
    public: Option<bool>,
}

/// A post with a text of its own.
#[derive(Debug, Clone, PartialEq, Projection)]
struct Marked {
    id: i64,
    title: Option<String>,
    temp: Option<String>,
}

/// What the posts of an author add up to.
#[derive(Debug, Clone, PartialEq, Projection)]
struct Totals {
    author_id: Option<i64>,
    posts: i64,
    visits: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Projection)]
struct Link {
    post_id: Option<i64>,
    link: Option<String>,
}

fn totals() -> Query<Post, Totals> {
    Post::query().group_by(|p| p.author_id).select(|p| TotalsSelect {
        author_id: p.author_id,
        posts: p.id.count(),
        visits: p.visits.sum(),
    })
}

fn titles(rows: Vec<Post>) -> Vec<String> {
    rows.into_iter().filter_map(|post| post.title).collect()
}

/// Two users, the first of whom wrote three posts and the second one.
async fn authors(store: &Store) -> (User, User) {
    store.create(TABLES).await;
    let repo = &store.repo;
    let ann = repo.insert(User::named("ann")).await.unwrap();
    let bob = repo.insert(User::named("bob")).await.unwrap();
    for (author, title, visits) in [(&ann, "a", 1), (&ann, "b", 2), (&ann, "c", 3), (&bob, "d", 10)] {
        repo.insert(Post { author_id: Some(author.id), ..Post::visited(title, visits) }).await.unwrap();
    }
    (ann, bob)
}

on_every_store! {
    async fn subquery_001_a_query_of_a_schema_is_a_source(store: Store) {
        let inserted = posts(&store, &[("hello", 1)]).await;
        let repo = &store.repo;
        let q = Post::query().subquery();
        assert_eq!(repo.all(q.clone().select(|p| p.title)).await.unwrap(), [Some("hello".to_owned())]);
        let read = repo.only(q.clone().select(|p| p)).await.unwrap();
        assert_eq!((&read, read.inserted_at), (&repo.reload(&inserted[0]).await.unwrap().unwrap(), inserted[0].inserted_at));
        assert_eq!(repo.all(q).await.unwrap(), [read]);
    }

    async fn subquery_003_a_subquery_replaces_a_field(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post { public: Some(true), ..Post::titled("hello") }).await.unwrap();
        let q = Post::query().select(|p| SeenSelect { title: p.title, public: !p.public }).subquery();
        let (hello, seen) = (Some("hello".to_owned()), Seen { title: Some("hello".into()), public: Some(false) });
        assert_eq!(repo.only(q.clone().select(|p| p.title)).await.unwrap(), hello);
        assert_eq!(repo.only(q.clone()).await.unwrap(), seen);
        assert_eq!(repo.only(q.clone().select(|p| p)).await.unwrap(), seen);
        assert_eq!(repo.only(q.clone().select(|p| (p.title, p))).await.unwrap(), (hello, seen.clone()));
        assert_eq!(repo.only(q.select(|p| (p, p.public))).await.unwrap(), (seen, Some(false)));
    }

    async fn subquery_004_a_subquery_adds_a_field(store: Store) {
        let inserted = posts(&store, &[("hello", 1)]).await;
        let select = |p: schemas::PostColumns<Post, NotNull>| MarkedSelect { id: p.id, title: p.title, temp: p.title };
        let q = Post::query().select(select).subquery();
        let hello = || Some("hello".to_owned());
        assert_eq!(store.repo.only(q.clone().select(|p| p.temp)).await.unwrap(), hello());
        let marked = Marked { id: inserted[0].id, title: hello(), temp: hello() };
        assert_eq!(store.repo.only(q).await.unwrap(), marked);
    }
}

on_sql_stores! {
    async fn subquery_007_a_query_of_a_schema_is_joined(store: Store) {
        let inserted = posts(&store, &[("hello", 1)]).await;
        let repo = &store.repo;
        repo.insert(Comment::on(&inserted[0], "text")).await.unwrap();
        let q = Comment::query().join_query(Post::query(), |(c, p)| c.post_id.eq(p.id));
        assert_eq!(repo.only(q.clone().select(|(_, p)| p.title)).await.unwrap(), Some("hello".to_owned()));
        let read = repo.only(q.clone().select(|(_, p)| p)).await.unwrap();
        assert_eq!((read.id, read.inserted_at), (inserted[0].id, inserted[0].inserted_at));
        assert_eq!(repo.only(q).await.unwrap().text.as_deref(), Some("text"));
    }

    async fn subquery_008_parameters_of_a_joined_query_and_around_it(store: Store) {
        let inserted = posts(&store, &[("hello", 10), ("hello", 11), ("world", 13)]).await;
        for text in ["1", "2"] {
            store.repo.insert(Comment::on(&inserted[0], text)).await.unwrap();
        }
        let visited = Post::query().filter(|p| p.visits.gte(11) & p.visits.lte(13));
        let q = Comment::query()
            .join_query(&visited, |_| sql::<bool>("1 = 1"))
            .filter(|(_, p)| p.title.eq("hello"))
            .select(|(_, p)| sql::<Option<i32>>("{} + {}").bind((p.visits, 1)));
        assert_eq!(store.repo.all(&q).await.unwrap(), [Some(12), Some(12)]);
    }

    async fn joins_009_rows_without_a_partner_in_a_joined_query(store: Store) {
        let inserted = posts(&store, &[("1", 1), ("2", 2)]).await;
        let repo = &store.repo;
        let link = repo.insert(Permalink { post_id: Some(inserted[1].id), ..Permalink::to("1") }).await.unwrap();
        let joined = |p: schemas::PostColumns<(Post, Optional<Permalink>), NotNull>, l: schemas::PermalinkColumns<_, Null>| p.id.eq(l.post_id);
        let q = Post::query().left_join_query(Permalink::query(), |(p, l)| joined(p, l)).order_by(|(p, _)| p.id);
        let rows = repo.all(q.clone().select(|(p, l)| (p.id, l))).await.unwrap();
        assert_eq!(rows, [(inserted[0].id, None), (inserted[1].id, Some(link))]);
        let urls = repo.all(q.select(|(_, l)| l.url)).await.unwrap();
        assert_eq!(urls, [None, Some("1".to_owned())]);
    }

    async fn every_clause_works_on_the_rows_of_a_query(store: Store) {
        let (ann, bob) = authors(&store).await;
        let repo = &store.repo;
        let first = Post::query().order_by(|p| p.visits).limit(3);
        let q = first.subquery();
        assert_eq!(titles(repo.all(q.clone().filter(|p| p.visits.gt(1)).last()).await.unwrap()), ["c"]);
        assert_eq!(titles(repo.all(q.clone().order_by(|p| p.visits.desc()).limit(2)).await.unwrap()), ["c", "b"]);
        assert_eq!(titles(repo.all(q.clone().reverse_order()).await.unwrap()), ["c", "b", "a"]);
        assert_eq!(repo.count(&q).await.unwrap(), 3);
        assert_eq!(repo.count(q.clone().limit(2)).await.unwrap(), 2);
        assert!(repo.exists(q.clone().filter(|p| p.visits.eq(3))).await.unwrap());
        assert!(!repo.exists(q.clone().filter(|p| p.visits.eq(10))).await.unwrap());
        assert_eq!(repo.aggregate(&q, |p| p.visits.max()).await.unwrap(), Some(3));
        assert_eq!(repo.aggregate(q.clone().limit(2), |p| p.visits.count()).await.unwrap(), 2);
        assert_eq!(repo.aggregate(&q, |p| p.author().name.max()).await.unwrap().as_deref(), Some("ann"));
        let names = repo.all(q.clone().filter(|p| p.author().name.eq("ann")).select(|p| p.author().name)).await.unwrap();
        assert_eq!(names.len(), 3);
        let joined = q.clone().join(|p| p.author()).filter(|(p, a)| a.id.eq(ann.id) & p.visits.lt(3));
        assert_eq!(repo.count(joined).await.unwrap(), 2);
        let onto = q.clone().join_on::<User>(|(p, u)| p.author_id.eq(u.id)).select(|(_, u)| u.id);
        assert_eq!(repo.all(onto).await.unwrap(), [ann.id; 3]);
        let grouped = q.clone().group_by(|p| p.author_id).select(|p| (p.author_id, p.visits.sum()));
        assert_eq!(repo.all(grouped).await.unwrap(), [(Some(ann.id), Some(6))]);
        let wrote = User::query().filter(|u| u.id.in_query(q.clone().select(|p| p.author_id)));
        assert_eq!(repo.count(wrote).await.unwrap(), 1);
        let rest = Post::query().order_by(|p| p.visits.desc()).limit(1).subquery();
        assert_eq!(repo.all(rest.select(|p| p.author_id)).await.unwrap(), [Some(bob.id)]);
        let mut streamed = repo.stream(q.order_by(|p| p.id));
        assert_eq!(streamed.next().await.unwrap().unwrap().title.as_deref(), Some("a"));
    }

    async fn a_projection_is_a_source(store: Store) {
        let (ann, bob) = authors(&store).await;
        let repo = &store.repo;
        let of_ann = Totals { author_id: Some(ann.id), posts: 3, visits: Some(6) };
        let of_bob = Totals { author_id: Some(bob.id), posts: 1, visits: Some(10) };
        let q = totals().subquery();
        assert_eq!(repo.all(q.clone().order_by(|t| t.posts)).await.unwrap(), [of_bob.clone(), of_ann.clone()]);
        assert_eq!(repo.only(q.clone().filter(|t| t.posts.gt(1) & t.visits.lt(10))).await.unwrap(), of_ann);
        assert_eq!(repo.aggregate(&q, |t| t.posts.max()).await.unwrap(), Some(3));
        assert_eq!(repo.aggregate(q.clone().limit(1), |t| t.posts.count()).await.unwrap(), 1);
        assert_eq!(repo.count(&q).await.unwrap(), 2);
        let named = q
            .clone()
            .join_on::<User>(|(t, u)| t.author_id.eq(u.id))
            .order_by(|(t, _)| t.posts)
            .select(|(t, u)| (u.name, t.posts, t));
        let expected = [(Some("bob".to_owned()), 1, of_bob.clone()), (Some("ann".to_owned()), 3, of_ann.clone())];
        assert_eq!(repo.all(named).await.unwrap(), expected);
        let writers = User::query().filter(|u| exists(q.clone().filter(|t| t.author_id.eq(5) | t.posts.gt(9))) | u.id.eq(ann.id));
        assert_eq!(repo.count(writers).await.unwrap(), 1);
        let again = q.clone().filter(|t| t.posts.gt(1)).subquery().filter(|t| t.visits.gt(1)).subquery();
        assert_eq!(repo.all(again).await.unwrap(), [of_ann]);
        let inside = q.clone().filter(|t| exists(Post::query_in(&t).filter(|p| p.author_id.eq(t.author_id) & p.visits.gt(9))));
        assert_eq!(repo.all(inside).await.unwrap(), [of_bob]);
        let error = repo.all(q.first()).await.unwrap_err();
        assert!(error.to_string().contains("needs an order"), "{error}");
    }

    async fn a_projection_is_joined(store: Store) {
        let (ann, bob) = authors(&store).await;
        let repo = &store.repo;
        let top = totals().having(|p| p.id.count().gt(1));
        let q = Post::query().join_query(&top, |(p, t)| p.author_id.eq(t.author_id));
        assert_eq!(repo.count(&q).await.unwrap(), 3);
        let rows = repo.all(q.filter(|(p, t)| t.posts.gt(2) & p.visits.gt(2)).select(|(p, t)| (p.title, t.posts))).await;
        assert_eq!(rows.unwrap(), [(Some("c".to_owned()), 3)]);
        let users = User::query().left_join_query(top, |(u, t)| u.id.eq(t.author_id)).order_by(|(u, _)| u.id);
        let rows = repo.all(users.select(|(u, t)| (u.id, t, t.posts))).await.unwrap();
        let of_ann = Totals { author_id: Some(ann.id), posts: 3, visits: Some(6) };
        assert_eq!(rows, [(ann.id, Some(of_ann), Some(3)), (bob.id, None, None)]);
    }

    async fn paths_begin_at_the_rows_of_a_joined_query(store: Store) {
        let (ann, bob) = authors(&store).await;
        let repo = &store.repo;
        let two = || Post::query().order_by(|p| p.visits.desc()).limit(2);
        let q = User::query().join_query(two(), |(u, p)| u.id.eq(p.author_id)).filter(|(_, p)| p.author().name.eq("ann"));
        assert_eq!(repo.all(q.select(|(_, p)| p.title)).await.unwrap(), [Some("c".to_owned())]);
        let named = User::query()
            .left_join_query(two().limit(1), |(u, p)| u.id.eq(p.author_id))
            .order_by(|(u, _)| u.id)
            .select(|(_, p)| p.author().name);
        assert_eq!(repo.all(named).await.unwrap(), [None, Some("bob".to_owned())]);
        let more = User::query()
            .join_query(totals(), |(u, t)| t.author_id.eq(u.id))
            .join(|(u, _)| u.posts())
            .join_query(two(), |(_, _, p, top)| p.id.eq(top.id))
            .order_by(|(u, ..)| u.id)
            .select(|(u, t, _, top)| (u.id, t.posts, top.visits));
        assert_eq!(repo.all(more).await.unwrap(), [(ann.id, 3, Some(3)), (bob.id, 1, Some(10))]);
    }

    async fn a_subquery_in_the_filter_of_a_joined_association(store: Store) {
        let (ann, _) = authors(&store).await;
        let repo = &store.repo;
        let q = User::query().join(|u| {
            u.posts().filter(|p| {
                let fewer = Post::query_in(&p).filter(|other| other.visits.lt(p.visits) & other.author_id.eq(p.author_id));
                exists(fewer.subquery().filter(|other| other.visits.gt(1) & other.id.ne(p.id)).subquery())
            })
        });
        assert_eq!(repo.all(q.select(|(u, p)| (u.id, p.title))).await.unwrap(), [(ann.id, Some("c".to_owned()))]);
    }

    async fn columns_of_other_names_are_found(store: Store) {
        let inserted = posts(&store, &[("a", 1)]).await;
        let repo = &store.repo;
        let link = repo.insert(Permalink { post_id: Some(inserted[0].id), ..Permalink::to("u") }).await.unwrap();
        let q = Permalink::query().subquery().subquery();
        assert_eq!(repo.only(q.clone().filter(|l| l.url.eq("u"))).await.unwrap(), link);
        let renamed = q.select(|l| LinkSelect { post_id: l.post_id, link: l.url });
        let joined = Post::query().join_query(renamed, |(p, l)| l.post_id.eq(p.id)).select(|(_, l)| l.link);
        assert_eq!(repo.only(joined).await.unwrap().as_deref(), Some("u"));
    }

    async fn a_subquery_gives_the_row_at_the_other_end_of_a_join(store: Store) {
        let (ann, _) = authors(&store).await;
        let repo = &store.repo;
        let of = |q: Query<Post>| q.join(|p| p.author()).distinct().select(|(_, a)| a).subquery();
        let q = of(Post::query().filter(|p| p.visits.lt(5)));
        assert_eq!(repo.all(q.clone().first().select(|u| u.id)).await.unwrap(), [ann.id]);
        let mut found = repo.only(q.clone().preload(|u| u.posts())).await.unwrap();
        assert_eq!(found.posts.get().unwrap().len(), 3);
        found.posts = HasMany::default();
        assert_eq!(repo.only(q).await.unwrap(), found);
    }

    async fn a_subquery_inside_of_a_subquery_sees_the_row_around_both(store: Store) {
        let (ann, bob) = authors(&store).await;
        let repo = &store.repo;
        let second = User::query().filter(|u| {
            let own = Post::query_in(&u).filter(|p| p.author_id.eq(u.id)).order_by(|p| p.visits).limit(2).subquery();
            exists(own.filter(|p| p.visits.eq(2) & p.author_id.eq(u.id)))
        });
        assert_eq!(repo.only(second).await.unwrap().id, ann.id);
        let none = User::query().filter(|u| {
            let own = Post::query_in(&u).filter(|p| p.author_id.eq(u.id)).order_by(|p| p.visits).limit(2).subquery();
            exists(own.filter(|p| p.visits.eq(3)))
        });
        assert_eq!(repo.count(none).await.unwrap(), 0);
        let joined = User::query().filter(|u| {
            let own = Post::query_in(&u).filter(|p| p.author_id.eq(u.id)).limit(1);
            exists(User::query().join_query(own, |(other, p)| other.id.eq(p.author_id)).filter(|(other, _)| other.name.eq("bob")))
        });
        assert_eq!(repo.only(joined).await.unwrap().id, bob.id);
    }
}
