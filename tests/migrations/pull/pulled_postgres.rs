use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use peristyle::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
#[db_enum(pg_type = "role")]
pub enum Role {
    Member,
    #[db_enum(rename = "it's complicated")]
    ItSComplicated,
    #[db_enum(rename = "2nd")]
    Value2nd,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(unique(artist_id, title, name = "albums_artist_id_title_key"))]
#[schema(index(price, where = "price > 5::numeric", name = "by_price"))]
pub struct Album {
    pub id: i64,
    #[schema(size = 160)]
    pub title: String,
    pub artist_id: i32,
    #[schema(precision(10, 2), default = "Decimal::new(990, 2)")]
    pub price: Decimal,
    #[schema(index)]
    pub released: Option<NaiveDate>,
    #[schema(default = "Vec::new()")]
    pub tags: Vec<String>,
    pub cover: Option<Vec<u8>>,
    #[schema(default = "serde_json::json!({\"a\":[true]})")]
    pub settings: serde_json::Value,

    #[schema(on_delete = cascade)]
    pub artist: BelongsTo<Artist>,
    pub albums_genres: HasMany<AlbumsGenre>,
    #[schema(join_schema = AlbumsGenre)]
    pub genres: ManyToMany<Genre>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(primary_key(album_id, genre_id))]
pub struct AlbumsGenre {
    pub album_id: i64,
    pub genre_id: i16,

    #[schema(on_delete = cascade)]
    pub album: BelongsTo<Album>,
    pub genre: BelongsTo<Genre>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "artist")]
pub struct Artist {
    #[schema(primary_key, natural)]
    pub artist_id: i32,
    #[schema(size = 120)]
    pub name: Option<String>,

    pub albums: HasMany<Album>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
pub struct GenreNote {
    pub genre_name: Option<String>,
    pub note: Option<String>,

    #[schema(foreign_key = genre_name, references = name)]
    pub genre: BelongsTo<Option<Genre>>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(unique(name, name = "genres_name_key"))]
pub struct Genre {
    #[schema(natural)]
    pub id: i16,
    pub name: String,

    pub albums_genres: HasMany<AlbumsGenre>,
    #[schema(foreign_key = genre_name, references = name)]
    pub genre_notes: HasMany<GenreNote>,
    #[schema(join_schema = AlbumsGenre)]
    pub albums: ManyToMany<Album>,
    #[schema(join_table = "listeners")]
    pub people: ManyToMany<Person>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
pub struct Label {
    #[schema(primary_key)]
    pub code: String,
    pub parent_code: Option<String>,

    #[schema(foreign_key = parent_code)]
    pub parent: BelongsTo<Option<Label>>,
    #[schema(foreign_key = parent_code)]
    pub children: HasMany<Label>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "log")]
pub struct Log {
    #[schema(column = "id")]
    pub id_column: Option<i64>,
    pub line: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(primary_key(order_id, position))]
pub struct OrderLine {
    pub order_id: i64,
    pub position: i32,
    pub product: String,

    #[schema(foreign_key(line_order, line_position))]
    pub shipments: HasMany<Shipment>,
}

/// Who buys.
///
/// And who sells.
#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(unique(number, name = "one_number"))]
#[schema(check(age_is_positive, "age > 0"))]
#[schema(check("old enough", "age > 17"))]
pub struct Person {
    pub id: Uuid,
    /// Where they are written to
    #[schema(sql_type = "character varying", unique)]
    pub email: String,
    #[schema(default = "Role::ItSComplicated")]
    pub role: Role,
    #[schema(default = "vec![Role::Member, Role::Value2nd]")]
    pub roles: Vec<Role>,
    pub manager_id: Option<Uuid>,
    #[schema(default = "plain \"old\"")]
    pub r#type: String,
    #[schema(column = "self")]
    pub self_: Option<String>,
    #[schema(column = "First Name")]
    pub first_name: Option<String>,
    #[schema(default = 18)]
    pub age: Option<i32>,
    #[schema(default = 1.5)]
    pub rating: f64,
    #[schema(default = true)]
    pub active: bool,
    #[schema(sql_type = "inet")]
    pub address: Option<String>,
    #[schema(generated)]
    pub shout: Option<String>,
    #[schema(generated)]
    pub number: i64,
    #[schema(default = "Utc::now()")]
    pub seen_at: Option<DateTime<Utc>>,
    pub inserted_at: DateTime<Utc>,
    #[schema(sql_type = "timestamp(3) without time zone")]
    pub updated_at: NaiveDateTime,

    #[schema(on_delete = set_null)]
    pub manager: BelongsTo<Option<Person>>,
    #[schema(foreign_key = manager_id)]
    pub people_as_manager: HasMany<Person>,
    pub posts_as_person: HasMany<Post>,
    #[schema(foreign_key = author_id)]
    pub posts_as_author: HasMany<Post>,
    #[schema(foreign_key = editor_id)]
    pub posts_as_editor: HasMany<Post>,
    pub profile: HasOne<Profile>,
    #[schema(join_table = "friendships", join_keys(person_id, friend_id))]
    pub friends: ManyToMany<Person>,
    #[schema(join_table = "listeners")]
    pub genres: ManyToMany<Genre>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
pub struct Post {
    pub id: i64,
    pub author_id: Uuid,
    pub editor_id: Option<Uuid>,
    #[schema(references = "people.id", constraint = "fk_subject")]
    pub person_id: Option<Uuid>,
    pub album_id: Option<i32>,

    pub person: BelongsTo<Option<Person>>,
    #[schema(on_delete = restrict)]
    pub author: BelongsTo<Person>,
    pub editor: BelongsTo<Option<Person>>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(unique(person_id, name = "profiles_person_id_key"))]
pub struct Profile {
    pub id: i64,
    pub person_id: Uuid,
    pub body: Option<String>,

    pub person: BelongsTo<Person>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
pub struct Shipment {
    pub id: i32,
    pub line_position: Option<i32>,
    pub line_order: Option<i64>,

    #[schema(foreign_key(line_order, line_position))]
    pub order_line: BelongsTo<Option<OrderLine>>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "strings")]
pub struct StringRow {
    pub value: Option<String>,
}
