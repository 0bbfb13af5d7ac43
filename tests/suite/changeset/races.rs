//! Writers that meet.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle_tests::cases::count;
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Ticket {
    id: i64,
    #[schema(unique)]
    seat: String,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Tally {
    id: i64,
    total: i32,
    #[schema(version)]
    revision: i32,
}

on_sql_stores! {
    async fn of_64_writers_of_one_value_one_succeeds_and_63_have_an_error_of_the_field(store: Store) {
        store.create("create table tickets ({id}, seat {text} not null unique);").await;
        for round in 0..count(3, 100) {
            let seat = format!("seat {round}");
            let writers: Vec<_> = (0..64)
                .map(|writer| {
                    let (repo, seat) = (store.repo.clone(), seat.clone());
                    tokio::spawn(async move {
                        let changeset = Changeset::build(Ticket { seat, ..Ticket::default() });
                        if writer % 2 == 0 {
                            repo.insert(changeset).await
                        } else {
                            repo.transaction(async |tx| tx.insert(changeset).await).await
                        }
                    })
                })
                .collect();
            let (mut succeeded, mut refused) = (0, 0);
            for writer in writers {
                match writer.await.unwrap() {
                    Ok(_) => succeeded += 1,
                    Err(Error::Invalid(invalid)) => {
                        let errors = serde_json::to_value(invalid.errors()).unwrap();
                        assert_eq!(errors, json!({"seat": ["has already been taken"]}));
                        refused += 1;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!((succeeded, refused), (1, 63));
        }
    }
}

on_every_store! {
    async fn no_update_is_lost_under_an_optimistic_lock(store: Store) {
        store.create("create table tallies ({id}, total {i32} not null, revision {i32} not null);").await;
        let tally = store.repo.insert(Tally { revision: 1, ..Tally::default() }).await.unwrap();
        let writers = 8;
        let each = i32::try_from(count(200, 10_000)).unwrap() / writers;
        let tasks: Vec<_> = (0..writers)
            .map(|_| {
                let (repo, id) = (store.repo.clone(), tally.id);
                tokio::spawn(async move {
                    for _ in 0..each {
                        loop {
                            let read = repo.find::<Tally>(id).await.unwrap();
                            let total = read.total + 1;
                            match repo.update(read.change(|t| t.total.set(total))).await {
                                Ok(_) => break,
                                Err(Error::Stale(_)) => {}
                                Err(error) => panic!("{error}"),
                            }
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let tally = store.repo.find::<Tally>(tally.id).await.unwrap();
        assert_eq!((tally.total, tally.revision), (each * writers, each * writers + 1));
    }
}
