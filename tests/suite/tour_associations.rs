//! The public API by example: associations, preloads and nested selections.

use super::*;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Org {
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
pub struct User {
    pub id: i64,
    pub email: String,
    #[schema(index)]
    pub name: Option<String>,
    #[schema(index)]
    pub age: Option<i32>,
    #[schema(index)]
    pub org_id: Option<i64>,
    #[schema(index)]
    pub manager_id: Option<i64>,

    pub org: BelongsTo<Option<Org>>,
    pub manager: BelongsTo<Option<User>>,
    #[schema(foreign_key = author_id)]
    pub posts: HasMany<Post>,
    pub profile: HasOne<Profile>,
    #[schema(through = [posts, comments])]
    pub comments: HasMany<Comment>,
    #[schema(join_table = "users_tags")]
    pub tags: ManyToMany<Tag>,
    #[schema(through = [posts, kept_comments], filter = |c| c.text.ne("oh"))]
    pub answers: HasMany<Comment>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Post {
    pub id: i64,
    #[schema(index)]
    pub title: String,
    #[schema(index)]
    pub published: bool,
    #[schema(index)]
    pub author_id: i64,

    pub author: BelongsTo<User>,
    pub comments: HasMany<Comment>,
    #[schema(foreign_key = post_id, filter = |c| c.text.ne("hm"))]
    pub kept_comments: HasMany<Comment>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Comment {
    pub id: i64,
    #[schema(index)]
    pub text: String,
    #[schema(index)]
    pub post_id: i64,
    #[schema(index)]
    pub author_id: i64,

    pub post: BelongsTo<Post>,
    pub author: BelongsTo<User>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Profile {
    pub id: i64,
    pub bio: String,
    #[schema(index)]
    pub user_id: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
pub struct Tag {
    pub id: i64,
    pub name: String,
}

#[derive(Debug, PartialEq, Projection)]
struct AuthorStats {
    name: Option<String>,
    posts: i64,
    titles: Vec<String>,
}

impl<S: 'static, N: Nullability> UserColumns<S, N> {
    pub fn is_writer(&self) -> Condition<S> {
        self.posts().any(|p| p.published).into()
    }
}

pub const TABLES: &str = "
    create table orgs ({id}, name {text} not null);
    create table users ({id}, email {text} not null, name {text}, age {i32}, org_id {i64}, manager_id {i64});
    create table posts ({id}, title {text} not null, published {bool} not null, author_id {i64} not null);
    create table comments ({id}, text {text} not null, post_id {i64} not null, author_id {i64} not null);
    create table profiles ({id}, bio {text} not null, user_id {i64} not null);
    create table tags ({id}, name {text} not null);
    create table users_tags (user_id {i64} not null, tag_id {i64} not null);
    insert into orgs (name) values ('ACME');
    insert into users (email, name, age, org_id, manager_id) values
        ('ann@x', 'Ann', 41, 1, null), ('bob@x', 'Bob', 17, 1, 1), ('cleo@x', null, 30, null, 1);
    insert into posts (title, published, author_id) values
        ('one', true, 1), ('two', true, 1), ('three', false, 1), ('four', true, 1), ('five', true, 1), ('six', false, 2);
    insert into comments (text, post_id, author_id) values ('hm', 1, 2), ('ah', 1, 3), ('oh', 2, 1), ('eh', 6, 1);
    insert into profiles (bio, user_id) values ('writes', 1);
    insert into tags (name) values ('rust'), ('sql');
    insert into users_tags (user_id, tag_id) values (1, 1), (1, 2), (2, 1);
";

/// Makes the tables and their rows. Redis has them but for `users_tags`, which no schema describes.
pub async fn fill(store: &Store) {
    store.create(TABLES).await;
    if !store.is_redis() {
        return;
    }
    let repo = &store.repo;
    repo.insert(Org { name: "ACME".into(), ..Org::default() }).await.unwrap();
    for (email, name, age, org_id, manager_id) in [
        ("ann@x", Some("Ann"), 41, Some(1), None),
        ("bob@x", Some("Bob"), 17, Some(1), Some(1)),
        ("cleo@x", None, 30, None, Some(1)),
    ] {
        let name = name.map(str::to_owned);
        let user = User { email: email.into(), name, age: Some(age), org_id, manager_id, ..User::default() };
        repo.insert(user).await.unwrap();
    }
    let posts = [
        ("one", true, 1),
        ("two", true, 1),
        ("three", false, 1),
        ("four", true, 1),
        ("five", true, 1),
        ("six", false, 2),
    ];
    for (title, published, author_id) in posts {
        repo.insert(Post { title: title.into(), published, author_id, ..Post::default() }).await.unwrap();
    }
    for (text, post_id, author_id) in [("hm", 1, 2), ("ah", 1, 3), ("oh", 2, 1), ("eh", 6, 1)] {
        repo.insert(Comment { text: text.into(), post_id, author_id, ..Comment::default() }).await.unwrap();
    }
    repo.insert(Profile { bio: "writes".into(), user_id: 1, ..Profile::default() }).await.unwrap();
    for name in ["rust", "sql"] {
        repo.insert(Tag { name: name.into(), ..Tag::default() }).await.unwrap();
    }
}

on_every_store! {
    async fn what_is_not_loaded_says_which_preload_to_add(store: Store) {
        fill(&store).await;
        let user = store.repo.find::<User>(1).await.unwrap();
        assert!(!user.posts.is_loaded());
        let error = user.posts.get().unwrap_err();
        assert!(matches!(error, peristyle::Error::NotLoaded(_)));
        assert!(error.to_string().starts_with("User.posts is not loaded: add `.preload(|u| u.posts())`"), "{error}");
    }
}

on_sql_stores! {
    async fn conditions_follow_associations(store: Store) {
        fill(&store).await;
        let q = User::query()
            .filter(|u| u.age.gte(18) & u.posts().any(|p| p.published))
            .filter(|u| u.org().name.eq("ACME"))
            .order_by(|u| (u.name.asc().nulls_last(), u.id.desc()));
        let users = store.repo.all(&q).await.unwrap();
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [1]);
        assert_eq!(store.repo.count(&q).await.unwrap(), 1);
        assert_eq!(store.repo.all(User::query().filter(|u| u.is_writer())).await.unwrap().len(), 1);
        let joined = Post::query().join(|p| p.author()).filter(|(p, a)| a.name.eq("Bob") & !p.published);
        assert_eq!(store.repo.only(&joined).await.unwrap().title, "six");
        let rows = User::query().left_join(|u| u.posts()).filter(|(u, _)| u.id.gt(1)).select(|(u, p)| (u.id, p.title));
        let rows: Vec<(i64, Option<String>)> = store.repo.all(rows.order_by(|(u, _)| u.id)).await.unwrap();
        assert_eq!(rows, [(2, Some("six".to_owned())), (3, None)]);
    }

    async fn a_nested_list_takes_one_more_statement_for_all_rows(store: Store) {
        fill(&store).await;
        let q = User::query().order_by(|u| u.id).select(|u| AuthorStatsSelect {
            name: u.name,
            posts: u.posts().count(),
            titles: u.posts().filter(|p| p.published).order_by(|p| p.id).select(|p| p.title).collect(),
        });
        let (stats, statements) = store.repo.capture(async |repo| repo.all(&q).await).await.unwrap();
        assert_eq!(statements.len(), 2);
        let titles = ["one", "two", "four", "five"].map(str::to_owned).to_vec();
        assert_eq!(stats[0], AuthorStats { name: Some("Ann".to_owned()), posts: 5, titles });
        assert_eq!(stats[2], AuthorStats { name: None, posts: 0, titles: Vec::new() });
    }
}

on_every_store! {
    async fn four_preloads_are_four_more_statements(store: Store) {
        fill(&store).await;
        let q = User::query()
            .order_by(|u| u.id)
            .preload(|u| u.posts()
                .filter(|p| p.published).order_by(|p| p.id.desc()).limit(3)
                .preload(|p| p.comments().order_by(|c| c.id).preload(|c| c.author())))
            .preload(|u| u.org());
        let (users, statements) = store.repo.capture(async |repo| repo.all(&q).await).await.unwrap();
        assert_eq!(statements.len(), 5);
        let titles: Vec<&str> = users[0].posts.get().unwrap().iter().map(|post| post.title.as_str()).collect();
        assert_eq!(titles, ["five", "four", "two"]);
        assert!(!users[0].posts.is_complete());
        let two = &users[0].posts.get().unwrap()[2];
        assert_eq!(two.comments.get().unwrap()[0].author.get().unwrap().name.as_deref(), Some("Ann"));
        assert_eq!(users[0].org.get().unwrap().map(|org| org.name.as_str()), Some("ACME"));
        assert_eq!(users[2].org.get().unwrap(), None);
    }
}

on_sql_stores! {
    async fn rows_in_hand_are_preloaded_and_what_is_loaded_is_skipped(store: Store) {
        fill(&store).await;
        let mut users = store.repo.all(User::query().order_by(|u| u.id)).await.unwrap();
        store.repo.preload(&mut users, |u| u.tags()).await.unwrap();
        let counts: Vec<usize> = users.iter().map(|user| user.tags.get().unwrap().len()).collect();
        assert_eq!(counts, [2, 1, 0]);
        let again = async |repo: Repo| repo.preload(&mut users, |u| (u.tags(), u.profile(), u.comments())).await;
        let ((), statements) = store.repo.capture(again).await.unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(users[0].profile.get().unwrap().map(|profile| profile.bio.as_str()), Some("writes"));
        assert_eq!(users[0].comments.get().unwrap().len(), 3);
    }

    async fn joins_preload_in_the_same_statement(store: Store) {
        fill(&store).await;
        let q = Post::query().order_by(|p| p.id).join_preload(|p| p.author());
        let (posts, statements) = store.repo.capture(async |repo| repo.all(&q).await).await.unwrap();
        assert_eq!((posts.len(), statements.len()), (6, 1));
        assert_eq!(posts[5].author.get().unwrap().name.as_deref(), Some("Bob"));
        let q = User::query()
            .left_join(|u| u.posts())
            .filter(|(_, p)| p.published)
            .preload_from(|(u, p)| (u.posts(), p));
        let users = store.repo.all(q).await.unwrap();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].posts.get().unwrap().len(), 4);
        assert!(!users[0].posts.is_complete());
    }
}
