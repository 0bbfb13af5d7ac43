//! The schemas, written once for both spellings of the names.

/// The eleven schemas: how columns are spelt, the one column whose field has another name, the tables,
/// and the keys of a join table that is named by itself.
macro_rules! schemas {
    (
        $style:literal, $manager:literal, $album:literal, $artist:literal, $customer:literal, $employee:literal,
        $genre:literal, $invoice:literal, $invoice_line:literal, $media_type:literal, $playlist:literal,
        $playlist_track:literal, $track:literal,
        $playlist_key:ident, $track_key:ident
    ) => {
        use chrono::NaiveDateTime;
        use peristyle::prelude::*;
        use rust_decimal::Decimal;

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $album, rename_all = $style)]
        pub struct Album {
            #[schema(primary_key)]
            album_id: i32,
            title: String,
            artist_id: i32,

            artist: BelongsTo<Artist>,
            #[schema(foreign_key = album_id)]
            tracks: HasMany<Track>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $artist, rename_all = $style)]
        pub struct Artist {
            #[schema(primary_key)]
            artist_id: i32,
            name: Option<String>,

            albums: HasMany<Album>,
            #[schema(through = [albums, tracks])]
            tracks: HasMany<Track>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $customer, rename_all = $style)]
        pub struct Customer {
            #[schema(primary_key)]
            customer_id: i32,
            first_name: String,
            last_name: String,
            company: Option<String>,
            address: Option<String>,
            city: Option<String>,
            state: Option<String>,
            country: Option<String>,
            postal_code: Option<String>,
            phone: Option<String>,
            fax: Option<String>,
            email: String,
            support_rep_id: Option<i32>,

            support_rep: BelongsTo<Option<Employee>>,
            invoices: HasMany<Invoice>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $employee, rename_all = $style)]
        pub struct Employee {
            #[schema(primary_key)]
            employee_id: i32,
            last_name: String,
            first_name: String,
            title: Option<String>,
            #[schema(column = $manager)]
            manager_id: Option<i32>,
            birth_date: Option<NaiveDateTime>,
            hire_date: Option<NaiveDateTime>,
            address: Option<String>,
            city: Option<String>,
            state: Option<String>,
            country: Option<String>,
            postal_code: Option<String>,
            phone: Option<String>,
            fax: Option<String>,
            email: Option<String>,

            manager: BelongsTo<Option<Employee>>,
            #[schema(foreign_key = manager_id)]
            reports: HasMany<Employee>,
            #[schema(foreign_key = support_rep_id)]
            customers: HasMany<Customer>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $genre, rename_all = $style)]
        pub struct Genre {
            #[schema(primary_key)]
            genre_id: i32,
            name: Option<String>,

            tracks: HasMany<Track>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $invoice, rename_all = $style)]
        pub struct Invoice {
            #[schema(primary_key)]
            invoice_id: i32,
            customer_id: i32,
            invoice_date: NaiveDateTime,
            billing_address: Option<String>,
            billing_city: Option<String>,
            billing_state: Option<String>,
            billing_country: Option<String>,
            billing_postal_code: Option<String>,
            total: Decimal,

            customer: BelongsTo<Customer>,
            lines: HasMany<InvoiceLine>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $invoice_line, rename_all = $style)]
        pub struct InvoiceLine {
            #[schema(primary_key)]
            invoice_line_id: i32,
            invoice_id: i32,
            track_id: i32,
            unit_price: Decimal,
            quantity: i32,

            invoice: BelongsTo<Invoice>,
            track: BelongsTo<Track>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $media_type, rename_all = $style)]
        pub struct MediaType {
            #[schema(primary_key)]
            media_type_id: i32,
            name: Option<String>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $playlist, rename_all = $style)]
        pub struct Playlist {
            #[schema(primary_key)]
            playlist_id: i32,
            name: Option<String>,

            #[schema(join_schema = PlaylistTrack)]
            tracks: ManyToMany<Track>,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $playlist_track, rename_all = $style, primary_key(playlist_id, track_id))]
        pub struct PlaylistTrack {
            playlist_id: i32,
            track_id: i32,
        }

        #[derive(Debug, Clone, PartialEq, Schema)]
        #[schema(table = $track, rename_all = $style)]
        pub struct Track {
            #[schema(primary_key)]
            track_id: i32,
            name: String,
            album_id: Option<i32>,
            media_type_id: i32,
            genre_id: Option<i32>,
            composer: Option<String>,
            milliseconds: i32,
            bytes: Option<i32>,
            unit_price: Decimal,

            album: BelongsTo<Option<Album>>,
            genre: BelongsTo<Option<Genre>>,
            media_type: BelongsTo<MediaType>,
            #[schema(foreign_key = track_id)]
            lines: HasMany<InvoiceLine>,
            #[schema(join_table = $playlist_track, join_keys($track_key, $playlist_key))]
            playlists: ManyToMany<Playlist>,
        }
    };
}
