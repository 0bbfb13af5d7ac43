//! Associations in changesets: rows that are put, cast, replaced and written along.

use super::schemas::{Comment, Permalink, Post, TABLES, User};
use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use serde_json::json;

/// Schemas of the same tables, whose associations say what becomes of rows that are left out.
mod replacing {
    use super::*;

    macro_rules! owners {
        ($($name:ident $permalink:ident $comments:ident;)*) => {$(
            #[derive(Debug, Clone, Default, PartialEq, Schema)]
            #[schema(table = "posts")]
            pub struct $name {
                pub id: i64,
                pub title: Option<String>,
                #[schema(foreign_key = post_id, on_replace = $permalink)]
                pub permalink: HasOne<Link>,
                #[schema(foreign_key = post_id, on_replace = $comments)]
                pub comments: HasMany<Remark>,
            }
        )*};
    }
    owners! {
        Deletes delete delete;
        DeletesIfExists delete_if_exists delete_if_exists;
        Nilifies nilify nilify;
        Updates update delete;
        Raises raise raise;
        Marks mark_as_invalid mark_as_invalid;
    }

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    #[schema(table = "permalinks")]
    pub struct Link {
        pub id: i64,
        #[schema(column = "uniform_resource_locator", unique)]
        pub url: Option<String>,
        pub title: Option<String>,
        #[schema(unique)]
        pub post_id: Option<i64>,
        pub user_id: Option<i64>,
        #[schema(on_replace = update)]
        pub post: BelongsTo<Option<Post>>,
    }

    #[derive(Debug, Clone, Default, PartialEq, Schema)]
    #[schema(table = "comments")]
    pub struct Remark {
        pub id: i64,
        #[schema(index)]
        pub text: Option<String>,
        #[schema(index)]
        pub post_id: Option<i64>,
    }

    pub fn link(url: &str) -> Link {
        Link { url: Some(url.to_owned()), ..Link::default() }
    }

    pub fn remark(text: &str) -> Remark {
        Remark { text: Some(text.to_owned()), ..Remark::default() }
    }
}
use replacing::{Deletes, DeletesIfExists, Link, Marks, Nilifies, Raises, Remark, Updates, link, remark};

/// A user whose posts have a unique index of their own.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Tagged {
    id: i64,
    title: Option<String>,
    #[schema(join_table = "posts_users", join_keys(post_id, user_id), on_replace = delete)]
    users: ManyToMany<User>,
    #[schema(join_table = "posts_users", join_keys(post_id, user_id), unique, on_replace = delete)]
    unique_users: ManyToMany<User>,
    #[schema(join_schema = super::schemas::PostUser, join_keys(post_id, user_id), on_replace = delete)]
    schema_users: ManyToMany<User>,
}

fn messages(error: &Error) -> serde_json::Value {
    let invalid = error.invalid().unwrap_or_else(|| panic!("{error}"));
    serde_json::to_value(invalid.errors()).unwrap()
}

async fn with_all(repo: &Repo, id: i64) -> Deletes {
    let mut post = repo.find::<Deletes>(id).await.unwrap();
    repo.preload(&mut post, |p| (p.permalink(), p.comments())).await.unwrap();
    post
}

on_every_store_but_clusters! {
    async fn assoc_025_a_struct_is_inserted_with_the_rows_that_it_holds(store: Store) {
        store.create(TABLES).await;
        let comment = |text: &str| Comment { text: Some(text.into()), ..Comment::default() };
        let post = Post { comments: vec![comment("one"), comment("two")].into(), ..Post::titled("a") };
        let permalink = Permalink { post: Some(post).into(), ..Permalink::to("u") };
        let permalink = store.repo.insert(permalink).await.unwrap();
        let post = permalink.post.get().unwrap().unwrap();
        assert_eq!(permalink.post_id, Some(post.id));
        let comments = post.comments.get().unwrap();
        assert_eq!(comments.iter().map(|c| c.post_id).collect::<Vec<_>>(), [Some(post.id); 2]);
        let query = Permalink::query().preload(|p| p.post().preload(|p| p.comments()));
        let read = store.repo.only(query).await.unwrap();
        let read = read.post.get().unwrap().unwrap();
        let texts: Vec<_> = read.comments.get().unwrap().iter().map(|c| c.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["one", "two"]);
    }
}

on_every_store! {
    async fn assoc_026_an_empty_association_stays_empty(store: Store) {
        store.create(TABLES).await;
        let post = Post { comments: Vec::new().into(), permalink: None.into(), ..Post::titled("a") };
        let post = store.repo.insert(post).await.unwrap();
        assert!(post.comments.get().unwrap().is_empty());
        assert_eq!(post.permalink.get().unwrap(), None);
        let permalink = store.repo.insert(Permalink { post: None.into(), ..Permalink::to("u") }).await.unwrap();
        assert_eq!(permalink.post.get().unwrap(), None);
    }

    async fn assoc_012_a_replaced_has_one_row_is_deleted(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes::default()).await.unwrap();
        let post = with_all(repo, post.id).await;
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), link("1"))).await.unwrap();
        let first = post.permalink.get().unwrap().unwrap().clone();
        assert_eq!((first.post_id, first.id > 0), (Some(post.id), true));
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), link("2"))).await.unwrap();
        assert_eq!(repo.count(Link::query()).await.unwrap(), 1);
        let elsewhere = repo.insert(link("3")).await.unwrap();
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), elsewhere.clone())).await.unwrap();
        assert_eq!(repo.only(Link::query()).await.unwrap().id, elsewhere.id);
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), None::<Link>)).await.unwrap();
        assert_eq!(post.permalink.get().unwrap(), None);
        assert_eq!(repo.count(Link::query()).await.unwrap(), 0);
    }
}

on_every_store_but_clusters! {
    async fn assoc_013_a_replaced_row_that_is_gone_is_stale_unless_that_is_allowed(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes { permalink: Some(link("1")).into(), ..Deletes::default() }).await.unwrap();
        repo.delete(post.permalink.get().unwrap().unwrap().clone()).await.unwrap();
        let error = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), None::<Link>)).await.unwrap_err();
        assert!(matches!(error, Error::Stale(_)), "{error}");
        let lenient = DeletesIfExists { permalink: Some(link("1")).into(), ..DeletesIfExists::default() };
        let post = repo.insert(lenient).await.unwrap();
        repo.delete(post.permalink.get().unwrap().unwrap().clone()).await.unwrap();
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), None::<Link>)).await.unwrap();
        assert_eq!(post.permalink.get().unwrap(), None);
    }

    async fn assoc_014_a_nilified_has_one_row_stays_in_the_table(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Nilifies { permalink: Some(link("1")).into(), ..Nilifies::default() }).await.unwrap();
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), link("2"))).await.unwrap();
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), None::<Link>)).await.unwrap();
        assert_eq!(post.permalink.get().unwrap(), None);
        let keys = repo.all(Link::query().select(|l| l.post_id)).await.unwrap();
        assert_eq!(keys, [None, None]);
    }

    async fn assoc_015_a_has_one_row_is_only_updated(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Updates { permalink: Some(link("1")).into(), ..Updates::default() }).await.unwrap();
        let first = post.permalink.get().unwrap().unwrap().clone();
        let changed = Changeset::of(first.clone()).change(|l| l.url.set("2"));
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), changed)).await.unwrap();
        assert_eq!(repo.only(Link::query()).await.unwrap().url.as_deref(), Some("2"));
        let cast = Changeset::of(post)
            .cast(&json!({"permalink": {"url": "3"}}), |p| p.title)
            .cast_assoc(|p| p.permalink(), |params, _| params.cast(|l| l.url));
        let post = repo.update(cast).await.unwrap();
        let same = repo.only(Link::query()).await.unwrap();
        assert_eq!((same.id, same.url.as_deref()), (first.id, Some("3")));
        let error = repo.update(Changeset::of(post.clone()).put_assoc(|p| p.permalink(), link("4"))).await.unwrap_err();
        assert!(error.to_string().starts_with("Updates.permalink is only allowed to update the row that it has"), "{error}");
        repo.update(Changeset::of(post).put_assoc(|p| p.permalink(), None::<Link>)).await.unwrap();
        assert_eq!(repo.only(Link::query()).await.unwrap().post_id, None);
    }

    async fn assoc_016_has_many_rows_are_attached_changed_and_deleted(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes { comments: vec![remark("own")].into(), ..Deletes::default() }).await.unwrap();
        let own = post.comments.get().unwrap()[0].clone();
        let other = repo.insert(remark("other")).await.unwrap();
        let changes =
            vec![other.clone().change(|c| c.text.set("other, changed")), own.clone().change(|c| c.text.set("own, changed"))];
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.comments(), changes)).await.unwrap();
        let stored = repo.all(Remark::query().order_by(|c| c.id)).await.unwrap();
        assert!(stored.iter().all(|comment| comment.post_id == Some(post.id)));
        let texts: Vec<_> = stored.iter().map(|comment| comment.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["own, changed", "other, changed"]);
        let order: Vec<i64> = post.comments.get().unwrap().iter().map(|comment| comment.id).collect();
        assert_eq!(order, [other.id, own.id]);
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap();
        assert!(post.comments.get().unwrap().is_empty());
        assert_eq!(repo.count(Remark::query()).await.unwrap(), 0);
    }

    async fn assoc_017_has_many_rows_that_are_gone_are_stale_unless_that_is_allowed(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes { comments: vec![remark("a")].into(), ..Deletes::default() }).await.unwrap();
        repo.delete(post.comments.get().unwrap()[0].clone()).await.unwrap();
        let error = repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap_err();
        assert!(matches!(error, Error::Stale(_)), "{error}");
        let lenient = DeletesIfExists { comments: vec![remark("a")].into(), ..DeletesIfExists::default() };
        let post = repo.insert(lenient).await.unwrap();
        repo.delete(post.comments.get().unwrap()[0].clone()).await.unwrap();
        repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap();
    }

    async fn assoc_018_nilified_has_many_rows_stay_in_the_table(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let old = repo.insert(remark("old")).await.unwrap();
        let post = repo.insert(Nilifies { comments: vec![old, remark("new")].into(), ..Nilifies::default() }).await.unwrap();
        assert_eq!(repo.count(Remark::query().filter(|c| c.post_id.eq(post.id))).await.unwrap(), 2);
        repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap();
        assert_eq!(repo.count(Remark::query().filter(|c| c.post_id.is_null())).await.unwrap(), 2);
    }
}

on_sql_stores! {
    async fn assoc_019_many_to_many_rows_are_tied_and_untied(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ties = async || repo.count(super::schemas::PostUserLink::query()).await.unwrap();
        let post = repo.insert(Tagged { users: vec![User::named("new")].into(), ..Tagged::default() }).await.unwrap();
        assert_eq!(ties().await, 1);
        let own = post.users.get().unwrap()[0].clone();
        let other = repo.insert(User::named("other")).await.unwrap();
        let users = vec![other.change(|u| u.name.set("other, changed")), own.change(|u| u.name.set("new, changed"))];
        let post = repo.update(Changeset::of(post).put_assoc(|p| p.users(), users)).await.unwrap();
        assert_eq!(ties().await, 2);
        let names = repo.all(User::query().order_by(|u| u.id).select(|u| u.name)).await.unwrap();
        assert_eq!(names, [Some("new, changed".to_owned()), Some("other, changed".to_owned())]);
        repo.update(Changeset::of(post).put_assoc(|p| p.users(), Vec::<User>::new())).await.unwrap();
        assert_eq!((ties().await, repo.count(User::query()).await.unwrap()), (0, 2));
    }
}

on_every_store_but_clusters! {
    async fn assoc_020_rows_of_a_join_schema_get_keys_and_times(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Tagged { schema_users: vec![User::named("a")].into(), ..Tagged::default() }).await.unwrap();
        let own = post.schema_users.get().unwrap()[0].clone();
        let users = vec![own.clone(), User::named("b")];
        repo.update(Changeset::of(post).put_assoc(|p| p.schema_users(), users)).await.unwrap();
        let ties = repo.all(super::schemas::PostUser::query().order_by(|t| t.id)).await.unwrap();
        assert_eq!(ties.len(), 2);
        assert_eq!(ties[0].user_id, own.id);
        assert!(ties.iter().all(|tie| tie.id > 0 && tie.inserted_at != Default::default()));
    }

    async fn assoc_022_rows_go_before_others_come(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes { permalink: Some(link("same")).into(), ..Deletes::default() }).await.unwrap();
        let cast = Changeset::of(post)
            .cast(&json!({"permalink": {"url": "same", "title": "fresh"}}), |p| p.title)
            .cast_assoc(|p| p.permalink(), |params, _| params.cast(|l| (l.url, l.title)));
        let post = repo.update(cast).await.unwrap();
        assert_eq!(post.permalink.get().unwrap().unwrap().title.as_deref(), Some("fresh"));
        assert_eq!(repo.count(Link::query()).await.unwrap(), 1);
    }

    async fn assoc_024_a_belongs_to_row_is_updated_or_parted_from(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let permalink = repo.insert(Link { post: Some(Post::titled("hello")).into(), ..link("u") }).await.unwrap();
        let post = permalink.post.get().unwrap().unwrap().clone();
        let cast = Changeset::of(permalink)
            .cast(&json!({"post": {"title": "new"}}), |p| p.title)
            .cast_assoc(|p| p.post(), |params, _| params.cast(|p| p.title));
        let permalink = repo.update(cast).await.unwrap();
        let stored = repo.only(Post::query()).await.unwrap();
        assert_eq!((stored.id, stored.title.as_deref()), (post.id, Some("new")));
        let permalink = repo.update(Changeset::of(permalink).put_assoc(|p| p.post(), None::<Post>)).await.unwrap();
        assert_eq!((permalink.post_id, permalink.post.get().unwrap()), (None, None));
        assert_eq!(repo.find::<Link>(permalink.id).await.unwrap().post_id, None);
    }
}

on_every_store! {
    async fn assoc_027_empty_associations_are_cast(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let permalink = Changeset::<Permalink>::new()
            .cast(&json!({"post": null}), |p| p.url)
            .cast_assoc(|p| p.post(), |params, _| params.cast(|p| p.title));
        assert_eq!(repo.insert(permalink).await.unwrap().post.get().unwrap(), None);
        let post = Changeset::<Post>::new()
            .cast(&json!({"comments": []}), |p| p.title)
            .cast_assoc(|p| p.comments(), |params, _| params.cast(|c| c.text));
        assert!(repo.insert(post).await.unwrap().comments.get().unwrap().is_empty());
    }

    async fn assoc_028_empty_associations_are_put(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let permalink = Changeset::<Permalink>::new().put_assoc(|p| p.post(), None::<Post>);
        assert_eq!(repo.insert(permalink).await.unwrap().post.get().unwrap(), None);
        let post = Changeset::<Post>::new().put_assoc(|p| p.comments(), Vec::<Comment>::new());
        assert!(repo.insert(post).await.unwrap().comments.get().unwrap().is_empty());
    }
}

on_every_store_but_clusters! {
    async fn assoc_030_a_delete_takes_has_many_rows_along(store: Store) {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "posts")]
        struct Parent {
            id: i64,
            #[schema(foreign_key = post_id, on_delete = delete_all)]
            comments: HasMany<Remark>,
        }
        store.create(TABLES).await;
        let repo = &store.repo;
        let parent = repo.insert(Parent { comments: vec![remark("a"), remark("b")].into(), ..Parent::default() }).await.unwrap();
        repo.insert(remark("stays")).await.unwrap();
        let (_, statements) = repo.capture(async |repo| repo.delete(parent).await).await.unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(repo.only(Remark::query()).await.unwrap().text.as_deref(), Some("stays"));
    }

    async fn assoc_031_a_delete_parts_has_many_rows_from_it(store: Store) {
        #[derive(Debug, Clone, Default, PartialEq, Schema)]
        #[schema(table = "users")]
        struct Author {
            id: i64,
            inserted_at: chrono::DateTime<chrono::Utc>,
            updated_at: chrono::DateTime<chrono::Utc>,
            #[schema(foreign_key = author_id, on_delete = nilify_all)]
            comments: HasMany<Comment>,
        }
        store.create(TABLES).await;
        let repo = &store.repo;
        let author = Author { comments: vec![Comment::default(), Comment::default()].into(), ..Author::default() };
        let author = repo.insert(author).await.unwrap();
        let (_, statements) = repo.capture(async |repo| repo.delete(author).await).await.unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(repo.all(Comment::query().select(|c| c.author_id)).await.unwrap(), [None, None]);
    }

    async fn repo_028_an_error_of_a_row_stands_under_its_association_and_nothing_is_kept(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let params = json!({
            "name": "u",
            "comments": [{"text": "c"}],
            "permalink": {"url": "u"},
            "posts": [
                {"title": "a", "uuid": "00000000-0000-0000-0000-000000000001"},
                {"title": "b", "uuid": "00000000-0000-0000-0000-000000000001"},
                {"title": "c"},
            ],
        });
        let changeset = Changeset::<User>::new()
            .cast(&params, |u| u.name)
            .cast_assoc(|u| u.comments(), |params, _| params.cast(|c| c.text))
            .cast_assoc(|u| u.permalink(), |params, _| params.cast(|p| p.url))
            .cast_assoc(|u| u.posts(), |params, _| params.cast(|p| (p.title, p.uuid)).unique_constraint(|p| p.uuid));
        let error = repo.insert(changeset).await.unwrap_err();
        assert_eq!(messages(&error), json!({"posts": [{}, {"uuid": ["has already been taken"]}, {}]}));
        for count in [
            repo.count(User::query()).await.unwrap(),
            repo.count(Comment::query()).await.unwrap(),
            repo.count(Post::query()).await.unwrap(),
        ] {
            assert_eq!(count, 0);
        }
        // The changeset that comes back has its errors; what is mended is cast anew.
        let Error::Invalid(invalid) = error else { unreachable!() };
        let changeset = invalid.into_inner().into_changeset::<User>().unwrap();
        let mut params = params.clone();
        params["posts"][1]["uuid"] = json!(null);
        let mended = Changeset::<User>::new()
            .cast(&params, |u| u.name)
            .cast_assoc(|u| u.posts(), |params, _| params.cast(|p| (p.title, p.uuid)));
        assert!(!changeset.is_valid());
        assert_eq!(repo.insert(mended).await.unwrap().posts.get().unwrap().len(), 3);
    }
}

on_sql_stores! {
    async fn repo_030_a_row_is_put_into_a_unique_association_only_once(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let user = repo.insert(User::named("a")).await.unwrap();
        let mut post = repo.insert(Tagged::default()).await.unwrap();
        repo.preload(&mut post, |p| p.unique_users()).await.unwrap();
        let changeset = Changeset::of(post).put_assoc(|p| p.unique_users(), vec![user.clone(), user]);
        let error = repo.update(changeset).await.unwrap_err();
        assert_eq!(messages(&error), json!({"unique_users": [{}, {"id": ["has already been taken"]}]}));
    }

    async fn repo_031_a_constraint_of_the_join_table_is_an_error_of_the_row(store: Store) {
        store.create(TABLES).await;
        store.create("create unique index posts_users_unique on posts_users_pk (post_id, user_id);").await;
        let repo = &store.repo;
        let user = repo.insert(User::named("a")).await.unwrap();
        let mut post = repo.insert(Tagged::default()).await.unwrap();
        repo.preload(&mut post, |p| p.schema_users()).await.unwrap();
        let changeset = Changeset::of(post)
            .put_assoc(|p| p.schema_users(), vec![user.clone(), user])
            .unique_constraint(|p| p.id)
            .with_name_prefix("posts_users")
            .with_error_on("user")
            .with_message("has already been assigned");
        let error = repo.update(changeset).await.unwrap_err();
        assert_eq!(messages(&error), json!({"schema_users": [{}, {"user": ["has already been assigned"]}]}));
    }

    async fn repo_032_a_constraint_of_the_join_table_between_two_writes(store: Store) {
        store.create(TABLES).await;
        store.create("create unique index posts_users_unique on posts_users_pk (post_id, user_id);").await;
        let repo = &store.repo;
        let user = repo.insert(User::named("a")).await.unwrap();
        let mut post = repo.insert(Tagged::default()).await.unwrap();
        repo.preload(&mut post, |p| p.schema_users()).await.unwrap();
        let changeset = || {
            Changeset::of(post.clone())
                .put_assoc(|p| p.schema_users(), vec![user.clone()])
                .unique_constraint(|p| p.id)
                .with_name_prefix("posts_users")
                .with_error_on("user")
                .with_message("has already been assigned")
        };
        repo.update(changeset()).await.unwrap();
        let error = repo.update(changeset()).await.unwrap_err();
        assert_eq!(messages(&error), json!({"schema_users": [{"user": ["has already been assigned"]}]}));
    }
}

on_every_store_but_clusters! {
    async fn what_is_left_out_is_refused_where_nothing_is_said_of_it(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Raises { comments: vec![remark("a")].into(), ..Raises::default() }).await.unwrap();
        let error = repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap_err();
        assert!(error.to_string().contains("write #[schema(on_replace = delete)] on the field"), "{error}");
        let post = repo.insert(Marks { comments: vec![remark("a")].into(), ..Marks::default() }).await.unwrap();
        let error = repo.update(Changeset::of(post).put_assoc(|p| p.comments(), Vec::<Remark>::new())).await.unwrap_err();
        assert_eq!(messages(&error), json!({"comments": ["is invalid"]}));
    }

    async fn an_association_that_is_not_loaded_whole_is_not_replaced(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let inserted = repo.insert(Deletes { comments: vec![remark("a"), remark("b")].into(), ..Deletes::default() }).await.unwrap();
        let unloaded = repo.find::<Deletes>(inserted.id).await.unwrap();
        let error = repo.update(Changeset::of(unloaded.clone()).put_assoc(|p| p.comments(), remark("c"))).await.unwrap_err();
        assert!(error.to_string().starts_with("Deletes.comments is not loaded"), "{error}");
        let mut partial = unloaded;
        repo.preload(&mut partial, |p| p.comments().limit(1)).await.unwrap();
        let error = repo.update(Changeset::of(partial).put_assoc(|p| p.comments(), remark("c"))).await.unwrap_err();
        assert!(error.to_string().starts_with("Deletes.comments was loaded in part"), "{error}");
        assert_eq!(repo.count(Remark::query()).await.unwrap(), 2);
    }

    async fn cast_rows_are_matched_by_key_sorted_and_dropped(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let post = repo.insert(Deletes { comments: vec![remark("a"), remark("b")].into(), ..Deletes::default() }).await.unwrap();
        let first = post.comments.get().unwrap()[0].id;
        let params = json!({
            "comments": {"0": {"id": first.to_string(), "text": "a2"}, "1": {"text": "dropped"}, "2": {"text": "new"}},
            "comments_drop": ["1"],
            "comments_sort": ["2", "0"],
        });
        let options = peristyle::changeset::CastOptions::new().sort("comments_sort").drop("comments_drop");
        let changeset = Changeset::of(post)
            .cast(&params, |p| p.title)
            .cast_assoc_with(|p| p.comments(), options, |params, _| params.cast(|c| c.text));
        let post = repo.update(changeset).await.unwrap();
        let texts: Vec<_> = post.comments.get().unwrap().iter().map(|c| c.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["new", "a2"]);
        assert_eq!(repo.count(Remark::query()).await.unwrap(), 2);
        assert!(repo.get::<Remark>(first).await.unwrap().is_some());
    }
}

on_sql_stores! {
    async fn repo_034_an_association_to_no_row_is_an_error_under_its_name(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let error = repo.insert(Comment { post_id: Some(0), ..Comment::default() }).await.unwrap_err();
        let Error::Constraint(constraint) = &error else { panic!("{error}") };
        assert_eq!(constraint.name, "comments_post_id_fkey");
        let changeset = Changeset::build(Comment { post_id: Some(0), ..Comment::default() }).assoc_constraint(|c| c.post());
        let error = repo.insert(changeset).await.unwrap_err();
        assert_eq!(messages(&error), json!({"post": ["does not exist"]}));
        let errors = error.invalid().unwrap().errors().clone();
        let field = errors.on("post").next().unwrap();
        assert_eq!((field.constraint(), field.metadata()["constraint_name"].as_str()), (Some("assoc"), Some("comments_post_id_fkey")));
    }
}

#[test]
fn applying_puts_the_rows_in_place_without_a_store() {
    let changeset = Changeset::<Post>::new()
        .cast(&json!({"title": "a", "comments": [{"text": "one"}, {"text": "two"}]}), |p| p.title)
        .cast_assoc(
            |p| p.comments(),
            |params, index| params.cast(|c| c.text).change(|c| c.lock_version.set(index as i32)),
        );
    assert_eq!(changeset.changed(), ["title", "comments"]);
    assert_eq!(changeset.get_assoc(|p| p.comments()).unwrap().len(), 2);
    let post = changeset.apply().unwrap();
    let comments = post.comments.get().unwrap();
    assert_eq!(comments[1].text.as_deref(), Some("two"));
    assert_eq!(comments[1].lock_version, Some(1));
}

#[test]
fn nested_params_that_are_no_rows_are_invalid() {
    for bad in [json!("x"), json!([1]), json!({"a": {}}), json!(7)] {
        let changeset = Changeset::<Post>::new()
            .cast(&json!({"comments": bad}), |p| p.title)
            .cast_assoc(|p| p.comments(), |params, _| params.cast(|c| c.text));
        assert_eq!(serde_json::to_value(changeset.errors()).unwrap(), json!({"comments": ["is invalid"]}), "{bad}");
    }
}

#[test]
fn the_number_of_rows_is_validated() {
    let cast = |comments: serde_json::Value| {
        Changeset::<Post>::new()
            .cast(&json!({"comments": comments}), |p| p.title)
            .cast_assoc(|p| p.comments(), |params, _| params.cast(|c| c.text))
            .validate_assoc_length(|p| p.comments(), 2..=3)
    };
    assert!(cast(json!([{}, {}])).is_valid());
    let few = cast(json!([{}])).errors();
    let error = few.on("comments").next().unwrap();
    assert_eq!(error.to_string(), "should have at least 2 item(s)");
    assert_eq!((error.validation(), error.metadata()["type"].as_str()), (Some("length"), Some("list")));
    assert_eq!(cast(json!([{}, {}, {}, {}])).errors().to_string(), "comments should have at most 3 item(s)");
    let unchanged = Changeset::<Post>::new().validate_assoc_length(|p| p.comments(), 2..);
    assert!(unchanged.is_valid());
}
