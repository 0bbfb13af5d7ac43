//! The schemas that most cases use, after those of Ecto's own integration tests, and the tables behind them.
//!
//! [`TABLES`] makes all the tables, for [`Store::create`](crate::Store::create).

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use peristyle::error::DecodeError;
use peristyle::prelude::*;
use peristyle::value::{DataType, Value};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

/// The tables of every schema here, in an order in which foreign keys find their targets.
pub const TABLES: &str = "
    create table customs (bid {uuid} primary key, uuid {uuid});
    create unique index customs_uuid_index on customs (uuid);
    create table users ({id}, name {text}, custom_id {uuid}, inserted_at {timestamp}, updated_at {timestamp});
    create table posts (
        {id}, title varchar(100), counter {i32}, blob {bytes}, public {bool} default true, cost {decimal}, visits {i32},
        wrapped_visits {i32}, intensity {f64}, bid {uuid}, uuid {uuid}, meta {json}, links {json}, intensities {json},
        posted {date}, author_id {i64}, read_only {text}, inserted_at {datetime}, updated_at {datetime}
    );
    create unique index posts_uuid_index on posts (uuid);
    create table comments (
        {id}, text varchar(100), lock_version {i32} default 1,
        post_id {i64} references posts (id), author_id {i64} references users (id)
    );
    create table permalinks (
        {id}, uniform_resource_locator {text}, title {text},
        post_id {i64} references posts (id), user_id {i64} references users (id)
    );
    create table posts_users (post_id {i64} references posts (id), user_id {i64} references users (id));
    create table posts_users_pk (
        {id}, post_id {i64} not null references posts (id), user_id {i64} not null references users (id),
        inserted_at {datetime} not null, updated_at {datetime} not null
    );
    create unique index permalinks_post_id_index on permalinks (post_id);
    create unique index permalinks_uniform_resource_locator_index on permalinks (uniform_resource_locator);
    create table barebones (num {i32});
    create table composite_pk (a {i32} not null, b {i32} not null, name {text}, primary key (a, b));
    create table corrupted_pk (a {i32});
    create table tags ({id}, ints {list i32}, uuids {list uuid}, items {json});
    create table orders ({id}, label {text}, meta {json}, item {json}, items {json}, permalink_id {i64} references permalinks (id));
    create table usecs ({id}, naive_datetime_usec {datetime}, utc_datetime_usec {timestamp});
    create table durations ({id}, dur {interval}, dur_with_default {interval} default 'P10M');
    create table lock_counters ({id}, count {i32});
";

/// A post: one field of most types.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
#[allow(missing_docs)]
pub struct Post {
    pub id: i64,
    #[schema(index, size = 100)]
    pub title: Option<String>,
    #[schema(index)]
    pub counter: Option<i32>,
    #[schema(index)]
    pub blob: Option<Vec<u8>>,
    #[schema(virtual)]
    pub temp: Option<String>,
    #[schema(index, default = true)]
    pub public: Option<bool>,
    #[schema(index)]
    pub cost: Option<Decimal>,
    #[schema(index)]
    pub visits: Option<i32>,
    #[schema(index)]
    pub wrapped_visits: Option<Wrapped>,
    #[schema(index)]
    pub intensity: Option<f64>,
    #[schema(index)]
    pub bid: Option<Uuid>,
    #[schema(unique)]
    pub uuid: Option<Uuid>,
    pub meta: Option<Json>,
    pub links: Option<Json>,
    pub intensities: Option<Json>,
    #[schema(index)]
    pub posted: Option<NaiveDate>,
    #[schema(index)]
    pub author_id: Option<i64>,
    #[schema(index)]
    pub inserted_at: NaiveDateTime,
    #[schema(index)]
    pub updated_at: NaiveDateTime,

    pub author: BelongsTo<Option<User>>,
    pub comments: HasMany<Comment>,
    #[schema(foreign_key = post_id, order = |c| c.text.asc())]
    pub ordered_comments: HasMany<Comment>,
    pub permalink: HasOne<Permalink>,
    #[schema(through = [comments, author])]
    pub comments_authors: HasMany<User>,
    #[schema(through = [comments_authors, permalink])]
    pub comments_authors_permalinks: HasMany<Permalink>,
    #[schema(join_table = "posts_users")]
    pub users: ManyToMany<User>,
    #[schema(join_table = "posts_users", order = |u| u.name.desc())]
    pub ordered_users: ManyToMany<User>,
    #[schema(through = [users, comments])]
    pub users_comments: HasMany<Comment>,
}

impl Post {
    /// A post of this title and no more.
    pub fn titled(title: &str) -> Post {
        Post { title: Some(title.to_owned()), ..Post::default() }
    }

    /// A post of this title that was visited this often.
    pub fn visited(title: &str, visits: i32) -> Post {
        Post { visits: Some(visits), ..Post::titled(title) }
    }
}

/// A newtype in an integer column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, DbType)]
pub struct Wrapped(pub i32);

/// A comment on a post. Its `lock_version` is the database's default, read back after writes.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "comments")]
#[allow(missing_docs)]
pub struct Comment {
    pub id: i64,
    #[schema(index, size = 100)]
    pub text: Option<String>,
    #[schema(generated, default = 1, index)]
    pub lock_version: Option<i32>,
    #[schema(index)]
    pub post_id: Option<i64>,
    #[schema(index)]
    pub author_id: Option<i64>,

    pub post: BelongsTo<Option<Post>>,
    pub author: BelongsTo<Option<User>>,
    #[schema(through = [post, permalink])]
    pub post_permalink: HasOne<Permalink>,
    #[schema(through = [author, permalink])]
    pub author_permalink: HasOne<Permalink>,
}

impl Comment {
    /// A comment of this text on a post.
    pub fn on(post: &Post, text: &str) -> Comment {
        Comment { post_id: Some(post.id), text: Some(text.to_owned()), ..Comment::default() }
    }

    /// The same, by an author.
    pub fn by(mut self, author: &User) -> Comment {
        self.author_id = Some(author.id);
        self
    }
}

/// A link to a post, whose `url` is in a column of another name.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "permalinks")]
#[allow(missing_docs)]
pub struct Permalink {
    pub id: i64,
    #[schema(column = "uniform_resource_locator", unique)]
    pub url: Option<String>,
    #[schema(index)]
    pub title: Option<String>,
    #[schema(virtual)]
    pub posted: Option<NaiveDate>,
    #[schema(unique)]
    pub post_id: Option<i64>,
    #[schema(index)]
    pub user_id: Option<i64>,

    pub post: BelongsTo<Option<Post>>,
    pub user: BelongsTo<Option<User>>,
    #[schema(through = [post, comments_authors])]
    pub post_comments_authors: HasMany<User>,
    #[schema(through = [user, posts])]
    pub user_posts: HasMany<Post>,
}

impl Permalink {
    /// A link of this URL and no more.
    pub fn to(url: &str) -> Permalink {
        Permalink { url: Some(url.to_owned()), ..Permalink::default() }
    }
}

/// A user, with timestamps in UTC.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
#[allow(missing_docs)]
pub struct User {
    pub id: i64,
    #[schema(index)]
    pub name: Option<String>,
    #[schema(index)]
    pub custom_id: Option<Uuid>,
    #[schema(index)]
    pub inserted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,

    #[schema(foreign_key = author_id)]
    pub comments: HasMany<Comment>,
    pub permalink: HasOne<Permalink>,
    #[schema(foreign_key = author_id)]
    pub posts: HasMany<Post>,
    pub custom: BelongsTo<Option<Custom>>,
    #[schema(join_schema = PostUser)]
    pub schema_posts: ManyToMany<Post>,
    #[schema(through = [posts, users, posts])]
    pub related_2nd_order_posts: HasMany<Post>,
    #[schema(through = [schema_posts, users])]
    pub users_through_schema_posts: HasMany<User>,
    #[schema(through = [comments, post, comments_authors])]
    pub co_commenters: HasMany<User>,
    #[schema(foreign_key = author_id, filter = |c| c.lock_version.eq(2))]
    pub v2_comments: HasMany<Comment>,
    #[schema(through = [v2_comments, post])]
    pub v2_comments_posts: HasMany<Post>,
}

/// A link between a post and a user, in a table with a key and times of its own.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts_users_pk")]
#[allow(missing_docs)]
pub struct PostUser {
    pub id: i64,
    #[schema(index)]
    pub post_id: i64,
    #[schema(index)]
    pub user_id: i64,
    pub inserted_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
}

/// A link between a post and a user, in a table without a key.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts_users")]
#[allow(missing_docs)]
pub struct PostUserLink {
    pub post_id: i64,
    pub user_id: i64,
}

impl User {
    /// A user of this name.
    pub fn named(name: &str) -> User {
        User { name: Some(name.to_owned()), ..User::default() }
    }
}

/// A row whose key is a UUID and not called `id`.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "customs")]
#[allow(missing_docs)]
pub struct Custom {
    #[schema(primary_key)]
    pub bid: Uuid,
    #[schema(unique)]
    pub uuid: Option<Uuid>,
}

/// A row without a primary key.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "barebones")]
#[allow(missing_docs)]
pub struct Barebone {
    pub num: Option<i32>,
}

/// A row with a key of two columns.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "composite_pk", primary_key(a, b))]
#[allow(missing_docs)]
pub struct CompositePk {
    pub a: i32,
    pub b: i32,
    #[schema(index)]
    pub name: Option<String>,
}

impl CompositePk {
    /// The row of this key.
    pub fn new(a: i32, b: i32, name: &str) -> CompositePk {
        CompositePk { a, b, name: Some(name.to_owned()) }
    }
}

/// A row whose key is not unique in the database.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "corrupted_pk")]
#[allow(missing_docs)]
pub struct CorruptedPk {
    #[schema(primary_key, natural)]
    pub a: i32,
}

/// A row of lists.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "tags")]
#[allow(missing_docs)]
pub struct Tag {
    pub id: i64,
    pub ints: Option<Vec<i32>>,
    pub uuids: Option<Vec<Uuid>>,
    #[schema(embed)]
    pub items: Option<Vec<Item>>,
}

/// A row of embedded structs.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "orders")]
#[allow(missing_docs)]
pub struct Order {
    pub id: i64,
    pub label: Option<String>,
    #[schema(column = "meta")]
    pub metadata: Option<Json>,
    #[schema(embed)]
    pub item: Option<Item>,
    #[schema(embed)]
    pub items: Option<Vec<Item>>,
    pub permalink_id: Option<i64>,
}

/// An embedded struct, with more of them inside.
#[derive(Debug, Clone, Default, PartialEq, Embedded)]
#[allow(missing_docs)]
pub struct Item {
    pub reference: Option<Prefixed>,
    pub price: Option<i32>,
    pub valid_at: Option<NaiveDate>,
    pub primary_color: Option<ItemColor>,
    #[embedded(default)]
    pub secondary_colors: Vec<ItemColor>,
}

/// An embedded struct inside another.
#[derive(Debug, Clone, Default, PartialEq, Embedded)]
#[allow(missing_docs)]
pub struct ItemColor {
    pub name: String,
}

impl ItemColor {
    /// The colour of this name.
    pub fn named(name: &str) -> ItemColor {
        ItemColor { name: name.to_owned() }
    }
}

/// A text that is stored without its prefix `PREFIX-`: a type written by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefixed(pub String);

impl DbType for Prefixed {
    const DATA_TYPE: DataType = DataType::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.0.trim_start_matches("PREFIX-").to_owned())
    }

    fn from_value(value: Value) -> Result<Self, DecodeError> {
        String::from_value(value).map(|stored| Prefixed(format!("PREFIX-{stored}")))
    }
}

/// Times in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "usecs")]
#[allow(missing_docs)]
pub struct Usec {
    pub id: i64,
    #[schema(index)]
    pub naive_datetime_usec: Option<NaiveDateTime>,
    #[schema(index)]
    pub utc_datetime_usec: Option<DateTime<Utc>>,
}

/// Spans of time.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "durations")]
#[allow(missing_docs)]
pub struct Span {
    pub id: i64,
    pub dur: Option<Interval>,
    #[schema(generated)]
    pub dur_with_default: Option<Interval>,
}

/// A counter to lock.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "lock_counters")]
#[allow(missing_docs)]
pub struct LockCounter {
    pub id: i64,
    pub count: i32,
}
