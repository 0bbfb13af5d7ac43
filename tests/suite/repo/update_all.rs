//! All rows of a query updated.

use super::*;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::schemas::{Barebone, Comment, CompositePk, Permalink, Post, TABLES, User};

async fn titles(repo: &Repo) -> Vec<Option<String>> {
    repo.all(Post::query().order_by(|p| p.id).select(|p| p.title)).await.unwrap()
}

fn some(titles: &[&str]) -> Vec<Option<String>> {
    titles.iter().map(|title| Some((*title).to_owned())).collect()
}

async fn three(store: &Store) -> Vec<Post> {
    store.create(TABLES).await;
    let mut posts = Vec::new();
    for title in ["1", "2", "3"] {
        posts.push(store.repo.insert(Post::titled(title)).await.unwrap());
    }
    posts
}

on_every_store! {
    async fn repo_072_update_all(store: Store) {
        three(&store).await;
        let repo = &store.repo;
        assert_eq!(repo.update_all(Post::query(), |p| p.title.set("x")).await.unwrap(), 3);
        assert_eq!(titles(repo).await, some(&["x", "x", "x"]));
        assert_eq!(repo.update_all(&Post::query(), |p| p.title.set(None)).await.unwrap(), 3);
        assert_eq!(titles(repo).await, [None, None, None]);
    }
}

on_sql_stores! {
    async fn repo_073_update_all_in_a_prefix_that_does_not_exist(store: Store) {
        three(&store).await;
        for (repo, query) in [
            (store.repo.clone(), Post::query().prefix("oops")),
            (store.repo.with_prefix("oops"), Post::query()),
        ] {
            let error = repo.update_all(query, |p| p.title.set("x")).await.unwrap_err();
            assert!(matches!(error, Error::Database(_)) && error.to_string().contains("oops"), "{error}");
        }
        assert_eq!(titles(&store.repo).await, some(&["1", "2", "3"]));
    }
}

on_every_store! {
    async fn repo_074_update_all_returns_rows_and_parts_of_them(store: Store) {
        let posts = three(&store).await;
        let repo = &store.repo;
        let mut whole: Vec<Post> =
            repo.update_all(Post::query(), |p| p.title.set("x")).raw().returning(|p| p).await.unwrap();
        whole.sort_by_key(|post| post.id);
        let expected: Vec<Post> = posts.iter().map(|p| Post { title: Some("x".into()), ..p.clone() }).collect();
        assert_eq!(whole, expected);
        let first = Post::query().filter(|p| p.id.eq(posts[0].id));
        let part: Vec<(i64, Option<i32>)> =
            repo.update_all(first, |p| p.visits.set(11)).returning(|p| (p.id, p.visits)).await.unwrap();
        assert_eq!(part, [(posts[0].id, Some(11))]);
    }
}

on_sql_stores! {
    async fn repo_075_update_all_returns_values_without_a_schema(store: Store) {
        let posts = three(&store).await;
        let mut rows = store
            .repo
            .update_all(Post::query(), |p| p.title.set("x"))
            .returning(|p| (p.id, p.title, p.title.concat("!"), p.comments().count()))
            .await
            .unwrap();
        rows.sort();
        let expected: Vec<_> =
            posts.iter().map(|p| (p.id, Some("x".to_owned()), Some("x!".to_owned()), 0i64)).collect();
        assert_eq!(rows, expected);
    }
}

on_every_store! {
    async fn repo_076_update_all_with_filter(store: Store) {
        three(&store).await;
        let repo = &store.repo;
        let query = Post::query().filter(|p| p.title.eq("1") | p.title.eq("2"));
        let n = repo.update_all(query, |p| (p.visits.set(17), p.title.set("x"))).await.unwrap();
        assert_eq!(n, 2);
        let rows = repo.all(Post::query().order_by(|p| p.id).select(|p| (p.title, p.visits))).await.unwrap();
        let x = || (Some("x".to_owned()), Some(17));
        assert_eq!(rows, [x(), x(), (Some("3".to_owned()), None)]);
    }

    async fn repo_077_update_all_without_a_row(store: Store) {
        three(&store).await;
        let query = Post::query().filter(|p| p.title.eq("4"));
        assert_eq!(store.repo.update_all(query, |p| p.title.set("x")).await.unwrap(), 0);
        assert_eq!(titles(&store.repo).await, some(&["1", "2", "3"]));
    }

    async fn repo_078_update_all_increments(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        for visits in [0, 1] {
            repo.insert(Post::visited("a", visits)).await.unwrap();
        }
        let visits = Post::query().order_by(|p| p.id).select(|p| p.visits);
        let query = Post::query().filter(|p| p.id.is_not_null());
        assert_eq!(repo.update_all(&query, |p| p.visits.set(p.visits + 2)).await.unwrap(), 2);
        assert_eq!(repo.all(&visits).await.unwrap(), [Some(2), Some(3)]);
        assert_eq!(repo.update_all(&query, |p| p.visits.set(p.visits - 1)).await.unwrap(), 2);
        assert_eq!(repo.all(&visits).await.unwrap(), [Some(1), Some(2)]);
    }

    async fn repo_080_update_all_with_values_of_other_types(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Post::visited("hello", 1)).await.unwrap();
        let at = NaiveDate::from_ymd_opt(2014, 1, 16).unwrap().and_hms_opt(20, 26, 51).unwrap();
        let n = repo.update_all(Post::query(), |p| (p.visits.set(13), p.inserted_at.set(at))).await.unwrap();
        assert_eq!(n, 1);
        let read = repo.find::<Post>(post.id).await.unwrap();
        assert_eq!((read.visits, read.inserted_at), (Some(13), at));
    }

    async fn updated_at_and_the_version_move_on_unless_raw(store: Store) {
        store.create("create table articles ({id}, title {text}, version {i32} not null, updated_at {timestamp} not null)").await;
        let start = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(9);
        let clock = std::sync::Arc::new(FixedClock::at(start));
        let repo = &store.repo.with_clock(clock.clone());
        repo.insert(Article { version: 1, ..Default::default() }).await.unwrap();
        repo.insert(Article::default()).await.unwrap();
        clock.advance(TimeDelta::hours(1));
        let query = Article::query();
        let state = query.clone().order_by(|a| a.id).select(|a| (a.version, a.updated_at));
        assert_eq!(repo.update_all(&query, |a| a.title.set("a")).raw().await.unwrap(), 2);
        assert_eq!(repo.all(&state).await.unwrap(), [(1, start), (0, start)]);
        assert_eq!(repo.update_all(&query, |a| a.title.set("b")).await.unwrap(), 2);
        let later = start + TimeDelta::hours(1);
        assert_eq!(repo.all(&state).await.unwrap(), [(2, later), (1, later)]);
        assert_eq!(repo.update_all(&query, |a| (a.version.set(9), a.updated_at.set(start))).await.unwrap(), 2);
        assert_eq!(repo.all(&state).await.unwrap(), [(9, start), (9, start)]);
    }
}

on_sql_stores! {
    async fn joined_tables_find_rows_and_give_values(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ann = repo.insert(User::named("Ann")).await.unwrap();
        let post = repo.insert(Post { author_id: Some(ann.id), ..Post::titled("a") }).await.unwrap();
        repo.insert(Post::titled("b")).await.unwrap();
        for text in ["one", "two"] {
            repo.insert(Comment::on(&post, text).by(&ann)).await.unwrap();
        }
        // An inner join, whose columns are used; a row that it gives twice is updated once.
        let commented = Post::query().join(|p| p.comments()).filter(|(_, c)| c.text.ne("none"));
        let returned: Vec<(i64, Option<String>)> =
            repo.update_all(&commented, |(p, _)| p.title.set(p.title.concat("!"))).returning(|p| (p.id, p.title)).await.unwrap();
        assert_eq!(returned, [(post.id, Some("a!".to_owned()))]);
        let mine = Post::query().join(|p| p.author()).filter(|(p, a)| p.author_id.eq(a.id));
        assert_eq!(repo.update_all(mine, |(p, a)| p.title.set(a.name)).await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["Ann", "b"]));
        // A left join: every row, and NULL where there is none.
        let every = Post::query().left_join(|p| p.author());
        assert_eq!(repo.update_all(&every, |(p, a)| p.title.set(a.name)).await.unwrap(), 2);
        assert_eq!(titles(repo).await, [Some("Ann".into()), None]);
        // Paths in the filter and in what is set.
        let of_ann = Post::query().filter(|p| p.author().name.eq("Ann"));
        assert_eq!(repo.update_all(of_ann, |p| p.title.set(p.author().name.concat("'s"))).await.unwrap(), 1);
        assert_eq!(titles(repo).await, [Some("Ann's".into()), None]);
        // A left join that only finds.
        let lonely = every.filter(|(_, a)| a.id.is_null());
        assert_eq!(repo.update_all(&lonely, |(p, _)| p.title.set("lonely")).await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["Ann's", "lonely"]));
        // A list behind an association, and an aggregate over it.
        let talked = Post::query().filter(|p| p.comments().any(|c| c.text.eq("one")));
        let n = repo.update_all(talked, |p| p.intensity.set(p.comments().avg(|c| c.lock_version))).await.unwrap();
        assert_eq!(n, 1);
        assert_eq!(repo.find::<Post>(post.id).await.unwrap().intensity, Some(1.0));
        // The rows of an association.
        let comments = association_query(&post, |p| p.comments());
        assert_eq!(repo.update_all(comments, |c| c.text.set("x")).await.unwrap(), 2);
    }

    async fn joins_001_update_all_with_joins(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let user = repo.insert(User::named("Ann")).await.unwrap();
        let posts = repo.insert_all([Post::titled("a"), Post::titled("b")]).returning(|p| p).await.unwrap();
        let comments = [Comment::on(&posts[0], "x").by(&user), Comment::on(&posts[1], "y").by(&user)];
        repo.insert_all(&comments).await.unwrap();
        let joined = Comment::query().join(|c| c.author()).filter(|(c, _)| c.post_id.in_([posts[0].id]));
        assert_eq!(repo.update_all(joined, |(c, _)| c.text.set("hoje")).await.unwrap(), 1);
        let texts = repo.all(Comment::query().order_by(|c| c.id).select(|c| c.text)).await.unwrap();
        assert_eq!(texts, some(&["hoje", "y"]));
    }

    async fn pgsql_063_left_joins_alone_update_too(store: Store) {
        let posts = three(&store).await;
        let repo = &store.repo;
        repo.insert(Permalink { post_id: Some(posts[1].id), ..Permalink::to("url") }).await.unwrap();
        let query = Post::query().left_join(|p| p.permalink()).left_join(|(_, l)| l.user());
        let n = repo.update_all(query, |(p, l, u)| p.title.set(u.name.coalesce(l.url).coalesce("none"))).await.unwrap();
        assert_eq!(n, 3);
        assert_eq!(titles(repo).await, some(&["none", "url", "none"]));
    }

    async fn sql_015_quotes_are_stored_by_update_all(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        repo.insert(Post::titled("x")).await.unwrap();
        repo.update_all(Post::query(), |p| p.title.set("'")).await.unwrap();
        assert_eq!(titles(repo).await, some(&["'"]));
        let quoted = Post::query().filter(|_| constant("'").ne(constant("")));
        assert_eq!(repo.update_all(quoted, |p| p.title.set("''")).await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["''"]));
    }

    async fn a_limit_an_order_and_an_offset_choose_the_rows(store: Store) {
        let posts = three(&store).await;
        let repo = &store.repo;
        let last = Post::query().order_by(|p| p.id.desc()).limit(1);
        assert_eq!(repo.update_all(last, |p| p.title.set("last")).await.unwrap(), 1);
        let middle = Post::query().order_by(|p| p.id).offset(1).limit(1);
        let ids = repo.update_all(middle, |p| p.title.set("middle")).returning(|p| p.id).await.unwrap();
        assert_eq!(ids, [posts[1].id]);
        assert_eq!(titles(repo).await, some(&["1", "middle", "last"]));
        let ann = repo.insert(User::named("Ann")).await.unwrap();
        repo.update_all(Post::query(), |p| p.author_id.set(Some(ann.id))).await.unwrap();
        let first = Post::query().join(|p| p.author()).order_by(|(p, _)| p.id).limit(1);
        assert_eq!(repo.update_all(first, |(p, a)| p.title.set(a.name)).await.unwrap(), 1);
        assert_eq!(titles(repo).await, some(&["Ann", "middle", "last"]));
        for (a, b) in [(1, 1), (1, 2), (2, 1)] {
            repo.insert(CompositePk::new(a, b, "old")).await.unwrap();
        }
        let two = CompositePk::query().order_by(|c| (c.a, c.b)).limit(2);
        assert_eq!(repo.update_all(two, |c| c.name.set("new")).await.unwrap(), 2);
        let names = CompositePk::query().order_by(|c| (c.a, c.b)).select(|c| c.name);
        assert_eq!(repo.all(names).await.unwrap(), some(&["new", "new", "old"]));
    }
}

on_every_store! {
    async fn what_cannot_be_updated_is_refused_with_a_sentence(store: Store) {
        three(&store).await;
        let repo = &store.repo;
        let twice = repo.update_all(Post::query(), |p| (p.title.set("a"), p.visits.set(1), p.title.set("b"))).await;
        assert_eq!(
            message(twice),
            "update_all sets Post.title twice: keep one of the assignments"
        );
        let nothing = repo.update_all(Post::query(), |p| { let _ = p; vec![] }).await;
        assert!(message(nothing).starts_with("update_all of Post sets no column"));
        let joined = Post::query().join(|p| p.author());
        let other = repo.update_all(joined, |(_, a)| a.name.set("x")).await;
        assert!(message(other).starts_with("update_all sets columns of Post alone, and name is one of another table"));
        let groups = Post::query().group_by(|p| p.title);
        assert!(message(repo.update_all(groups, |p| p.title.set("x")).await).contains("cannot write groups"));
        let path = repo.update_all(Post::query(), |p| p.title.set("x")).returning(|p| p.author().name).await;
        assert!(message(path).starts_with(".returning(..) cannot follow an association"));
        let keyless = repo.update_all(Barebone::query().limit(1), |b| b.num.set(1)).await;
        assert!(message(keyless).contains("Barebone has no primary key"));
        assert_eq!(titles(repo).await, some(&["1", "2", "3"]));
        let link = repo.insert(Permalink::to("a")).await.unwrap();
        repo.insert(Permalink::to("b")).await.unwrap();
        let error = repo.update_all(Permalink::query(), |l| l.url.set("a")).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(error.constraint().unwrap().name, "permalinks_uniform_resource_locator_index");
        assert_eq!(repo.find::<Permalink>(link.id).await.unwrap(), link);
    }
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Query(error)) => error.message.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Article {
    id: i64,
    title: Option<String>,
    #[schema(version)]
    version: i32,
    updated_at: DateTime<Utc>,
}
