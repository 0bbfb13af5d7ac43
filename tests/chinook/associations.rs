//! The questions about what belongs to what, written once for both sets of schemas.

/// The questions, and the SQL that gives the same answers.
macro_rules! associations {
    ($answers:expr) => {
        pub async fn every_association_has_the_rows_of_the_sql(repo: &Repo) {
            sales_per_artist(repo).await;
            top_tracks_per_genre(repo).await;
            tracks_of_playlists(repo).await;
            playlists_of_tracks(repo).await;
            longest_tracks_of_playlists(repo).await;
            reports(repo).await;
            managers(repo).await;
            longest_track_per_artist(repo).await;
            customers_per_employee(repo).await;
            rock_lovers(repo).await;
        }

        type Sale = (i32, Option<i32>, Option<i32>, Option<i32>, Option<NaiveDateTime>, Option<String>);

        /// Six tables in six statements, however many rows.
        async fn sales_per_artist(repo: &Repo) {
            let query = Artist::query().order_by(|artist| artist.artist_id).preload(|artist| {
                artist.albums().order_by(|a| a.album_id).preload(|a| {
                    a.tracks().order_by(|t| t.track_id).preload(|t| {
                        t.lines().order_by(|l| l.invoice_line_id).preload(|l| l.invoice().preload(|i| i.customer()))
                    })
                })
            });
            let (artists, statements) = repo.capture(async |repo| repo.all(query).await).await.unwrap();
            assert_eq!(statements.len(), 6);
            let mut sales: Vec<Sale> = Vec::new();
            for artist in &artists {
                let id = artist.artist_id;
                let albums = artist.albums.get().unwrap();
                if albums.is_empty() {
                    sales.push((id, None, None, None, None, None));
                }
                for album in albums {
                    let tracks = album.tracks.get().unwrap();
                    if tracks.is_empty() {
                        sales.push((id, Some(album.album_id), None, None, None, None));
                    }
                    for track in tracks {
                        let (album, track_id) = (Some(album.album_id), Some(track.track_id));
                        let lines = track.lines.get().unwrap();
                        if lines.is_empty() {
                            sales.push((id, album, track_id, None, None, None));
                        }
                        for line in lines {
                            let invoice = line.invoice.get().unwrap();
                            let customer = invoice.customer.get().unwrap();
                            assert_eq!(customer.customer_id, invoice.customer_id);
                            let (date, name) = (Some(invoice.invoice_date), Some(customer.last_name.clone()));
                            sales.push((id, album, track_id, Some(line.invoice_line_id), date, name));
                        }
                    }
                }
            }
            let expected = repo.sql::<Sale>($answers.sales_per_artist).await;
            crate::compare("what was sold of each artist, and to whom", Ok(sales), expected);
        }

        async fn top_tracks_per_genre(repo: &Repo) {
            let query = Genre::query().order_by(|g| g.genre_id).preload(|g| {
                g.tracks().order_by(|t| (t.unit_price.desc(), t.milliseconds.desc(), t.track_id)).limit(3)
            });
            let genres = repo.all(query).await.unwrap();
            assert!(genres.iter().all(|genre| !genre.tracks.is_complete()));
            let tracks: Vec<_> = genres
                .iter()
                .flat_map(|g| g.tracks.get().unwrap().iter().map(|t| (g.genre_id, t.track_id, t.name.clone())))
                .collect();
            let expected = repo.sql::<(i32, i32, String)>($answers.top_tracks_per_genre).await;
            crate::compare("the three dearest and longest tracks of each genre", Ok(tracks), expected);
        }

        /// Through a join table that has a schema.
        async fn tracks_of_playlists(repo: &Repo) {
            let query = Playlist::query().order_by(|p| p.playlist_id).preload(|p| p.tracks().order_by(|t| t.track_id));
            let (playlists, statements) = repo.capture(async |repo| repo.all(query).await).await.unwrap();
            assert_eq!(statements.len(), 2);
            let mut pairs: Vec<(i32, Option<i32>, Option<String>)> = Vec::new();
            for playlist in &playlists {
                let tracks = playlist.tracks.get().unwrap();
                if tracks.is_empty() {
                    pairs.push((playlist.playlist_id, None, None));
                }
                pairs.extend(tracks.iter().map(|t| (playlist.playlist_id, Some(t.track_id), Some(t.name.clone()))));
            }
            let expected = repo.sql::<(i32, Option<i32>, Option<String>)>($answers.tracks_of_playlists).await;
            crate::compare("the tracks of each playlist", Ok(pairs), expected);
        }

        /// Through the same table, which is named by itself.
        async fn playlists_of_tracks(repo: &Repo) {
            let query = Track::query().order_by(|t| t.track_id).preload(|t| t.playlists().order_by(|p| p.playlist_id));
            let (tracks, statements) = repo.capture(async |repo| repo.all(query).await).await.unwrap();
            assert_eq!(statements.len(), 2);
            let mut pairs: Vec<(i32, Option<i32>, Option<String>)> = Vec::new();
            for track in &tracks {
                let playlists = track.playlists.get().unwrap();
                if playlists.is_empty() {
                    pairs.push((track.track_id, None, None));
                }
                pairs.extend(playlists.iter().map(|p| (track.track_id, Some(p.playlist_id), p.name.clone())));
            }
            let expected = repo.sql::<(i32, Option<i32>, Option<String>)>($answers.playlists_of_tracks).await;
            crate::compare("the playlists of each track", Ok(pairs), expected);
        }

        async fn longest_tracks_of_playlists(repo: &Repo) {
            let query = Playlist::query()
                .order_by(|p| p.playlist_id)
                .preload(|p| p.tracks().order_by(|t| (t.milliseconds.desc(), t.track_id)).offset(1).limit(2));
            let playlists = repo.all(query).await.unwrap();
            let pairs = playlists
                .iter()
                .flat_map(|p| p.tracks.get().unwrap().iter().map(|t| (p.playlist_id, t.track_id)))
                .collect();
            let expected = repo.sql::<(i32, i32)>($answers.longest_tracks_of_playlists).await;
            crate::compare("the second and third longest track of each playlist", Ok(pairs), expected);
        }

        /// Downwards, until nobody has reports.
        async fn reports(repo: &Repo) {
            fn walk(employees: &[Employee], above: &str, depth: i32, found: &mut Vec<(String, i32)>) {
                for employee in employees {
                    let path = format!("{above}{}", employee.last_name);
                    found.push((path.clone(), depth));
                    if depth < 3 {
                        walk(employee.reports.get().unwrap(), &format!("{path}/"), depth + 1, found);
                    } else {
                        assert!(employee.reports.get().is_err(), "{path} is deeper than was preloaded");
                    }
                }
            }
            let query = Employee::query()
                .filter(|e| e.manager_id.is_null())
                .preload(|e| e.reports().preload(|e| e.reports().preload(|e| e.reports())));
            let (heads, statements) = repo.capture(async |repo| repo.all(query).await).await.unwrap();
            assert_eq!(statements.len(), 4);
            let mut found = Vec::new();
            walk(&heads, "", 0, &mut found);
            found.sort();
            let expected = repo.sql::<(String, i32)>($answers.reports).await;
            crate::compare("the tree of employees", Ok(found), expected);
        }

        /// Upwards, with one preload for each level, and by the paths of a selection.
        async fn managers(repo: &Repo) {
            type Chain = (String, Option<String>, Option<String>, Option<String>);
            let query = Employee::query()
                .order_by(|e| e.employee_id)
                .preload(|e| e.manager().preload(|e| e.manager().preload(|e| e.manager())));
            let employees = repo.all(query).await.unwrap();
            let above = |employee: Option<&Employee>| match employee {
                Some(employee) => employee.manager.get().unwrap().cloned(),
                None => None,
            };
            let chain = |employee: &Employee| -> Chain {
                let first = above(Some(employee));
                let second = above(first.as_ref());
                let third = above(second.as_ref());
                let name = |employee: Option<Employee>| employee.map(|employee| employee.last_name);
                (employee.last_name.clone(), name(first), name(second), name(third))
            };
            let chains = employees.iter().map(chain).collect();
            let expected = repo.sql::<Chain>($answers.managers).await;
            crate::compare("each employee's managers", Ok(chains), expected);

            let paths = Employee::query().order_by(|e| e.employee_id).select(|e| {
                let (first, second) = (e.manager(), e.manager().manager());
                (e.last_name, first.last_name, second.last_name, second.manager().last_name)
            });
            let expected = repo.sql::<Chain>($answers.managers).await;
            crate::compare("each employee's managers, by paths", repo.all(paths).await, expected);
        }

        async fn longest_track_per_artist(repo: &Repo) {
            let query = Artist::query()
                .order_by(|artist| artist.artist_id)
                .preload(|artist| artist.tracks().order_by(|t| (t.milliseconds.desc(), t.track_id)).limit(1));
            let artists = repo.all(query).await.unwrap();
            let longest = artists
                .iter()
                .flat_map(|artist| artist.tracks.get().unwrap().iter().map(|t| (artist.artist_id, t.track_id)))
                .collect();
            let expected = repo.sql::<(i32, i32)>($answers.longest_track_per_artist).await;
            crate::compare("the longest track of each artist, through the albums", Ok(longest), expected);
        }

        async fn customers_per_employee(repo: &Repo) {
            let query = Employee::query()
                .order_by(|e| e.employee_id)
                .select(|e| (e.last_name, e.customers().count(), e.manager().last_name));
            let expected = repo.sql::<(String, i64, Option<String>)>($answers.customers_per_employee).await;
            crate::compare("the number of each employee's customers", repo.all(query).await, expected);
        }

        async fn rock_lovers(repo: &Repo) {
            let query = Customer::query()
                .filter(|c| {
                    c.invoices()
                        .filter(|i| i.total.gt(Decimal::from(20)))
                        .any(|i| i.lines().any(|l| l.track().genre().name.eq("Rock")))
                })
                .order_by(|c| c.customer_id)
                .select(|c| (c.customer_id, c.last_name));
            let expected = repo.sql::<(i32, String)>($answers.rock_lovers).await;
            crate::compare("who bought rock on an invoice of more than 20", repo.all(query).await, expected);
        }
    };
}
