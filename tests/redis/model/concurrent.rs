//! Many writers at once, while connections are killed or slots of a cluster move: what may have happened has, and nothing else.

use chrono::{DateTime, TimeDelta, Utc};
use peristyle::Error;
use peristyle::error::ConstraintKind;
use peristyle::prelude::*;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// How many tasks write.
pub const WRITERS: u64 = 16;

const COUNTERS: i64 = 5;
const ACCOUNTS: i64 = 6;
const START: i64 = 100;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "counters")]
pub struct Counter {
    #[schema(primary_key, natural)]
    pub id: i64,
    #[schema(index)]
    pub hits: i64,
}

/// A seat belongs to who inserted it first.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "seats", index(owner, number))]
pub struct Seat {
    pub id: i64,
    #[schema(unique)]
    pub number: i64,
    pub owner: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "accounts")]
pub struct Account {
    #[schema(primary_key, natural)]
    pub id: i64,
    #[schema(index)]
    pub balance: i64,
    #[schema(version)]
    pub revision: i32,
}

/// Rows that come, change, expire and go.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "visits", index(path, hits))]
pub struct Visit {
    #[schema(primary_key, natural)]
    pub token: Uuid,
    #[schema(unique)]
    pub code: Option<i64>,
    pub path: i64,
    pub hits: i64,
    pub expires_at: Option<DateTime<Utc>>,
}

/// The same in buckets.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
#[schema(table = "hits", buckets = 4, ttl = "1h")]
pub struct Hit {
    #[schema(primary_key, natural)]
    pub id: i64,
    #[schema(index)]
    pub count: i64,
}

/// What the writers know.
#[derive(Default)]
pub struct Tally {
    /// How often a counter was surely counted up, and how often perhaps.
    counted: Mutex<BTreeMap<i64, (i64, i64)>>,
    /// Who surely got a seat, and who perhaps.
    seated: Mutex<BTreeMap<i64, (Vec<i64>, Vec<i64>)>>,
    pub done: AtomicU64,
    pub unknown: AtomicU64,
    pub contended: AtomicU64,
}

/// What came of a write.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Done,
    Refused,
    Unknown,
}

impl Tally {
    #[track_caller]
    fn outcome<T>(&self, result: &Result<T, Error>) -> Outcome {
        let (count, outcome) = match result {
            Ok(_) => (&self.done, Outcome::Done),
            Err(Error::Connect(_) | Error::CommitUnknown(_)) => (&self.unknown, Outcome::Unknown),
            Err(Error::Constraint(error)) if error.kind == ConstraintKind::Unique => (&self.done, Outcome::Refused),
            Err(Error::Invalid(_) | Error::Stale(_) | Error::NotFound(_)) => (&self.done, Outcome::Refused),
            Err(Error::Partial(partial)) => {
                for (_, error) in &partial.failed {
                    self.outcome::<()>(&Err(error.clone()));
                }
                (&self.done, Outcome::Refused)
            }
            // It is being made anew.
            Err(Error::IndexNotBuilt(_)) => (&self.contended, Outcome::Refused),
            Err(error) if error.is_retryable() => (&self.contended, Outcome::Refused),
            Err(error) => panic!("{error}"),
        };
        count.fetch_add(1, Ordering::Relaxed);
        outcome
    }
}

/// The rows that are there from the beginning.
pub async fn prepare(repo: &Repo) {
    repo.insert_all((0..COUNTERS).map(|id| Counter { id, hits: 0 }).collect::<Vec<_>>()).await.unwrap();
    let account = |id| Account { id, balance: START, ..Account::default() };
    repo.insert_all((0..ACCOUNTS).map(account).collect::<Vec<_>>()).await.unwrap();
}

/// Numbers by chance: which write is next, and of which row.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn of(&mut self, limit: i64) -> i64 {
        self.below(limit.unsigned_abs()).cast_signed()
    }
}

/// Writes and reads by chance, so many times, or until it is to stop.
pub async fn writer(repo: Repo, tally: &Tally, number: u64, stop: impl Fn(u64) -> bool) {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ (number + 1) << 17);
    for round in 0.. {
        if stop(round) {
            break;
        }
        match chance.below(12) {
            0..2 => count(&repo, tally, &mut chance).await,
            2 => sit(&repo, tally, number.cast_signed(), &mut chance).await,
            3..6 => transfer(&repo, tally, &mut chance).await,
            6..10 => visit(&repo, tally, &mut chance).await,
            10 => hit(&repo, tally, &mut chance).await,
            _ => look(&repo, tally, &mut chance).await,
        }
    }
}

async fn count(repo: &Repo, tally: &Tally, chance: &mut Chance) {
    let id = chance.of(COUNTERS);
    let counter = Counter::query().filter(|c| c.id.eq(id));
    let result = repo.update_all(counter, |c| c.hits.set(c.hits + 1)).await;
    let outcome = tally.outcome(&result);
    let mut counted = tally.counted.lock().unwrap();
    let (sure, perhaps) = counted.entry(id).or_default();
    match outcome {
        Outcome::Done => *sure += 1,
        Outcome::Unknown => *perhaps += 1,
        Outcome::Refused => {}
    }
}

async fn sit(repo: &Repo, tally: &Tally, owner: i64, chance: &mut Chance) {
    // Ever new seats, for which several ask.
    let done = tally.done.load(Ordering::Relaxed) / 64;
    let number = done.cast_signed() + chance.of(3);
    let result = repo.insert(Seat { number, owner, ..Seat::default() }).await;
    let outcome = tally.outcome(&result);
    let mut seated = tally.seated.lock().unwrap();
    let (sure, perhaps) = seated.entry(number).or_default();
    match outcome {
        Outcome::Done => sure.push(owner),
        Outcome::Unknown => perhaps.push(owner),
        Outcome::Refused => {}
    }
}

async fn transfer(repo: &Repo, tally: &Tally, chance: &mut Chance) {
    let (from, to, amount) = (chance.of(ACCOUNTS), chance.of(ACCOUNTS), chance.of(20));
    if from == to {
        return;
    }
    let options = TransactionOptions::default().retries(20);
    let result = repo.transaction_with(options, async |tx| {
        let (one, other) = (tx.find::<Account>(from).await?, tx.find::<Account>(to).await?);
        let (less, more) = (one.balance - amount, other.balance + amount);
        tx.update(one.change(|a| a.balance.set(less))).await?;
        tx.update(other.change(|a| a.balance.set(more))).await?;
        Ok(())
    });
    tally.outcome(&result.await);
}

async fn visit(repo: &Repo, tally: &Tally, chance: &mut Chance) {
    let token = Uuid::from_u128(u128::from(chance.below(40)));
    let code = Some(chance.of(12)).filter(|code| *code > 0);
    let soon = Utc::now() + TimeDelta::milliseconds(chance.of(25) - 2);
    let expires_at = Some(soon).filter(|_| chance.below(2) == 0);
    let new = Visit { token, code, path: chance.of(4), hits: 0, expires_at };
    let path = chance.of(4);
    match chance.below(8) {
        0..2 => {
            let result = repo.insert(new).ttl(Duration::from_millis(chance.below(20) + 1)).await;
            tally.outcome(&result);
        }
        2..4 => {
            let upsert = repo.insert(new);
            let result = upsert
                .on_conflict(|c| c.target(|v| v.code).set(|v, new| (v.hits.set(v.hits + 1), v.path.set(new.path))));
            tally.outcome(&result.await);
        }
        4 => {
            let others =
                (0..4).map(|more| Visit { token: Uuid::from_u128(u128::from(chance.below(40) + more)), ..new.clone() });
            let result = repo.insert_all(others.collect::<Vec<_>>()).await;
            tally.outcome(&result);
        }
        5 => {
            let of_path = Visit::query().filter(|v| v.path.eq(path));
            tally.outcome(&repo.update_all(of_path, |v| (v.hits.set(v.hits + 1), v.path.set(new.path))).await);
        }
        6 => {
            let few = Visit::query().filter(|v| v.path.eq(path)).order_by(|v| v.hits.desc()).limit(3);
            tally.outcome(&repo.delete_all(few).await);
        }
        _ => {
            let Ok(Some(row)) = repo.get::<Visit>(token).await else { return };
            let result = repo.update(row.change(|v| (v.code.set(code), v.expires_at.set(expires_at)))).await;
            tally.outcome(&result);
        }
    }
}

async fn hit(repo: &Repo, tally: &Tally, chance: &mut Chance) {
    let id = chance.of(30);
    if chance.below(4) == 0 {
        tally.outcome(&repo.delete_all(Hit::query().filter(|h| h.id.eq(id))).await);
    } else {
        let upsert = repo.insert(Hit { id, count: 1 });
        let result = upsert.on_conflict(|c| c.target(|h| h.id).set(|h, _| h.count.set(h.count + 1)));
        tally.outcome(&result.await);
    }
}

/// What is read at once is of one moment.
async fn look(repo: &Repo, tally: &Tally, chance: &mut Chance) {
    let accounts = repo.all(Account::query().order_by(|a| (a.balance, a.id))).await;
    if tally.outcome(&accounts) == Outcome::Done {
        let accounts = accounts.unwrap();
        let total: i64 = accounts.iter().map(|account| account.balance).sum();
        assert_eq!(total, ACCOUNTS * START, "{accounts:?}");
        assert!(accounts.is_sorted_by_key(|account| (account.balance, account.id)), "{accounts:?}");
    }
    let path = chance.of(4);
    let visits = repo.all(Visit::query().filter(|v| v.path.eq(path)).order_by(|v| (v.hits, v.token))).await;
    if tally.outcome(&visits) == Outcome::Done {
        let visits = visits.unwrap();
        assert!(visits.iter().all(|visit| visit.path == path), "{visits:?}");
        assert!(visits.is_sorted_by_key(|visit| (visit.hits, visit.token)), "{visits:?}");
    }
    let numbers = repo.all(Seat::query().order_by(|s| s.number).select(|s| s.number)).await;
    if tally.outcome(&numbers) == Outcome::Done {
        assert!(numbers.unwrap().windows(2).all(|pair| pair[0] < pair[1]));
    }
}

/// Compares what is there at last with what the writers know.
pub async fn settle(repo: &Repo, tally: &Tally) {
    for counter in repo.all(Counter::query()).await.unwrap() {
        let (sure, perhaps) = tally.counted.lock().unwrap().get(&counter.id).copied().unwrap_or_default();
        let possible = sure..=sure + perhaps;
        assert!(possible.contains(&counter.hits), "{counter:?} is not in {possible:?}");
    }
    let accounts = repo.all(Account::query()).await.unwrap();
    assert_eq!(accounts.iter().map(|account| account.balance).sum::<i64>(), ACCOUNTS * START, "{accounts:?}");
    let seats = repo.all(Seat::query()).await.unwrap();
    let owners: BTreeMap<i64, i64> = seats.iter().map(|seat| (seat.number, seat.owner)).collect();
    assert_eq!(owners.len(), seats.len(), "a seat was given twice: {seats:?}");
    for (number, (sure, perhaps)) in tally.seated.lock().unwrap().iter() {
        assert!(sure.len() <= 1, "seat {number} was given to {sure:?}");
        match (sure.first(), owners.get(number)) {
            (Some(owner), there) => assert_eq!(there, Some(owner), "seat {number}"),
            (None, Some(owner)) => assert!(perhaps.contains(owner), "seat {number} of {owner}, who was refused"),
            (None, None) => {}
        }
    }
}
