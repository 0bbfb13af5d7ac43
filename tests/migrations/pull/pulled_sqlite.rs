use chrono::{DateTime, NaiveDateTime, Utc};
use peristyle::prelude::*;
use rust_decimal::Decimal;

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "Album", rename_all = "PascalCase")]
#[schema(index(artist_id, name = "IFK_AlbumArtistId"))]
pub struct Album {
    #[schema(primary_key)]
    pub album_id: i64,
    #[schema(sql_type = "NVARCHAR(160)")]
    pub title: String,
    pub artist_id: i64,

    pub artist: BelongsTo<Artist>,
    pub tracks: HasMany<Track>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "Artist", rename_all = "PascalCase")]
pub struct Artist {
    #[schema(primary_key)]
    pub artist_id: i64,
    #[schema(sql_type = "NVARCHAR(120)", default = "nobody")]
    pub name: Option<String>,

    pub albums: HasMany<Album>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "Playlist", rename_all = "PascalCase")]
pub struct Playlist {
    #[schema(primary_key)]
    pub playlist_id: i64,
    pub name: Option<String>,

    #[schema(join_table = "PlaylistTrack", join_keys(PlaylistId, TrackId))]
    pub tracks: ManyToMany<Track>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "Track", rename_all = "PascalCase")]
pub struct Track {
    #[schema(primary_key)]
    pub track_id: i64,
    pub album_id: Option<i64>,
    #[schema(sql_type = "NUMERIC(10,2)", default = "Decimal::new(99, 2)")]
    pub unit_price: Decimal,
    #[schema(sql_type = "DATETIME")]
    pub added_on: Option<NaiveDateTime>,
    #[schema(default = true)]
    pub active: bool,

    pub album: BelongsTo<Option<Album>>,
    pub user_tracks: HasMany<UserTrack>,
    #[schema(join_table = "PlaylistTrack", join_keys(TrackId, PlaylistId))]
    pub playlists: ManyToMany<Playlist>,
    #[schema(join_schema = UserTrack)]
    pub users: ManyToMany<User>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
#[schema(table = "UserTrack", rename_all = "PascalCase")]
#[schema(primary_key(user_id, track_id))]
#[schema(index(track_id, name = "IFK_UserTrackTrackId"))]
pub struct UserTrack {
    pub user_id: i64,
    pub track_id: i64,

    pub track: BelongsTo<Track>,
    #[schema(on_delete = cascade)]
    pub user: BelongsTo<User>,
}

#[derive(Debug, Clone, PartialEq, Schema)]
pub struct User {
    pub id: i64,
    #[schema(unique)]
    pub email: String,
    pub inserted_at: DateTime<Utc>,
    #[schema(default = "Utc::now()")]
    pub seen_at: Option<DateTime<Utc>>,

    pub user_tracks: HasMany<UserTrack>,
    #[schema(join_schema = UserTrack)]
    pub tracks: ManyToMany<Track>,
}
