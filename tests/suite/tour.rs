//! The public API by example: schemas, connecting, queries, and SQL that can be read.

use super::*;
use chrono::{DateTime, Utc};
use peristyle::prelude::*;
use peristyle::repo::Repo;
use peristyle::row::{AnyRow, table};
use rust_decimal::Decimal;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, DbEnum)]
enum Role {
    #[default]
    Member,
    Admin,
}

#[derive(Debug, Clone, Default, PartialEq, Embedded)]
struct Settings {
    theme: String,
    notify: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
pub struct User {
    pub id: i64,
    #[schema(unique, size = 160)]
    pub email: String,
    #[schema(index)]
    pub name: Option<String>,
    #[schema(index)]
    pub age: Option<i32>,
    #[schema(default = "Role::Member")]
    role: Role,
    #[schema(embed)]
    settings: Settings,
    #[schema(column = "pw_hash", redact)]
    pub password_hash: String,
    #[schema(virtual)]
    pub password: Option<String>,
    #[schema(index)]
    pub org_id: Option<i64>,
    pub manager_id: Option<i64>,
    pub inserted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Post {
    id: i64,
    #[schema(index)]
    title: String,
    #[schema(index)]
    published: bool,
    #[schema(index)]
    author_id: i64,
}

#[derive(Debug, PartialEq, Projection)]
struct AuthorStats {
    name: Option<String>,
    posts: i64,
}

#[derive(Debug, PartialEq, Projection)]
struct TopAuthor {
    author_id: i64,
    posts: i64,
}

#[derive(Debug, PartialEq, Projection)]
struct Titled {
    email: String,
    title: Option<String>,
}

const TABLES: &str = "
    create table users (
        {id}, email {text} not null, name {text}, age {i32}, role {text} not null, settings {json} not null, pw_hash {text} not null,
        org_id {i64}, manager_id {i64}, inserted_at {timestamp} not null, updated_at {timestamp} not null
    );
    create unique index users_email_index on users (email);
    create table posts ({id}, title {text} not null, published {bool} not null, author_id {i64} not null);
";

async fn people(store: &Store) -> Vec<User> {
    store.create(TABLES).await;
    let mut users = Vec::new();
    for (email, name, age) in [
        ("ann@example.com", Some("Ann"), Some(41)),
        ("bob@example.com", Some("Bob"), Some(17)),
        ("cleo@example.com", None, None),
        ("dan@example.com", Some("Dan"), Some(30)),
    ] {
        let user = User { email: email.into(), name: name.map(Into::into), age, ..Default::default() };
        users.push(store.repo.insert(user).await.unwrap());
    }
    users
}

fn published(q: Query<Post>) -> Query<Post> {
    q.filter(|p| p.published)
}

impl<S: 'static, N: Nullability> UserColumns<S, N> {
    pub fn is_adult(&self) -> Condition<S> {
        self.age.gte(18).into()
    }
}

#[test]
fn a_query_says_its_sql_without_a_database() {
    let q = User::query().filter(|u| u.age.gte(18)).select(|u| (u.id, u.email));
    insta::assert_snapshot!(q.to_sql(Dialect::Postgres).unwrap(), @r#"
    SELECT "u0"."id", "u0"."email"
    FROM "users" AS "u0"
    WHERE "u0"."age" >= $1
    -- [18]
    "#);
}

#[test]
fn metadata_says_what_the_attributes_said() {
    let meta = User::META;
    assert_eq!((meta.name, meta.table, meta.primary_key), ("User", "users", &[0usize][..]));
    assert_eq!(
        meta.indexes.iter().map(|index| (index.name, index.unique)).collect::<Vec<_>>(),
        [
            ("users_email_index", true),
            ("users_name_index", false),
            ("users_age_index", false),
            ("users_org_id_index", false)
        ]
    );
    let hash = meta.field("password_hash").unwrap();
    assert_eq!((hash.column, hash.redact), ("pw_hash", true));
    assert!(meta.field("password").unwrap().is_virtual);
    assert_eq!(meta.field("email").unwrap().size, Some(160));
    assert_eq!(Post::META.table, "posts");
}

on_sql_stores! {
    async fn the_ways_to_run_a_query(store: Store) {
        let users = people(&store).await;
        let repo: &Repo = &store.repo;
        let q = User::query()
            .filter(|u| u.age.gte(18) & !u.email.like("%@spam.example"))
            .order_by(|u| (u.name.asc().nulls_last(), u.id.desc()))
            .limit(20)
            .offset(0);
        let all: Vec<User> = repo.all(&q).await.unwrap();
        assert_eq!(all, [users[0].clone(), users[3].clone()]);
        let one: Option<User> = repo.one(User::query().filter(|u| u.email.eq("bob@example.com"))).await.unwrap();
        assert_eq!(one.as_ref(), Some(&users[1]));
        let two = repo.one(&q).await.unwrap_err();
        assert!(matches!(two, peristyle::Error::MultipleRows(_)), "{two}");
        let user: Option<User> = repo.get::<User>(users[0].id).await.unwrap();
        assert_eq!(user.as_ref(), Some(&users[0]));
        assert_eq!(repo.get::<User>(-1).await.unwrap(), None);
        let user: User = repo.find::<User>(users[2].id).await.unwrap();
        assert_eq!(user, users[2]);
        let missing = repo.find::<User>(-1).await.unwrap_err();
        assert!(missing.is_not_found() && missing.to_string().contains("no User found (id = -1)"), "{missing}");
        let user: Option<User> = repo.get_by::<User>(|u| u.email.eq("dan@example.com")).await.unwrap();
        assert_eq!(user.as_ref(), Some(&users[3]));
        assert_eq!(repo.all_by::<User>(|u| u.age.is_null()).await.unwrap(), [users[2].clone()]);
        let user: User = repo.only(q.clone().first()).await.unwrap();
        assert_eq!(user, users[0]);
        let n: u64 = repo.count(&q).await.unwrap();
        assert_eq!(n, 2);
        let yes: bool = repo.exists(&q).await.unwrap();
        assert!(yes);
        let avg: Option<f64> = repo.aggregate(&q, |u| u.age.avg()).await.unwrap();
        assert_eq!(avg, Some(35.5));
        let mut rows: Rows<User> = repo.stream(&q);
        assert_eq!(rows.next().await.unwrap().unwrap(), users[0]);
        assert_eq!(rows.next().await.unwrap().unwrap(), users[3]);
        assert!(rows.next().await.is_none());
        assert_eq!(repo.reload(&users[0]).await.unwrap().as_ref(), Some(&users[0]));
        let again = repo.reload(&vec![users[1].clone(), User { id: -1, ..Default::default() }, users[0].clone()]).await.unwrap();
        assert_eq!(again, [Some(users[1].clone()), None, Some(users[0].clone())]);
    }
}

on_every_store! {
    async fn composition_is_plain_functions_and_methods(store: Store) {
        let users = people(&store).await;
        let repo = &store.repo;
        repo.insert(Post { title: "a".into(), published: true, author_id: users[0].id, ..Default::default() }).await.unwrap();
        repo.insert(Post { title: "b".into(), author_id: users[0].id, ..Default::default() }).await.unwrap();
        assert_eq!(repo.count(published(Post::query())).await.unwrap(), 1);
        assert_eq!(repo.count(User::query().filter(|u| u.is_adult())).await.unwrap(), 2);
        let conditions = vec![
            Condition::<User>::on(|u| u.age.gt(1)),
            Condition::<User>::on(|u| u.name.starts_with("A")),
            Condition::<User>::on(|u| u.is_adult()),
        ];
        let all = Condition::all(conditions.clone());
        assert_eq!(repo.count(User::query().filter(|_| all)).await.unwrap(), 1);
        assert_eq!(repo.count(User::query().filter(|_| Condition::any(conditions))).await.unwrap(), 3);
        assert_eq!(repo.count(User::query().filter(|_| Condition::all([]))).await.unwrap(), 4);
        assert_eq!(repo.count(User::query().filter(|_| Condition::any([]))).await.unwrap(), 0);
        let named = |name: Option<&str>| {
            let mut q = User::query();
            if let Some(name) = name {
                q = q.filter(|u| u.name.eq(name));
            }
            q
        };
        assert_eq!(repo.count(named(Some("Ann"))).await.unwrap(), 1);
        assert_eq!(repo.count(named(None)).await.unwrap(), 4);
        let optional = User::query().filter_opt(Some(18), |u, age| u.age.lt(age)).filter_opt(None::<i32>, |u, age| u.age.gt(age));
        assert_eq!(repo.count(optional).await.unwrap(), 1);
    }
}

on_sql_stores! {
    async fn the_output_type_follows_from_the_selection(store: Store) {
        let users = people(&store).await;
        let repo = &store.repo;
        let v: Vec<(i64, Option<String>)> = repo.all(User::query().order_by(|u| u.id).select(|u| (u.id, u.name))).await.unwrap();
        assert_eq!(v[2], (users[2].id, None));
        repo.insert(Post { title: "a".into(), published: true, author_id: users[0].id, ..Default::default() }).await.unwrap();
        let stats: Vec<AuthorStats> = repo
            .all(
                User::query()
                    .left_join_on::<Post>(|(u, p)| p.author_id.eq(u.id))
                    .group_by(|(u, _)| (u.id, u.name))
                    .order_by(|(u, _)| u.id)
                    .select(|(u, p)| AuthorStatsSelect { name: u.name, posts: p.id.count() }),
            )
            .await
            .unwrap();
        assert_eq!(stats[0], AuthorStats { name: Some("Ann".into()), posts: 1 });
        assert_eq!(stats[2], AuthorStats { name: None, posts: 0 });
        let pairs: Vec<(i64, Option<String>, Option<Post>)> = repo
            .all(
                User::query()
                    .left_join_on::<Post>(|(u, p)| p.author_id.eq(u.id))
                    .order_by(|(u, _)| u.id)
                    .limit(2)
                    .select(|(u, p)| (u.id, p.title, p)),
            )
            .await
            .unwrap();
        assert_eq!(pairs[0].1.as_deref(), Some("a"));
        assert_eq!(pairs[0].2.as_ref().unwrap().author_id, users[0].id);
        assert_eq!((&pairs[1].1, &pairs[1].2), (&None, &None));
    }

    async fn joins_bring_a_binding_and_keep_the_root_as_output(store: Store) {
        let users = people(&store).await;
        let repo = &store.repo;
        let bob = users[1].clone();
        let boss = users[0].id;
        repo.update(bob.change(|u| u.manager_id.set(boss))).await.unwrap();
        let managed: Vec<User> = repo.all(User::query().join_on::<User>(|(u, m)| u.manager_id.eq(m.id))).await.unwrap();
        assert_eq!(managed.iter().map(|user| user.id).collect::<Vec<_>>(), [users[1].id]);
    }

    async fn a_query_of_a_projection_is_joined(store: Store) {
        let users = people(&store).await;
        let repo = &store.repo;
        for (author, title) in [(0, "a"), (1, "b"), (0, "c")] {
            repo.insert(Post { author_id: users[author].id, title: title.into(), ..Default::default() }).await.unwrap();
        }
        let top_authors = Post::query()
            .group_by(|p| p.author_id)
            .having(|p| p.id.count().gt(1))
            .select(|p| TopAuthorSelect { author_id: p.author_id, posts: p.id.count() });
        let joined = Post::query().join_query(top_authors, |(p, t)| p.author_id.eq(t.author_id));
        let of_top: Vec<Post> = repo.all(joined.clone().order_by(|(p, _)| p.id)).await.unwrap();
        assert_eq!(of_top.iter().map(|post| post.title.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        let tops = repo.all(joined.filter(|(p, _)| p.title.eq("a")).select(|(_, t)| t)).await.unwrap();
        assert_eq!(tops, [TopAuthor { author_id: users[0].id, posts: 2 }]);
    }

    async fn raw_sql_is_bound_and_typed(store: Store) {
        people(&store).await;
        let repo = &store.repo;
        let rows: Vec<(i64, String)> =
            repo.sql::<(i64, String)>("select id, email from users where age > {} and email <> {} order by id").bind((18, "x")).await.unwrap();
        assert_eq!(rows.iter().map(|(_, email)| email.as_str()).collect::<Vec<_>>(), ["ann@example.com", "dan@example.com"]);
        let brace: Option<(String,)> = repo.sql::<(String,)>("select '{{' || {}").bind("'; drop table users; --").one().await.unwrap();
        assert_eq!(brace.unwrap().0, "{'; drop table users; --");
        let changed = repo.sql::<()>("update users set age = {} where age is null").bind(50).execute().await.unwrap();
        assert_eq!(changed, 1);
        let error = repo.sql::<(i64,)>("select {}").await.unwrap_err();
        assert!(matches!(error, peristyle::Error::Query(_)), "{error}");
        let name_length = User::query().filter(|u| sql::<bool>("length({}) > {}").bind((u.name, 2))).select(|u| u.name);
        assert_eq!(repo.count(name_length).await.unwrap(), 3);
    }

    async fn capture_gives_what_a_block_ran(store: Store) {
        people(&store).await;
        let q = User::query().filter(|u| u.age.gte(18));
        let (users, statements) = store.repo.capture(async |repo| repo.all(&q).await).await.unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(statements, [q.to_sql(store.dialect).unwrap()]);
    }
}

on_every_store! {
    async fn numbers_add_up_exactly(store: Store) {
        people(&store).await;
        let repo = &store.repo;
        let q = User::query();
        assert_eq!(repo.aggregate(&q, |u| u.age.sum()).await.unwrap(), Some(88i64));
        let total: Option<Decimal> = repo.aggregate(&q, |u| u.id.sum()).await.unwrap();
        assert_eq!(total, Some(Decimal::from(10)));
        assert_eq!(repo.aggregate(&q, |u| (u.age.min(), u.age.max(), u.age.count())).await.unwrap(), (Some(17), Some(41), 3));
    }
}

on_sql_stores! {
    async fn sql_020_a_raw_result_prints_as_a_table(store: Store) {
        people(&store).await;
        let rows: Vec<AnyRow> =
            store.repo.sql("select name, age from users where age < {} or age is null order by id").bind(18).await.unwrap();
        let lines = "\
+------+------+
| name | age  |
+------+------+
| Bob  |   17 |
| NULL | NULL |
+------+------+
";
        assert_eq!(table(&rows), lines);
        assert_eq!(table(&[]), "");
    }

    async fn one_projection_serves_an_inner_and_a_left_join(store: Store) {
        let users = people(&store).await;
        let repo = &store.repo;
        repo.insert(Post { title: "a".into(), published: true, author_id: users[0].id, ..Default::default() }).await.unwrap();
        let inner = User::query()
            .join_on::<Post>(|(u, p)| p.author_id.eq(u.id))
            .select(|(u, p)| TitledSelect { email: u.email, title: p.title.nullable() });
        let left = User::query()
            .left_join_on::<Post>(|(u, p)| p.author_id.eq(u.id))
            .order_by(|(u, _)| u.id)
            .select(|(u, p)| TitledSelect { email: u.email, title: p.title });
        let ann = Titled { email: "ann@example.com".into(), title: Some("a".into()) };
        assert_eq!(repo.all(inner).await.unwrap(), [ann]);
        assert_eq!(repo.all(left).await.unwrap()[1], Titled { email: "bob@example.com".into(), title: None });
    }
}
