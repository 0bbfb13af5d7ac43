//! What belongs to what, in SQL written by hand, in each store's names.

/// The SQL of every question about associations.
pub struct Answers {
    pub sales_per_artist: &'static str,
    pub top_tracks_per_genre: &'static str,
    pub tracks_of_playlists: &'static str,
    pub playlists_of_tracks: &'static str,
    pub longest_tracks_of_playlists: &'static str,
    pub reports: &'static str,
    pub managers: &'static str,
    pub longest_track_per_artist: &'static str,
    pub customers_per_employee: &'static str,
    pub rock_lovers: &'static str,
}

pub const POSTGRES: Answers = Answers {
    sales_per_artist: "select r.artist_id, a.album_id, t.track_id, l.invoice_line_id, i.invoice_date, c.last_name
        from artist r left join album a on a.artist_id = r.artist_id left join track t on t.album_id = a.album_id
        left join invoice_line l on l.track_id = t.track_id left join invoice i on i.invoice_id = l.invoice_id
        left join customer c on c.customer_id = i.customer_id order by r.artist_id, a.album_id, t.track_id, l.invoice_line_id",
    top_tracks_per_genre: "select genre_id, track_id, name from (select genre_id, track_id, name, row_number() over (
        partition by genre_id order by unit_price desc, milliseconds desc, track_id) as place from track) ranked
        where place <= 3 order by genre_id, place",
    tracks_of_playlists: "select p.playlist_id, t.track_id, t.name from playlist p
        left join playlist_track e on e.playlist_id = p.playlist_id left join track t on t.track_id = e.track_id
        order by p.playlist_id, t.track_id",
    playlists_of_tracks: "select t.track_id, p.playlist_id, p.name from track t
        left join playlist_track e on e.track_id = t.track_id left join playlist p on p.playlist_id = e.playlist_id
        order by t.track_id, p.playlist_id",
    longest_tracks_of_playlists: "select playlist_id, track_id from (select e.playlist_id, t.track_id, row_number() over (
        partition by e.playlist_id order by t.milliseconds desc, t.track_id) as place
        from playlist_track e join track t on t.track_id = e.track_id) ranked
        where place in (2, 3) order by playlist_id, place",
    reports: "with recursive tree (employee_id, last_name, depth, path) as (
        select employee_id, last_name, 0, cast(last_name as text) from employee where reports_to is null union all
        select e.employee_id, e.last_name, t.depth + 1, t.path || '/' || e.last_name
        from tree t join employee e on e.reports_to = t.employee_id) select path, depth from tree order by path collate \"C\"",
    managers: "select e.last_name, m.last_name, mm.last_name, mmm.last_name from employee e
        left join employee m on m.employee_id = e.reports_to left join employee mm on mm.employee_id = m.reports_to
        left join employee mmm on mmm.employee_id = mm.reports_to order by e.employee_id",
    longest_track_per_artist: "select artist_id, track_id from (select a.artist_id, t.track_id, row_number() over (
        partition by a.artist_id order by t.milliseconds desc, t.track_id) as place
        from album a join track t on t.album_id = a.album_id) ranked where place = 1 order by artist_id",
    customers_per_employee: "select e.last_name, (select count(*) from customer c where c.support_rep_id = e.employee_id),
        (select m.last_name from employee m where m.employee_id = e.reports_to)
        from employee e order by e.employee_id",
    rock_lovers: "select c.customer_id, c.last_name from customer c where exists (select 1 from invoice i
        join invoice_line l on l.invoice_id = i.invoice_id join track t on t.track_id = l.track_id
        join genre g on g.genre_id = t.genre_id where i.customer_id = c.customer_id and g.name = 'Rock'
        and i.total > 20) order by c.customer_id",
};

pub const SQLITE: Answers = Answers {
    sales_per_artist: "select r.ArtistId, a.AlbumId, t.TrackId, l.InvoiceLineId, i.InvoiceDate, c.LastName
        from Artist r left join Album a on a.ArtistId = r.ArtistId left join Track t on t.AlbumId = a.AlbumId
        left join InvoiceLine l on l.TrackId = t.TrackId left join Invoice i on i.InvoiceId = l.InvoiceId
        left join Customer c on c.CustomerId = i.CustomerId order by r.ArtistId, a.AlbumId, t.TrackId, l.InvoiceLineId",
    top_tracks_per_genre: "select GenreId, TrackId, Name from (select GenreId, TrackId, Name, row_number() over (
        partition by GenreId order by UnitPrice desc, Milliseconds desc, TrackId) as place from Track) ranked
        where place <= 3 order by GenreId, place",
    tracks_of_playlists: "select p.PlaylistId, t.TrackId, t.Name from Playlist p
        left join PlaylistTrack e on e.PlaylistId = p.PlaylistId left join Track t on t.TrackId = e.TrackId
        order by p.PlaylistId, t.TrackId",
    playlists_of_tracks: "select t.TrackId, p.PlaylistId, p.Name from Track t
        left join PlaylistTrack e on e.TrackId = t.TrackId left join Playlist p on p.PlaylistId = e.PlaylistId
        order by t.TrackId, p.PlaylistId",
    longest_tracks_of_playlists: "select PlaylistId, TrackId from (select e.PlaylistId, t.TrackId, row_number() over (
        partition by e.PlaylistId order by t.Milliseconds desc, t.TrackId) as place
        from PlaylistTrack e join Track t on t.TrackId = e.TrackId) ranked
        where place in (2, 3) order by PlaylistId, place",
    reports: "with recursive tree (EmployeeId, LastName, depth, path) as (
        select EmployeeId, LastName, 0, cast(LastName as text) from Employee where ReportsTo is null union all
        select e.EmployeeId, e.LastName, t.depth + 1, t.path || '/' || e.LastName
        from tree t join Employee e on e.ReportsTo = t.EmployeeId) select path, depth from tree order by path",
    managers: "select e.LastName, m.LastName, mm.LastName, mmm.LastName from Employee e
        left join Employee m on m.EmployeeId = e.ReportsTo left join Employee mm on mm.EmployeeId = m.ReportsTo
        left join Employee mmm on mmm.EmployeeId = mm.ReportsTo order by e.EmployeeId",
    longest_track_per_artist: "select ArtistId, TrackId from (select a.ArtistId, t.TrackId, row_number() over (
        partition by a.ArtistId order by t.Milliseconds desc, t.TrackId) as place
        from Album a join Track t on t.AlbumId = a.AlbumId) ranked where place = 1 order by ArtistId",
    customers_per_employee: "select e.LastName, (select count(*) from Customer c where c.SupportRepId = e.EmployeeId),
        (select m.LastName from Employee m where m.EmployeeId = e.ReportsTo)
        from Employee e order by e.EmployeeId",
    rock_lovers: "select c.CustomerId, c.LastName from Customer c where exists (select 1 from Invoice i
        join InvoiceLine l on l.InvoiceId = i.InvoiceId join Track t on t.TrackId = l.TrackId
        join Genre g on g.GenreId = t.GenreId where i.CustomerId = c.CustomerId and g.Name = 'Rock'
        and i.Total > 20) order by c.CustomerId",
};
