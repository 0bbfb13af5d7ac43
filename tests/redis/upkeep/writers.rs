//! Programs that write while indexes are built.

use super::*;
use peristyle_tests::on_both_redis;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Which version of the program writes.
#[derive(Clone, Copy, PartialEq)]
enum Version {
    Old,
    New,
}

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Inserts, updates and deletes guests until it is told to stop; tells how often.
async fn write(repo: Repo, version: Version, seed: u64, stop: Arc<AtomicBool>, writes: Arc<AtomicU64>) {
    let mut random = Random(seed);
    while !stop.load(Ordering::SeqCst) {
        let id = i64::try_from(random.below(1500)).unwrap() + 1;
        let (name, age) = (format!("n{}", random.below(50)), i32::try_from(random.below(90)).unwrap());
        let email = Some(format!("{}@example.com", random.below(100_000_000)));
        // A write that another one got in the way of is refused, and the next one is tried.
        let what = random.below(4);
        let done = match version {
            Version::New => match what {
                0 => repo.delete_all(Guest::query().filter(|g| g.id.eq(id))).await.is_ok(),
                1 => repo.insert(Guest { id, name, age: Some(age), email }).await.is_ok(),
                2 => repo.update_all(Guest::query().filter(|g| g.id.eq(id)), |g| g.age.set(Some(age))).await.is_ok(),
                _ => repo
                    .update_all(Guest::query().filter(|g| g.id.eq(id)), |g| (g.name.set(name), g.email.set(email)))
                    .await
                    .is_ok(),
            },
            Version::Old => match what {
                0 => repo.delete_all(OldGuest::query().filter(|g| g.id.eq(id))).await.is_ok(),
                1 => repo.insert(OldGuest { id, name, age: Some(age), email }).await.is_ok(),
                2 => repo.update_all(OldGuest::query().filter(|g| g.id.eq(id)), |g| g.age.set(Some(age))).await.is_ok(),
                _ => repo
                    .update_all(OldGuest::query().filter(|g| g.id.eq(id)), |g| (g.name.set(name), g.email.set(email)))
                    .await
                    .is_ok(),
            },
        };
        writes.fetch_add(u64::from(done), Ordering::SeqCst);
    }
}

struct Writers {
    stop: Arc<AtomicBool>,
    writes: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Writers {
    fn start(store: &Store, versions: &[Version]) -> Writers {
        let (stop, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let task = |(seed, version): (usize, &Version)| {
            let seed = u64::try_from(seed).unwrap() * 7919 + 17;
            tokio::spawn(write(store.repo.clone(), *version, seed, stop.clone(), writes.clone()))
        };
        let tasks = versions.iter().enumerate().map(task).collect();
        Writers { stop, writes, tasks }
    }

    /// Waits until this many more writes were made.
    async fn more(&self, count: u64) {
        let enough = self.writes.load(Ordering::SeqCst) + count;
        while self.writes.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// That all beside the rows is what the rows say.
async fn assert_whole(store: &Store, raw: &Raw) {
    assert_eq!(raw.built(), BUILT);
    let found = raw.beside();
    store.repo.reindex::<Guest>().rebuild().await.unwrap();
    let expected = raw.beside();
    for (name, members) in &expected {
        assert_eq!(found.get(name), Some(members), "{name}");
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
}

on_both_redis! {
    async fn an_index_is_built_while_eight_programs_that_know_it_write(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=1500).map(|id| row(id, "n", 1)));
        store.repo.reindex::<OldGuest>().await.unwrap();
        let writers = Writers::start(&store, &[Version::New; 8]);
        writers.more(50).await;
        store.repo.reindex::<Guest>().await.unwrap();
        writers.more(100).await;
        assert_eq!(raw.built(), BUILT);
        store.repo.count(Guest::query().filter(|g| g.age.gte(0))).await.unwrap();
        writers.stop().await;
        assert_whole(&store, &raw).await;
    }

    async fn writes_of_programs_that_do_not_know_an_index_make_it_incomplete(store: Store) {
        let raw = Raw::of(&store, "guests");
        raw.put((1..=1500).map(|id| row(id, "n", 1)));
        store.repo.reindex::<Guest>().await.unwrap();
        store.repo.insert(OldGuest { id: 9000, name: "late".into(), ..OldGuest::default() }).await.unwrap();
        assert_eq!(raw.built(), ["/keys", "?"]);
        let error = store.repo.all(Guest::query().filter(|g| g.age.eq(1))).await.unwrap_err();
        assert!(matches!(error, peristyle::Error::IndexNotBuilt(_)), "{error}");

        let [both, new] = [[Version::Old, Version::New].repeat(4), vec![Version::New; 8]];
        let writers = Writers::start(&store, &both);
        writers.more(50).await;
        let repo = store.repo.clone();
        let run = tokio::spawn(async move { repo.reindex::<Guest>().await });
        writers.more(300).await;
        writers.stop().await;
        // It may have given up before the old ones stopped.
        if let Err(error) = run.await.unwrap() {
            assert!(error.to_string().contains("programs write that do not know it"), "{error}");
        }
        let writers = Writers::start(&store, &new);
        store.repo.reindex::<Guest>().await.unwrap();
        writers.more(100).await;
        writers.stop().await;
        assert_whole(&store, &raw).await;
    }

    async fn rows_that_were_written_again_with_another_ttl_or_none_expire_by_the_last_one(store: Store) {
        let raw = Raw::of(&store, "guests");
        let minute = std::time::Duration::from_secs(60);
        let guest = |id| Guest { id, name: "n".into(), age: Some(1), email: Some(format!("{id}")) };
        for id in 1..=3 {
            store.repo.insert(guest(id)).ttl(minute).await.unwrap();
        }
        let first: i64 = raw.on("PEXPIRETIME", ":1", &[]);
        let key = |id: i64| Guest::query().filter(move |g| g.id.eq(id));
        store.repo.update_all(key(1), |g| g.name.set("longer")).ttl(minute * 60).await.unwrap();
        store.repo.update_all(key(2), |g| g.name.set("for ever")).await.unwrap();
        let second: i64 = raw.on("PEXPIRETIME", ":1", &[]);
        assert!(second > first + 3_000_000, "{first} {second}");
        assert_eq!(raw.on::<i64>("PEXPIRETIME", "/unique/email=1", &[]), second);
        assert_eq!(raw.on::<Vec<String>>("ZRANGE", "/expiry", &["0", "-1"]), ["3", "1"]);
        assert_eq!(raw.on::<i64>("PEXPIRETIME", ":2", &[]), -1);
        let mut entries: Vec<String> = raw.on("HKEYS", "/entries", &[]);
        entries.sort();
        assert_eq!(entries, ["1", "3"]);
        // What is noted of a row is what its last write put into the indexes.
        assert_whole(&store, &raw).await;
        // The clock of the server cannot be moved: the time is noted as over, and the row goes.
        raw.on::<()>("PEXPIREAT", ":1", &["1"]);
        raw.on::<()>("ZADD", "/expiry", &["1", "1"]);
        assert_eq!(store.repo.sweep::<Guest>().await.unwrap(), 1);
        assert_eq!(raw.index("/by/name:text"), ["2", "3"]);
    }

    async fn neither_runs_in_a_transaction(store: Store) {
        let error = store.repo.transaction(async |tx| {
            let refused = tx.reindex::<Guest>().await.unwrap_err();
            assert!(tx.sweep::<Guest>().await.unwrap_err().is_unsupported());
            Err::<(), _>(refused)
        });
        let error = error.await.unwrap_err();
        assert!(error.to_string().contains("reindex in a transaction"), "{error}");
    }
}
