//! Indexes that a schema has got since its rows were written.

use super::*;
use peristyle::Error;
use peristyle_tests::on_both_redis;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// In four parts.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(buckets = 4)]
pub struct Event {
    pub id: i64,
    #[schema(index)]
    pub kind: String,
}

/// Each tenant has such a table.
#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(prefix = required)]
pub struct Order {
    pub id: i64,
    #[schema(index)]
    pub total: i64,
}

async fn ids(store: &Store) -> Vec<i64> {
    let query = Guest::query().filter(|g| g.age.gte(30)).order_by(|g| (g.age.asc(), g.name.asc())).select(|g| g.id);
    store.repo.all(query).await.unwrap()
}

on_both_redis! {
    async fn a_new_index_is_refused_until_it_is_built_and_gives_right_answers_then(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put([row(1, "ann", 40), row(2, "bob", 30), row(3, "cy", 20), row(12, "al", 40)]);
        assert_eq!(store.repo.reindex::<OldGuest>().await.unwrap(), 4);
        assert_eq!(raw.built(), ["/keys", "?"]);
        let error = store.repo.all(Guest::query().filter(|g| g.age.eq(40))).await.unwrap_err();
        assert!(matches!(error, Error::IndexNotBuilt(_)), "{error}");
        let prefix = store.prefix();
        let step = format!("repo.with_prefix({prefix:?}).reindex::<Guest>() once, or `peristyle reindex --prefix {prefix} guests`");
        assert!(error.to_string().contains(&step), "{error}");
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 4);
        assert_eq!(ids(&store).await, [2, 12, 1]);
        assert_eq!(raw.built(), BUILT);
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 0);
    }

    async fn a_table_without_rows_stays_new(store: Store) {
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 0);
        assert_eq!(store.keys(), Vec::<String>::new());
        assert!(ids(&store).await.is_empty());
    }

    async fn a_reindex_that_was_dropped_goes_on_where_it_was(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=6000).map(|id| row(id, "n", 1)));
        let read = Arc::new(AtomicU64::new(0));
        let heard = read.clone();
        let run = store.repo.reindex::<Guest>().progress(move |rows| heard.store(rows, Ordering::SeqCst));
        let run = tokio::spawn(async move { run.await });
        while read.load(Ordering::SeqCst) < 2000 {
            tokio::task::yield_now().await;
        }
        run.abort();
        assert!(run.await.unwrap_err().is_cancelled());
        let noted: String = raw.on("HGET", "/reindex", &["/keys"]);
        assert!(!noted.ends_with(" 0"), "{noted}");
        assert!(raw.built().iter().all(|name| name.starts_with('?')), "{:?}", raw.built());
        let again = Arc::new(AtomicU64::new(0));
        let heard = again.clone();
        store.repo.reindex::<Guest>().progress(move |rows| heard.store(rows, Ordering::SeqCst)).await.unwrap();
        assert!(again.load(Ordering::SeqCst) < 6000, "it began anew");
        for index in ["/keys", "/by/name:text", "/by/age:int,name:text", "/by/email:text"] {
            assert_eq!(raw.index(index).len(), 6000, "{index}");
        }
        assert_eq!(raw.keys().iter().filter(|key| key.starts_with("/unique/")).count(), 6000);
        assert_eq!(raw.built(), BUILT);
    }

    async fn a_cursor_of_another_server_counts_for_nothing(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=3000).map(|id| row(id, "n", 1)));
        for name in BUILT.iter().filter(|name| **name != "?") {
            raw.on::<()>("SADD", "/built", &[&format!("?{name}")]);
            raw.on::<()>("HSET", "/reindex", &[name, "before 0123456789abcdef0123456789abcdef01234567 4711"]);
        }
        assert_eq!(store.repo.reindex::<Guest>().await.unwrap(), 3000);
        assert_eq!(raw.index("/by/name:text").len(), 3000);
        assert_eq!(raw.built(), BUILT);
    }

    async fn two_reindexes_at_once_do_no_harm(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=4000).map(|id| row(id, "n", id % 7)));
        let runs = (0..3).map(|_| { let repo = store.repo.clone(); tokio::spawn(async move { repo.reindex::<Guest>().await }) });
        let mut added = 0;
        for run in runs.collect::<Vec<_>>() {
            added += run.await.unwrap().unwrap();
        }
        assert_eq!(added, 4000, "each row was missing once");
        let together = raw.beside();
        store.repo.reindex::<Guest>().rebuild().await.unwrap();
        assert_eq!(together, raw.beside());
    }

    async fn each_bucket_is_built(store: Store) {
        let parts: Vec<Raw> = (0..4).map(|part| Raw::tagged(&store, format!("{{{}.events/{part}}}", store.prefix()))).collect();
        for id in 1..=400 {
            let part = usize::from(crc16(id.to_string().as_bytes()) % 4);
            parts[part].put([(id, format!(r#"{{"id":{id},"kind":"k{}"}}"#, id % 2))]);
        }
        assert_eq!(store.repo.reindex::<Event>().await.unwrap(), 400);
        assert!(parts.iter().all(|part| part.built() == ["/by/kind:text", "/keys", "?"]));
        assert_eq!(parts.iter().map(|part| part.index("/by/kind:text").len()).sum::<usize>(), 400);
        let odd = Event::query().filter(|e| e.kind.eq("k1")).order_by(|e| e.id.asc()).select(|e| e.id);
        assert_eq!(store.repo.all(odd).await.unwrap(), (1..=400).filter(|id| id % 2 == 1).collect::<Vec<i64>>());
        parts[0].put([(1, r#"{"id":1,"kind":"k"}"#.to_owned()), (2, r#"{"id":2,"kind":"k"}"#.to_owned())]);
        let error = store.repo.reindex::<Event>().rebuild().await.unwrap_err().to_string();
        assert!(error.contains("it belongs in"), "{error}");
    }

    async fn each_tenant_has_indexes_of_its_own(store: Store) {
        let acme = store.repo.with_prefix(format!("{}_acme", store.prefix()));
        let raw = Raw::tagged(&store, format!("{{{}_acme.orders}}", store.prefix()));
        raw.put([(1, r#"{"id":1,"total":5}"#.to_owned())]);
        assert_eq!(store.repo.reindex::<Order>().await.unwrap(), 0);
        assert_eq!(acme.reindex::<Order>().await.unwrap(), 1);
        assert_eq!(raw.index("/by/total:int"), ["1"]);
        let repo = peristyle::Redis::options(store.servers().url()).connect().await.unwrap();
        let error = repo.reindex::<Order>().await.unwrap_err().to_string();
        assert!(error.contains("repo.with_prefix"), "{error}");
    }
}

/// The checksum that says in which bucket a row is: CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 })
    })
}
