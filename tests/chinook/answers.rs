//! The questions in SQL written by hand, in each store's names.
//!
//! Chinook's prices are binary reals on SQLite: a sum of them is rounded to cents.

/// The SQL of every question, and of the number of rows of every table.
pub struct Answers {
    pub counts: [&'static str; 11],
    pub customers_by_revenue: &'static str,
    pub tracks_never_sold: &'static str,
    pub track_length_per_genre: &'static str,
    pub revenue_per_country: &'static str,
    pub longest_playlists: &'static str,
    pub employees_and_managers: &'static str,
    pub albums_of_many_tracks: &'static str,
    pub invoices_per_year: &'static str,
    pub artists_without_albums: &'static str,
    pub most_sold_genres: &'static str,
    pub invoices: &'static str,
    pub revenue_per_employee: &'static str,
}

pub const POSTGRES: Answers = Answers {
    counts: [
        "select count(*) from album",
        "select count(*) from artist",
        "select count(*) from customer",
        "select count(*) from employee",
        "select count(*) from genre",
        "select count(*) from invoice",
        "select count(*) from invoice_line",
        "select count(*) from media_type",
        "select count(*) from playlist",
        "select count(*) from playlist_track",
        "select count(*) from track",
    ],
    customers_by_revenue: "select c.first_name, c.last_name, sum(i.total)
        from customer c join invoice i on i.customer_id = c.customer_id
        group by c.customer_id, c.first_name, c.last_name order by 3 desc, c.customer_id limit 5",
    tracks_never_sold: "select track_id, name from track t where not exists (select 1
        from invoice_line l where l.track_id = t.track_id)
        order by track_id",
    track_length_per_genre: "select g.name, avg(t.milliseconds)::float8, count(*) from genre g, track t
        where t.genre_id = g.genre_id group by g.genre_id, g.name order by g.genre_id",
    revenue_per_country: "select billing_country, sum(total), max(total), count(*)
        from invoice group by billing_country
        having sum(total) > 37.62 order by 2 desc, 1",
    longest_playlists: "select p.playlist_id, p.name, count(*), sum(t.milliseconds) from playlist p
        join playlist_track e on e.playlist_id = p.playlist_id join track t on t.track_id = e.track_id
        group by p.playlist_id, p.name order by 4 desc, 1 limit 5",
    employees_and_managers: "select e.last_name, (select m.last_name
        from employee m where m.employee_id = e.reports_to), e.hire_date
        from employee e order by e.employee_id",
    albums_of_many_tracks: "select a.title, r.name, n.tracks
        from (select album_id, count(*) as tracks from track group by album_id) n
        join album a on a.album_id = n.album_id join artist r on r.artist_id = a.artist_id
        where n.tracks > 20 order by n.tracks desc, a.album_id",
    invoices_per_year: "select to_char(invoice_date, 'YYYY'), count(*), sum(total), min(invoice_date)
        from invoice group by 1 order by 1",
    artists_without_albums: "select artist_id, name from artist where artist_id not in (select artist_id
        from album) order by artist_id",
    most_sold_genres: "select g.name, sum(l.quantity), sum(l.unit_price * l.quantity) from invoice_line l
        join track t on t.track_id = l.track_id join genre g on g.genre_id = t.genre_id
        group by g.genre_id, g.name order by 2 desc, g.genre_id limit 3",
    invoices: "select invoice_id, total from invoice order by invoice_id",
    revenue_per_employee: "select e.last_name, count(distinct c.customer_id), coalesce(sum(i.total), 0),
        avg(i.total) from employee e
        left join customer c on c.support_rep_id = e.employee_id left join invoice i on i.customer_id = c.customer_id
        group by e.employee_id, e.last_name order by e.employee_id",
};

pub const SQLITE: Answers = Answers {
    counts: [
        "select count(*) from Album",
        "select count(*) from Artist",
        "select count(*) from Customer",
        "select count(*) from Employee",
        "select count(*) from Genre",
        "select count(*) from Invoice",
        "select count(*) from InvoiceLine",
        "select count(*) from MediaType",
        "select count(*) from Playlist",
        "select count(*) from PlaylistTrack",
        "select count(*) from Track",
    ],
    customers_by_revenue: "select c.FirstName, c.LastName, round(sum(i.Total), 2)
        from Customer c join Invoice i on i.CustomerId = c.CustomerId
        group by c.CustomerId, c.FirstName, c.LastName order by 3 desc, c.CustomerId limit 5",
    tracks_never_sold: "select TrackId, Name from Track t where not exists (select 1
        from InvoiceLine l where l.TrackId = t.TrackId)
        order by TrackId",
    track_length_per_genre: "select g.Name, avg(t.Milliseconds), count(*) from Genre g, Track t
        where t.GenreId = g.GenreId group by g.GenreId, g.Name order by g.GenreId",
    revenue_per_country: "select BillingCountry, round(sum(Total), 2), max(Total), count(*)
        from Invoice group by BillingCountry
        having round(sum(Total), 2) > 37.62 order by 2 desc, 1",
    longest_playlists: "select p.PlaylistId, p.Name, count(*), sum(t.Milliseconds) from Playlist p
        join PlaylistTrack e on e.PlaylistId = p.PlaylistId join Track t on t.TrackId = e.TrackId
        group by p.PlaylistId, p.Name order by 4 desc, 1 limit 5",
    employees_and_managers: "select e.LastName, (select m.LastName
        from Employee m where m.EmployeeId = e.ReportsTo), e.HireDate
        from Employee e order by e.EmployeeId",
    albums_of_many_tracks: "select a.Title, r.Name, n.tracks
        from (select AlbumId, count(*) as tracks from Track group by AlbumId) n
        join Album a on a.AlbumId = n.AlbumId join Artist r on r.ArtistId = a.ArtistId
        where n.tracks > 20 order by n.tracks desc, a.AlbumId",
    invoices_per_year: "select strftime('%Y', InvoiceDate), count(*), round(sum(Total), 2), min(InvoiceDate)
        from Invoice group by 1 order by 1",
    artists_without_albums: "select ArtistId, Name from Artist where ArtistId not in (select ArtistId
        from Album) order by ArtistId",
    most_sold_genres: "select g.Name, sum(l.Quantity), round(sum(l.UnitPrice * l.Quantity), 2) from InvoiceLine l
        join Track t on t.TrackId = l.TrackId join Genre g on g.GenreId = t.GenreId
        group by g.GenreId, g.Name order by 2 desc, g.GenreId limit 3",
    invoices: "select InvoiceId, Total from Invoice order by InvoiceId",
    revenue_per_employee: "select e.LastName, count(distinct c.CustomerId), round(coalesce(sum(i.Total), 0), 2),
        avg(i.Total) from Employee e
        left join Customer c on c.SupportRepId = e.EmployeeId left join Invoice i on i.CustomerId = c.CustomerId
        group by e.EmployeeId, e.LastName order by e.EmployeeId",
};
