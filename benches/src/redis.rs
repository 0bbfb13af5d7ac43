//! Redis: the server that `PERISTYLE_TEST_REDIS_URL` names, in a prefix of its own.
//!
//! The peer is redis-rs itself, with the commands that Peristyle's layout needs written by hand.

use crate::harness::{Case, Measured, Options, PERISTYLE, Result};
use chrono::{DateTime, TimeDelta, Utc};
use peristyle::prelude::*;
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

const REDIS: &str = "redis-rs, by hand";
const REDIS_SCRIPT: &str = "redis-rs, a script by hand";

/// How many users there are.
const USERS: i64 = 1000;
/// Their keys are multiples of this, so that those of all are no single range.
const STEP: i64 = 7;
/// How many sessions each of them has.
const SESSIONS: i64 = 3;

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct User {
    id: i64,
    name: String,
    sessions: HasMany<Session>,
}

/// Both derive what they need of one struct; in JSON a time is the same text for both.
#[derive(Clone, Debug, Default, PartialEq, Schema, Serialize, Deserialize)]
#[schema(index(user_id, seen_at))]
struct Session {
    #[schema(primary_key, natural)]
    token: Uuid,
    user_id: i64,
    agent: String,
    seen_at: DateTime<Utc>,
}

impl Session {
    fn new(user_id: i64, number: i64) -> Self {
        let seen_at = DateTime::UNIX_EPOCH + TimeDelta::microseconds(1_700_000_000_000_000 + number * 1_234_567);
        Session { token: Uuid::now_v7(), user_id, agent: format!("Mozilla/5.0 (X11; Linux x86_64) {number}"), seen_at }
    }

    fn sum(&self) -> u64 {
        self.token.as_u128() as u64 ^ (self.user_id + self.seen_at.timestamp_micros()) as u64 ^ self.agent.len() as u64
    }
}

/// Runs the cases on Redis, if there is a server.
pub async fn run(options: &Options) -> Result<Vec<Measured>> {
    let Some(url) = std::env::var("PERISTYLE_TEST_REDIS_URL").ok().filter(|_| options.asks_for("Redis")) else {
        return Ok(Vec::new());
    };
    let prefix = format!("peristyle_bench_{}", std::process::id());
    let tag = format!("{{{prefix}.sessions}}");
    let repo = peristyle::connect(&url).await?.with_prefix(&prefix);
    let connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let result = cases(&repo, &connection, &tag, options).await;
    clear(connection, &tag).await?;
    repo.close().await;
    result
}

async fn cases(repo: &Repo, connection: &MultiplexedConnection, tag: &str, options: &Options) -> Result<Vec<Measured>> {
    let sessions: Vec<Session> = (0..USERS * SESSIONS).map(|number| Session::new((number % USERS + 1) * STEP, number)).collect();
    repo.insert_all(sessions.clone()).await?;
    let mut report = Vec::new();
    preload(repo, connection.clone(), tag).run(options, &mut report).await?;
    get(repo, connection.clone(), tag, &sessions).run(options, &mut report).await?;
    insert(repo, connection.clone(), tag).run(options, &mut report).await?;
    Ok(report)
}

/// The same commands in one round trip, as Peristyle sends them.
const RANGES_AND_ROWS: &str = "
    local rows = {}
    for place = 1, #ARGV, 2 do
      for _, member in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[place], ARGV[place + 1], 'BYLEX')) do
        rows[#rows + 1] = KEYS[2] .. string.sub(member, -36)
      end
    end
    return redis.call('MGET', unpack(rows))";

/// The sessions of 1,000 users in hand. By hand: a range of the index for each user and MGET of the keys, in one script or in a
/// pipeline and a second round trip, and serde.
fn preload<'c>(repo: &'c Repo, connection: MultiplexedConnection, tag: &'c str) -> Case<'c> {
    let users: Vec<User> = (1..=USERS).map(|number| User { id: number * STEP, ..User::default() }).collect();
    let index = format!("{tag}/by/user_id:int,seen_at:moment");
    Case::new("Redis: preload of 3,000 sessions of 1,000 users")
        .with(PERISTYLE, {
            let users = users.clone();
            async move || {
                let mut users = users.clone();
                repo.preload(&mut users, |u| u.sessions()).await?;
                Ok(users
                    .iter()
                    .flat_map(|user| user.sessions.get())
                    .flatten()
                    .fold(0, |sum, session| sum ^ session.sum()))
            }
        })
        .with(REDIS_SCRIPT, {
            let (users, connection) = (users.clone(), connection.clone());
            let (index, rows, script) = (index.clone(), format!("{tag}:"), redis::Script::new(RANGES_AND_ROWS));
            async move || {
                let mut users = users.clone();
                let mut call = script.key(&index);
                call.key(&rows);
                for user in &users {
                    call.arg(bound(b'[', user.id)).arg(bound(b'(', user.id + 1));
                }
                let rows: Vec<String> = call.invoke_async(&mut connection.clone()).await?;
                distribute(&mut users, &rows)
            }
        })
        .with(REDIS, async move || {
            let mut users = users.clone();
            let mut ranges = redis::pipe();
            for user in &users {
                let (low, high) = (bound(b'[', user.id), bound(b'(', user.id + 1));
                ranges.cmd("ZRANGE").arg(&index).arg(low).arg(high).arg("BYLEX");
            }
            let members: Vec<Vec<Vec<u8>>> = ranges.query_async(&mut connection.clone()).await?;
            let mut rows = redis::cmd("MGET");
            for member in members.iter().flatten() {
                let end = member.iter().rposition(|byte| *byte == 0).ok_or("a member without a key")?;
                rows.arg([tag.as_bytes(), b":", &member[end + 1..]].concat());
            }
            let rows: Vec<String> = rows.query_async(&mut connection.clone()).await?;
            distribute(&mut users, &rows)
        })
}

/// Gives each user the sessions among these rows; the sum of all.
fn distribute(users: &mut [User], rows: &[String]) -> Result<u64> {
    let mut by_user: HashMap<i64, Vec<Session>> = HashMap::new();
    for row in rows {
        let session: Session = serde_json::from_str(row)?;
        by_user.entry(session.user_id).or_default().push(session);
    }
    for user in &mut *users {
        user.sessions = by_user.remove(&user.id).unwrap_or_default().into();
    }
    Ok(users.iter().flat_map(|user| user.sessions.get()).flatten().fold(0, |sum, session| sum ^ session.sum()))
}

/// The ordered bytes of a user's key, as a bound of a range.
fn bound(inclusive: u8, user_id: i64) -> Vec<u8> {
    let mut bytes = vec![inclusive, 2];
    bytes.extend_from_slice(&(user_id ^ i64::MIN).to_be_bytes());
    bytes
}

/// A row by its key. By hand: GET and serde.
fn get<'c>(repo: &'c Repo, connection: MultiplexedConnection, tag: &'c str, sessions: &'c [Session]) -> Case<'c> {
    let turn = |place: &mut usize| {
        *place = (*place + 7919) % sessions.len();
        sessions[*place].token
    };
    let (mut a, mut b) = (0, 0);
    Case::new("Redis: look-up by key")
        .with(PERISTYLE, async move || Ok(repo.find::<Session>(turn(&mut a)).await?.sum()))
        .with(REDIS, async move || {
            let mut get = redis::cmd("GET");
            let row: String = get.arg(format!("{tag}:{}", turn(&mut b))).query_async(&mut connection.clone()).await?;
            Ok(serde_json::from_str::<Session>(&row)?.sum())
        })
}

/// An insert with its two index members. By hand: SET NX and two ZADD in MULTI, which checks nothing before it writes.
fn insert<'c>(repo: &'c Repo, connection: MultiplexedConnection, tag: &'c str) -> Case<'c> {
    let (keys, index) = (format!("{tag}/keys"), format!("{tag}/by/user_id:int,seen_at:moment"));
    Case::new("Redis: insert with two indexes")
        .with(PERISTYLE, async move || {
            repo.insert(Session::new(5000, 1)).await?;
            Ok(1)
        })
        .with(REDIS, async move || {
            let session = Session::new(6000, 1);
            let mut key = [&[2], &session.token.as_bytes()[..], &[0], session.token.to_string().as_bytes()].concat();
            let mut member = bound(b'[', session.user_id).split_off(1);
            member.push(2);
            member.extend_from_slice(&(session.seen_at.timestamp_micros() ^ i64::MIN).to_be_bytes());
            member.append(&mut key.clone());
            let mut write = redis::pipe();
            write.atomic();
            let row = serde_json::to_string(&session)?;
            write.cmd("SET").arg(format!("{tag}:{}", session.token)).arg(row).arg("NX").ignore();
            write.cmd("ZADD").arg(&keys).arg(0).arg(std::mem::take(&mut key)).ignore();
            write.cmd("ZADD").arg(&index).arg(0).arg(member).ignore();
            write.exec_async(&mut connection.clone()).await?;
            Ok(1)
        })
}

async fn clear(mut connection: MultiplexedConnection, tag: &str) -> Result<()> {
    let mut cursor = 0u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{tag}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut connection).await?;
        if !keys.is_empty() {
            redis::cmd("UNLINK").arg(keys).exec_async(&mut connection).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
