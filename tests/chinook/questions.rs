//! The questions as typed queries, written once for both sets of schemas.

/// The questions: how a time becomes its year, and the SQL that gives the same answers.
macro_rules! questions {
    ($year:literal, $answers:expr) => {
        pub async fn every_table_is_read_whole(repo: &Repo) {
            let [album, artist, customer, employee, genre, invoice, line, media_type, playlist, entry, track] =
                $answers.counts;
            crate::read_whole::<Album>(repo, album).await;
            crate::read_whole::<Artist>(repo, artist).await;
            crate::read_whole::<Customer>(repo, customer).await;
            crate::read_whole::<Employee>(repo, employee).await;
            crate::read_whole::<Genre>(repo, genre).await;
            crate::read_whole::<Invoice>(repo, invoice).await;
            crate::read_whole::<InvoiceLine>(repo, line).await;
            crate::read_whole::<MediaType>(repo, media_type).await;
            crate::read_whole::<Playlist>(repo, playlist).await;
            crate::read_whole::<PlaylistTrack>(repo, entry).await;
            crate::read_whole::<Track>(repo, track).await;
        }

        pub async fn every_question_has_the_answer_of_the_sql(repo: &Repo) {
            customers_by_revenue(repo).await;
            tracks_never_sold(repo).await;
            track_length_per_genre(repo).await;
            revenue_per_country(repo).await;
            longest_playlists(repo).await;
            employees_and_managers(repo).await;
            albums_of_many_tracks(repo).await;
            invoices_per_year(repo).await;
            artists_without_albums(repo).await;
            most_sold_genres(repo).await;
            invoices_that_do_not_add_up(repo).await;
            revenue_per_employee(repo).await;
        }

        async fn customers_by_revenue(repo: &Repo) {
            let query = Customer::query()
                .join_on::<Invoice>(|(c, i)| i.customer_id.eq(c.customer_id))
                .group_by(|(c, _)| (c.customer_id, c.first_name, c.last_name))
                .order_by(|(c, i)| (i.total.sum().desc(), c.customer_id))
                .limit(5)
                .select(|(c, i)| (c.first_name, c.last_name, i.total.sum()));
            let expected = repo.sql::<(String, String, Option<Decimal>)>($answers.customers_by_revenue).await;
            crate::compare("the five customers of the greatest revenue", repo.all(query).await, expected);
        }

        async fn tracks_never_sold(repo: &Repo) {
            let sold = InvoiceLine::query().select(|l| l.track_id);
            let not_in = Track::query().filter(|t| t.track_id.not_in_query(sold)).order_by(|t| t.track_id);
            let left_join = Track::query()
                .left_join_on::<InvoiceLine>(|(t, l)| l.track_id.eq(t.track_id))
                .filter(|(_, l)| l.invoice_line_id.is_null())
                .order_by(|(t, _)| t.track_id);
            for (way, tracks) in [("not_in_query", repo.all(not_in).await), ("left_join_on", repo.all(left_join).await)]
            {
                let names = tracks.map(|tracks| tracks.into_iter().map(|track| (track.track_id, track.name)).collect());
                let expected = repo.sql::<(i32, String)>($answers.tracks_never_sold).await;
                crate::compare(&format!("tracks that were never sold, by {way}"), names, expected);
            }
        }

        async fn track_length_per_genre(repo: &Repo) {
            let query = Genre::query()
                .join_on::<Track>(|(g, t)| t.genre_id.eq(g.genre_id))
                .group_by(|(g, _)| (g.genre_id, g.name))
                .order_by(|(g, _)| g.genre_id)
                .select(|(g, t)| (g.name, t.milliseconds.avg(), t.track_id.count()));
            let expected = repo.sql::<(Option<String>, Option<f64>, i64)>($answers.track_length_per_genre).await;
            crate::compare("the average length of a track per genre", repo.all(query).await, expected);
        }

        async fn revenue_per_country(repo: &Repo) {
            let query = Invoice::query()
                .group_by(|i| i.billing_country)
                .having(|i| i.total.sum().gt(Decimal::new(3_762, 2)))
                .order_by(|i| (i.total.sum().desc(), i.billing_country))
                .select(|i| (i.billing_country, i.total.sum(), i.total.max(), i.invoice_id.count()));
            let expected =
                repo.sql::<(Option<String>, Option<Decimal>, Option<Decimal>, i64)>($answers.revenue_per_country).await;
            crate::compare("the revenue per country of more than 37.62", repo.all(query).await, expected);
        }

        async fn longest_playlists(repo: &Repo) {
            let query = Playlist::query()
                .join_on::<PlaylistTrack>(|(p, e)| e.playlist_id.eq(p.playlist_id))
                .join_on::<Track>(|(_, e, t)| t.track_id.eq(e.track_id))
                .group_by(|(p, _, _)| (p.playlist_id, p.name))
                .order_by(|(p, _, t)| (t.milliseconds.sum().desc(), p.playlist_id))
                .limit(5)
                .select(|(p, _, t)| (p.playlist_id, p.name, t.track_id.count(), t.milliseconds.sum()));
            let expected = repo.sql::<(i32, Option<String>, i64, Option<i64>)>($answers.longest_playlists).await;
            crate::compare("the five longest playlists", repo.all(query).await, expected);
        }

        async fn employees_and_managers(repo: &Repo) {
            let query = Employee::query()
                .left_join_on::<Employee>(|(e, m)| e.manager_id.eq(m.employee_id))
                .order_by(|(e, _)| e.employee_id)
                .select(|(e, m)| (e.last_name, m.last_name, e.hire_date));
            let expected =
                repo.sql::<(String, Option<String>, Option<NaiveDateTime>)>($answers.employees_and_managers).await;
            crate::compare("employees and their managers", repo.all(query).await, expected);
        }

        async fn albums_of_many_tracks(repo: &Repo) {
            let query = Album::query()
                .join_on::<Artist>(|(a, artist)| artist.artist_id.eq(a.artist_id))
                .join_on::<Track>(|(a, _, t)| t.album_id.eq(a.album_id))
                .group_by(|(a, artist, _)| (a.album_id, a.title, artist.name))
                .having(|(_, _, t)| t.track_id.count().gt(20))
                .order_by(|(a, _, t)| (t.track_id.count().desc(), a.album_id))
                .select(|(a, artist, t)| (a.title, artist.name, t.track_id.count()));
            let expected = repo.sql::<(String, Option<String>, i64)>($answers.albums_of_many_tracks).await;
            crate::compare("albums of more than 20 tracks", repo.all(query).await, expected);
        }

        async fn invoices_per_year(repo: &Repo) {
            let query = Invoice::query()
                .group_by(|i| sql::<String>($year).bind(i.invoice_date))
                .order_by(|i| sql::<String>($year).bind(i.invoice_date))
                .select(|i| (sql::<String>($year).bind(i.invoice_date), count(), i.total.sum(), i.invoice_date.min()));
            let expected =
                repo.sql::<(String, i64, Option<Decimal>, Option<NaiveDateTime>)>($answers.invoices_per_year).await;
            crate::compare("invoices per year", repo.all(query).await, expected);
        }

        async fn artists_without_albums(repo: &Repo) {
            let query = Artist::query()
                .left_join_on::<Album>(|(artist, a)| a.artist_id.eq(artist.artist_id))
                .filter(|(_, a)| a.album_id.is_null())
                .order_by(|(artist, _)| artist.artist_id)
                .select(|(artist, a)| (artist.artist_id, artist.name, a));
            let found = repo.all(query).await.map(|rows| {
                assert!(rows.iter().all(|(_, _, album)| album.is_none()));
                rows.into_iter().map(|(id, name, _)| (id, name)).collect()
            });
            let expected = repo.sql::<(i32, Option<String>)>($answers.artists_without_albums).await;
            crate::compare("artists without an album", found, expected);
        }

        async fn most_sold_genres(repo: &Repo) {
            let query = Genre::query()
                .join_on::<Track>(|(g, t)| t.genre_id.eq(g.genre_id))
                .join_on::<InvoiceLine>(|(_, t, l)| l.track_id.eq(t.track_id))
                .group_by(|(g, _, _)| (g.genre_id, g.name))
                .order_by(|(g, _, l)| (l.quantity.sum().desc(), g.genre_id))
                .limit(3)
                .select(|(g, _, l)| (g.name, l.quantity.sum(), (l.unit_price * l.quantity.cast::<Decimal>()).sum()));
            let expected = repo.sql::<(Option<String>, Option<i64>, Option<Decimal>)>($answers.most_sold_genres).await;
            crate::compare("the three most sold genres", repo.all(query).await, expected);
        }

        /// Every invoice is the exact sum of its lines: none is left, and all are if a cent is added.
        async fn invoices_that_do_not_add_up(repo: &Repo) {
            let wrong = |cents: i64| {
                Invoice::query()
                    .join_on::<InvoiceLine>(|(i, l)| l.invoice_id.eq(i.invoice_id))
                    .group_by(|(i, _)| (i.invoice_id, i.total))
                    .having(move |(i, l)| {
                        let lines = (l.unit_price * l.quantity.cast::<Decimal>()).sum();
                        lines.ne(i.total + Decimal::new(cents, 2))
                    })
                    .order_by(|(i, _)| i.invoice_id)
                    .select(|(i, _)| (i.invoice_id, i.total))
            };
            assert_eq!(repo.all(wrong(0)).await.unwrap(), []);
            let expected = repo.sql::<(i32, Decimal)>($answers.invoices).await;
            crate::compare("invoices that are a cent more than their lines", repo.all(wrong(1)).await, expected);
        }

        async fn revenue_per_employee(repo: &Repo) {
            let query = Employee::query()
                .left_join_on::<Customer>(|(e, c)| c.support_rep_id.eq(e.employee_id))
                .left_join_on::<Invoice>(|(_, c, i)| i.customer_id.eq(c.customer_id))
                .group_by(|(e, _, _)| (e.employee_id, e.last_name))
                .order_by(|(e, _, _)| e.employee_id)
                .select(|(e, c, i)| {
                    (e.last_name, c.customer_id.count_distinct(), i.total.sum().coalesce(0), i.total.avg())
                });
            let rows = repo.all(query).await.map(|rows| {
                let rounded = |(name, customers, sum, average): (String, i64, Decimal, Option<Decimal>)| {
                    (name, customers, sum, average.map(|average| average.round_dp(10)))
                };
                rows.into_iter().map(rounded).collect()
            });
            let expected = repo.sql::<(String, i64, Decimal, Option<Decimal>)>($answers.revenue_per_employee).await;
            let expected = expected.map(|rows| {
                let rounded = |(name, customers, sum, average): (String, i64, Decimal, Option<Decimal>)| {
                    (name, customers, sum, average.map(|average| average.round_dp(10)))
                };
                rows.into_iter().map(rounded).collect()
            });
            crate::compare("the revenue of each employee's customers", rows, expected);
        }
    };
}
