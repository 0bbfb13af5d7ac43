//! Runs a sequence on Redis and on SQLite, and compares.

use super::crc16;
use super::read::read;
use super::schemas::{Item, Place, Session, TABLES, User};
use super::stage::{Came, Lives, MOMENT, Stage, described};
use super::steps::{Conflict, Life, NewUser, Step, Steps, Write};
use super::write::{changed_session, changed_user, item, note_item, note_session, note_user, update_if, user, write};
use chrono::DateTime;
use peristyle::Error;
use peristyle::prelude::*;
use peristyle::repo::{FixedClock, Upserted};
use peristyle_tests::{Store, layout};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The two stores.
pub struct Model {
    store: Store,
    redis: Stage,
    sqlite: Stage,
    /// The rows that expire, among those that were written last with or without a time.
    expiring: Mutex<BTreeMap<Place, bool>>,
    /// Steps that were run on both, and those that Redis cannot do.
    pub ran: AtomicU64,
    pub unsupported: AtomicU64,
    /// Steps with a row that two constraints refuse, and that were not refused by the same.
    pub either: AtomicU64,
}

impl Model {
    pub async fn new(store: Store) -> Self {
        let clock = || FixedClock::at(DateTime::from_timestamp(1_700_000_000, 123_456_000).unwrap());
        let sqlite = peristyle::connect("sqlite::memory:").await.unwrap();
        sqlite.script(peristyle_tests::ddl::render(TABLES, Dialect::Sqlite)).await.unwrap();
        Model {
            redis: Stage::new(store.repo.with_clock(clock()), true),
            sqlite: Stage::new(sqlite.with_clock(clock()), false),
            store,
            expiring: Mutex::default(),
            ran: AtomicU64::default(),
            unsupported: AtomicU64::default(),
            either: AtomicU64::default(),
        }
    }

    /// Runs a sequence on empty stores, and checks what it leaves.
    pub async fn run(&self, steps: &Steps) -> Result<(), String> {
        self.clear().await;
        for (place, step) in steps.0.iter().enumerate() {
            self.step(step).await.map_err(|problem| format!("step {} {step:?}: {problem}", place + 1))?;
        }
        self.compare().await?;
        let problems = layout::problems(&self.store, &[User::META, Session::META, Item::META]);
        if problems.is_empty() { Ok(()) } else { Err(format!("the layout is broken:\n  {}", problems.join("\n  "))) }
    }

    async fn clear(&self) {
        self.store.servers().drop_keys(&format!("{{{}.*", self.store.prefix()));
        for table in ["users", "sessions", "items"] {
            self.sqlite.repo.script(format!("delete from {table}")).await.unwrap();
        }
        self.expiring.lock().unwrap().clear();
        for stage in [&self.redis, &self.sqlite] {
            stage.take_keys();
            stage.take_written();
        }
    }

    async fn step(&self, step: &Step) -> Result<(), String> {
        match step {
            Step::Expire(place) => return self.expire(place).await,
            Step::Sweep | Step::Rebuild => return self.maintain(step).await.map_err(|error| error.to_string()),
            _ => {}
        }
        let redis = run(&self.redis, step).await;
        self.ran.fetch_add(1, Ordering::Relaxed);
        let (keys, written) = (self.redis.take_keys(), self.redis.take_written());
        let redis = match redis {
            Came::Of(came) => came,
            Came::Unsupported(_) => {
                self.unsupported.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
        };
        self.sqlite.set_keys(keys);
        let sqlite = run(&self.sqlite, step).await;
        self.sqlite.take_keys();
        let also_written = self.sqlite.take_written();
        let Came::Of(sqlite) = sqlite else { return Err(format!("Redis: {redis}\n  SQLite: {sqlite:?}")) };
        if redis != sqlite {
            // A row that two constraints refuse is refused by either.
            if without_columns(&redis) != without_columns(&sqlite) {
                return Err(format!("Redis: {redis}\n  SQLite: {sqlite}"));
            }
            self.either.fetch_add(1, Ordering::Relaxed);
        }
        if is_refusal(&redis) && !matches!(step, Step::InsertUsers(..) | Step::InsertItems(..)) {
            return Ok(());
        }
        // What is written last counts.
        let written: BTreeMap<Place, Lives> = written.into_iter().collect();
        let last: BTreeMap<Place, Lives> = also_written.into_iter().collect();
        if written != last && !matches!(step, Step::InsertUsers(..)) {
            return Err(format!("Redis wrote {written:?}, SQLite {last:?}"));
        }
        if matches!(step, Step::Write(_, Life::Moment)) && !last.is_empty() {
            tokio::time::sleep(MOMENT + std::time::Duration::from_millis(3)).await;
        }
        for (place, lives) in last {
            self.expiring.lock().unwrap().insert(place.clone(), lives == Lives::UntilItExpires);
            if lives == Lives::Gone {
                self.forget(&place).await;
            }
        }
        Ok(())
    }

    /// Deletes a row that has expired from the model.
    async fn forget(&self, place: &Place) {
        let repo = &self.sqlite.repo;
        match place {
            Place::User(id) => repo.delete_all(User::query().filter(|u| u.id.eq(*id))).await.unwrap(),
            Place::Session(id, device) => {
                let session = Session::query().filter(|s| s.user_id.eq(*id).and(s.device.eq(device.clone())));
                repo.delete_all(session).await.unwrap()
            }
            Place::Item(id) => {
                repo.delete_all(Item::query().filter(|i| i.id.eq(uuid::Uuid::from_u128(*id)))).await.unwrap()
            }
        };
    }

    /// Lets the time of a row come, if it expires: as of now for Redis, in which its key and its claims go by themselves.
    async fn expire(&self, place: &Place) -> Result<(), String> {
        let servers = self.store.servers();
        let (key, tag) = self.key(place);
        let expires: i64 = servers.command(redis::cmd("PEXPIRETIME").arg(&key));
        let expected = self.expiring.lock().unwrap().get(place).copied().unwrap_or(false);
        match expires {
            -2 => return Ok(()),
            -1 if !expected => return Ok(()),
            time if time > 0 && expected => {}
            time => return Err(format!("the row expires at {time}, and should it: {expected}")),
        }
        let claims = format!("{tag}/unique/");
        for claim in self.store.keys().into_iter().filter(|key| key.starts_with(&claims)) {
            let holder: Option<String> = servers.command(redis::cmd("GET").arg(&claim));
            if holder == Some(place.text()) {
                servers.command::<()>(redis::cmd("PEXPIREAT").arg(&claim).arg(1));
            }
        }
        servers.command::<()>(redis::cmd("PEXPIREAT").arg(&key).arg(1));
        servers.command::<()>(redis::cmd("ZADD").arg(format!("{tag}/expiry")).arg("XX").arg(1).arg(place.text()));
        self.forget(place).await;
        Ok(())
    }

    async fn maintain(&self, step: &Step) -> Result<(), Error> {
        let repo = &self.redis.repo;
        if matches!(step, Step::Sweep) {
            repo.sweep::<User>().await?;
            repo.sweep::<Session>().await?;
            repo.sweep::<Item>().await?;
        } else {
            repo.reindex::<User>().rebuild().await?;
            repo.reindex::<Session>().rebuild().await?;
            repo.reindex::<Item>().rebuild().await?;
        }
        Ok(())
    }

    /// The key of a row, and the tag of its part.
    fn key(&self, place: &Place) -> (String, String) {
        let text = place.text();
        let bucket = match place {
            Place::Item(_) => format!("/{}", crc16(text.as_bytes()) % 4),
            _ => String::new(),
        };
        let tag = format!("{{{}.{}{bucket}}}", self.store.prefix(), place.table());
        (format!("{tag}:{text}"), tag)
    }

    /// Compares all rows, how they are read by key, and which of them expire.
    async fn compare(&self) -> Result<(), String> {
        let expiring = self.expiring.lock().unwrap().clone();
        macro_rules! same {
            ($query:expr, $place:expr, $get:expr) => {{
                let redis = self.redis.repo.all($query).await.map_err(|error| error.to_string())?;
                let sqlite = self.sqlite.repo.all($query).await.map_err(|error| error.to_string())?;
                if format!("{redis:?}") != format!("{sqlite:?}") {
                    return Err(format!("at last Redis has {redis:?}\n  SQLite has {sqlite:?}"));
                }
                for row in &redis {
                    let place: Place = $place(row);
                    let (key, _) = self.key(&place);
                    let at: i64 = self.store.servers().command(redis::cmd("PEXPIRETIME").arg(key));
                    if (at > 0) != expiring.get(&place).copied().unwrap_or(false) {
                        return Err(format!("{place:?} expires at {at}: should it? {:?}", expiring.get(&place)));
                    }
                    let got = $get(row).await.map_err(|error: Error| error.to_string())?;
                    if got.as_ref() != Some(row) {
                        return Err(format!("{place:?} by key is {got:?}, by index {row:?}"));
                    }
                }
            }};
        }
        let repo = &self.redis.repo;
        same!(User::query().order_by(|u| u.id), |u: &User| Place::User(u.id), |u: &User| repo.get::<User>(u.id));
        same!(
            Session::query().order_by(|s| (s.user_id, s.device)),
            |s: &Session| Place::Session(s.user_id, s.device.clone()),
            |s: &Session| repo.get::<Session>((s.user_id, s.device.clone()))
        );
        same!(Item::query().order_by(|i| i.id), |i: &Item| Place::Item(i.id.as_u128()), |i: &Item| repo
            .get::<Item>(i.id));
        Ok(())
    }
}

fn is_refusal(came: &str) -> bool {
    came.starts_with("refused: ")
}

/// What came of a step, without the columns of unique constraints that refused a row.
fn without_columns(came: &str) -> String {
    let mut parts = came.split("Unique of Some(");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (table, rest) = part.split_once(") [").unwrap_or((part, ""));
        text.push_str(table);
        text.push_str(rest.split_once(']').unwrap_or_default().1);
    }
    text
}

/// Runs a step on a store.
async fn run(stage: &Stage, step: &Step) -> Came {
    let repo = &stage.repo;
    match step {
        Step::Write(one, life) => Came::of(write(stage, repo, one, *life).await),
        Step::Read(query) => Came::of(read(repo, query).await),
        Step::InsertUsers(new, conflict) => insert_users(stage, new, *conflict).await,
        Step::InsertItems(new) => {
            let rows: Vec<Item> = grouped(new, |item| item.label.is_some()).iter().map(item).collect();
            let came = match stage.redis {
                true => landed(rows.len(), stage.repo.insert_all(rows.clone()).await),
                false => {
                    let mut came = Vec::new();
                    for row in &rows {
                        came.push(stage.repo.insert(row.clone()).await.map(|_| ()));
                    }
                    Ok(came)
                }
            };
            came_of_each(came, |place| note_item(stage, Life::Schema, rows[place].id))
        }
        Step::Transaction { writes, life, rolled_back } => {
            let transaction = repo.transaction(async |tx| {
                let mut came = String::new();
                for one in writes {
                    came.push_str(&write(stage, &tx, one, *life).await?);
                    came.push_str("; ");
                }
                if *rolled_back {
                    return Err(Error::rollback("enough"));
                }
                Ok(came)
            });
            Came::of(transaction.await)
        }
        Step::Multi(writes) => Came::of(multi(stage, writes).await),
        Step::Expire(_) | Step::Sweep | Step::Rebuild => Came::Of(String::new()),
    }
}

/// What became of each row of an insert that keeps each by itself.
fn landed(count: usize, result: Result<u64, Error>) -> Result<Vec<Result<(), Error>>, Error> {
    match result {
        Ok(_) => Ok((0..count).map(|_| Ok(())).collect()),
        Err(Error::Partial(partial)) => {
            let failed: BTreeMap<usize, Error> = partial.failed.iter().cloned().collect();
            Ok((0..count).map(|place| failed.get(&place).cloned().map_or(Ok(()), Err)).collect())
        }
        Err(error) => Err(error),
    }
}

fn came_of_each(came: Result<Vec<Result<(), Error>>, Error>, note: impl Fn(usize)) -> Came {
    let came = match came {
        Ok(came) => came,
        Err(error) => return Came::of(Err(error)),
    };
    let mut text = String::new();
    for (place, one) in came.iter().enumerate() {
        match one {
            Ok(()) => {
                note(place);
                text.push_str("landed; ");
            }
            Err(error) => match Came::of(Err(error.clone())) {
                Came::Of(_) => text.push_str(&format!("{}; ", described(error))),
                unsupported => return unsupported,
            },
        }
    }
    Came::Of(text)
}

/// Rows that set the same columns are one statement, in the order of the first of each.
fn grouped<T: Clone, C: PartialEq>(new: &[T], columns: impl Fn(&T) -> C) -> Vec<T> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for row in new {
        match groups.iter_mut().find(|group| columns(&group[0]) == columns(row)) {
            Some(group) => group.push(row.clone()),
            None => groups.push(vec![row.clone()]),
        }
    }
    groups.concat()
}

async fn insert_users(stage: &Stage, new: &[NewUser], conflict: Conflict) -> Came {
    let columns = |user: &NewUser| (user.name.is_some(), user.age.is_some(), user.seen.is_some(), user.note);
    let (repo, new) = (&stage.repo, grouped(new, columns));
    if !stage.redis {
        let (mut came, mut written) = (Vec::new(), Vec::new());
        for user in &new {
            // A row with this address is updated, whatever key Redis would have generated.
            let there = repo.get_by::<User>(|u| u.email.eq(super::values::email(user.email))).await.unwrap();
            let key = stage.take_key();
            let id = user.id.or(key.filter(|_| there.is_none())).unwrap_or(0);
            let one = upsert(repo, super::write::user(user, id), conflict).await;
            written.push(one.as_ref().ok().and_then(|row| row.as_ref()).map(|row| row.id));
            came.push(one.map(|_| ()));
        }
        return came_of_each(Ok(came), |place| {
            if let Some(id) = written[place] {
                note_user(stage, Life::Schema, id);
            }
        });
    }
    let rows: Vec<User> = new.iter().map(|new| user(new, new.id.unwrap_or(0))).collect();
    let insert = repo.insert_all(rows.clone());
    let result = match conflict {
        Conflict::Error => insert.await,
        Conflict::Ignore => insert.on_conflict(|c| c.ignore()).await,
        Conflict::UpdateIf => insert.on_conflict(update_if).await,
        Conflict::Update => {
            insert.on_conflict(|c| c.target(|u| u.email).update(|u| (u.name, u.balance, u.seen_at))).await
        }
        Conflict::UpdateByKey => insert.on_conflict(|c| c.target(|u| u.id).update(|u| (u.name, u.age))).await,
    };
    let came = landed(rows.len(), result);
    for new in new.iter().filter(|new| new.id.is_none()) {
        let there = repo.get_by::<User>(|u| u.email.eq(super::values::email(new.email))).await.unwrap();
        stage.give_key(there.map(|row| row.id));
    }
    came_of_each(came, |_| {})
}

/// Inserts a row as one of many; gives the row that it wrote.
async fn upsert(repo: &Repo, row: User, conflict: Conflict) -> Result<Option<User>, Error> {
    let insert = repo.insert(row);
    let came = match conflict {
        Conflict::Error => return insert.await.map(Some),
        Conflict::Ignore => insert.on_conflict(|c| c.ignore()).await?,
        Conflict::UpdateIf => insert.on_conflict(update_if).await?,
        Conflict::Update => {
            insert.on_conflict(|c| c.target(|u| u.email).update(|u| (u.name, u.balance, u.seen_at))).await?
        }
        Conflict::UpdateByKey => insert.on_conflict(|c| c.target(|u| u.id).update(|u| (u.name, u.age))).await?,
    };
    Ok(match came {
        Upserted::Inserted(row) | Upserted::Updated(row) => Some(row),
        Upserted::Skipped(_) => None,
    })
}

/// A multi of those writes that have a step of their own.
async fn multi(stage: &Stage, writes: &[Write]) -> Result<String, Error> {
    let repo = &stage.repo;
    let (mut multi, mut names) = (Multi::new(), Vec::new());
    let (mut users, mut sessions, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for (place, one) in writes.iter().enumerate() {
        let name = format!("{place}");
        match one {
            // Keys of a multi are given: those of a failed one are nowhere to be seen.
            Write::InsertUser(new, _) => {
                let id = new.id.unwrap_or(100 + place as i64);
                users.push((multi.insert(&name, user(new, id)), true));
            }
            Write::UpdateUser { id, patch, stale } => {
                let Some(row) = repo.get::<User>(*id).await? else { continue };
                let changeset = changed_user(row, patch, *stale);
                let is_written = !changeset.changed().is_empty();
                users.push((multi.update(&name, changeset), is_written));
            }
            Write::DeleteUser { id, .. } => {
                let Some(row) = repo.get::<User>(*id).await? else { continue };
                multi.delete(&name, row);
            }
            Write::UpdateSession { key, patch } => {
                let Some(row) = repo.get::<Session>((key.0, key.1.to_owned())).await? else { continue };
                sessions.push(multi.update(&name, changed_session(row, patch)));
            }
            Write::DeleteSession { key } => {
                let Some(row) = repo.get::<Session>((key.0, key.1.to_owned())).await? else { continue };
                multi.delete(&name, row);
            }
            Write::InsertItem(new, _) => items.push(multi.insert(&name, item(new))),
            _ => continue,
        }
        names.push(name);
    }
    if names.is_empty() {
        return Ok("nothing".to_owned());
    }
    let done = repo.multi(multi).await?;
    let mut text = String::new();
    for (step, is_written) in users {
        if is_written {
            note_user(stage, Life::Schema, done[step].id);
        }
        text.push_str(&format!("{:?}; ", done[step]));
    }
    for step in sessions {
        let row = &done[step];
        note_session(stage, Life::Schema, row.user_id, row.device.clone(), row.expires_at);
        text.push_str(&format!("{row:?}; "));
    }
    for step in items {
        note_item(stage, Life::Schema, done[step].id);
    }
    Ok(text)
}
