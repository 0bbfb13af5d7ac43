//! Running the writes of a step.

use super::filters::{items, sessions, users};
use super::schemas::{Item, Place, Session, User, moment};
use super::stage::{Lives, Stage};
use super::steps::{Conflict, Expires, Life, NewItem, NewSession, NewUser, SessionPatch, UserPatch, Write};
use super::values::{balance, email, name};
use chrono::{DateTime, Utc};
use peristyle::Error;
use peristyle::prelude::*;
use peristyle::query::OnConflict;
use peristyle::repo::Upserted;
use uuid::Uuid;

/// Gives a write its time to live, if the call says one.
macro_rules! living {
    ($stage:expr, $life:expr, $write:expr) => {{
        let write = $write;
        match $stage.ttl($life) {
            Some(ttl) => write.ttl(ttl),
            None => write,
        }
    }};
}

pub fn user(new: &NewUser, id: i64) -> User {
    User {
        id,
        email: email(new.email),
        name: new.name.map(name),
        age: new.age,
        balance: balance(new.balance),
        active: new.active,
        seen_at: new.seen.map(moment),
        note: new.note.then(|| "note".to_owned()),
        ..User::default()
    }
}

pub fn item(new: &NewItem) -> Item {
    Item { id: Uuid::from_u128(new.id), label: new.label.map(name), stock: new.stock }
}

fn expires_at(expires: Expires) -> Option<DateTime<Utc>> {
    match expires {
        Expires::Never => None,
        Expires::Later => Some(moment(1000)),
        Expires::Past => DateTime::from_timestamp(978_307_200, 0),
    }
}

fn session(new: &NewSession) -> Session {
    Session {
        user_id: new.key.0,
        device: new.key.1.to_owned(),
        token: new.token.map(Uuid::from_u128),
        seen_at: moment(new.seen),
        hits: 9_007_199_254_740_993,
        expires_at: expires_at(new.expires),
    }
}

pub fn changed_user(row: User, patch: &UserPatch, stale: bool) -> Changeset<User> {
    let row = User { revision: row.revision - i32::from(stale), ..row };
    let mut changeset = Changeset::of(row);
    if let Some(number) = patch.email {
        changeset = changeset.change(|u| u.email.set(email(number)));
    }
    if let Some(number) = patch.name {
        changeset = changeset.change(|u| u.name.set(number.map(name)));
    }
    if let Some(age) = patch.age {
        changeset = changeset.change(|u| u.age.set(age));
    }
    if let Some(number) = patch.balance {
        changeset = changeset.change(|u| u.balance.set(balance(number)));
    }
    if let Some(active) = patch.active {
        changeset = changeset.change(|u| u.active.set(active));
    }
    if let Some(number) = patch.seen {
        changeset = changeset.change(|u| u.seen_at.set(number.map(moment)));
    }
    changeset
}

pub fn changed_session(row: Session, patch: &SessionPatch) -> Changeset<Session> {
    let hits = row.hits + 1;
    let mut changeset = Changeset::of(row).change(|s| s.hits.set(hits));
    if let Some(token) = patch.token {
        changeset = changeset.change(|s| s.token.set(token.map(Uuid::from_u128)));
    }
    if let Some(number) = patch.seen {
        changeset = changeset.change(|s| s.seen_at.set(moment(number)));
    }
    if let Some(expires) = patch.expires {
        changeset = changeset.change(|s| s.expires_at.set(expires_at(expires)));
    }
    changeset
}

pub fn note_user(stage: &Stage, life: Life, id: i64) {
    stage.note(Place::User(id), Lives::of(life, Lives::Forever));
}

pub fn note_session(stage: &Stage, life: Life, user_id: i64, device: String, expires_at: Option<DateTime<Utc>>) {
    let by_schema = match expires_at {
        None => Lives::Forever,
        Some(time) if time < moment(0) => Lives::Gone,
        Some(_) => Lives::UntilItExpires,
    };
    stage.note(Place::Session(user_id, device), Lives::of(life, by_schema));
}

pub fn note_item(stage: &Stage, life: Life, id: Uuid) {
    stage.note(Place::Item(id.as_u128()), Lives::of(life, Lives::UntilItExpires));
}

fn sorted<T: std::fmt::Debug + PartialOrd>(mut rows: Vec<T>) -> String {
    rows.sort_by(|one, other| one.partial_cmp(other).unwrap());
    format!("{rows:?}")
}

fn upserted<S: std::fmt::Debug>(upserted: &Upserted<S>) -> String {
    match upserted {
        Upserted::Skipped(_) => "skipped".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Runs a write; gives what came of it.
pub async fn write(stage: &Stage, repo: &Repo, write: &Write, life: Life) -> Result<String, Error> {
    match write {
        Write::InsertUser(new, conflict) => insert_user(stage, repo, new, *conflict, life).await,
        Write::UpdateUser { id, patch, stale } => {
            let Some(row) = repo.get::<User>(*id).await? else { return Ok("no row".to_owned()) };
            let row = living!(stage, life, repo.update(changed_user(row, patch, *stale)).force()).await?;
            note_user(stage, life, row.id);
            Ok(format!("{row:?}"))
        }
        Write::DeleteUser { id, stale } => {
            let Some(row) = repo.get::<User>(*id).await? else { return Ok("no row".to_owned()) };
            let row = repo.delete(User { revision: row.revision - i32::from(*stale), ..row }).await?;
            Ok(format!("{row:?}"))
        }
        Write::UpdateUsers(filter, patch) => {
            let update = repo.update_all(users(filter, None), |u| {
                let mut list = Vec::new();
                list.extend(patch.email.map(|number| u.email.set(email(number))));
                list.extend(patch.name.map(|number| u.name.set(number.map(name))));
                list.extend(patch.age.map(|age| u.age.set(age)));
                list.extend(patch.older.then(|| u.age.set(u.age + 1)));
                list.extend(patch.balance.map(|number| u.balance.set(balance(number))));
                list.extend(patch.active.map(|active| u.active.set(active)));
                list.extend(patch.seen.map(|number| u.seen_at.set(number.map(moment))));
                list
            });
            let rows = living!(stage, life, update).returning(|u| (u.id, u.email, u.age)).await?;
            rows.iter().for_each(|(id, ..)| note_user(stage, life, *id));
            Ok(sorted(rows))
        }
        Write::DeleteUsers(filter) => {
            Ok(sorted(repo.delete_all(users(filter, None)).returning(|u| (u.id, u.email)).await?))
        }
        Write::DeleteFewUsers(filter, order, limit) => {
            let few = users(filter, Some(*order)).limit(*limit);
            Ok(sorted(repo.delete_all(few).returning(|u| (u.id, u.email)).await?))
        }
        Write::AgeFewUsers(filter, order, limit) => {
            let few = users(filter, Some(*order)).limit(*limit);
            let update = repo.update_all(few, |u| (u.age.set(u.age + 1), u.active.set(!u.active)));
            let rows = living!(stage, life, update).returning(|u| (u.id, u.age, u.active)).await?;
            rows.iter().for_each(|(id, ..)| note_user(stage, life, *id));
            Ok(sorted(rows))
        }
        Write::MoveUser { id, to } => {
            let update = repo.update_all(User::query().filter(|u| u.id.eq(*id)), |u| u.id.set(*to));
            let rows = living!(stage, life, update).returning(|u| (u.id, u.revision)).await?;
            rows.iter().for_each(|(id, _)| note_user(stage, life, *id));
            Ok(sorted(rows))
        }
        Write::InsertSession(new, conflict) => {
            let insert = living!(stage, life, repo.insert(session(new)));
            let came = match conflict {
                Conflict::Error => Upserted::Inserted(insert.await?),
                Conflict::Ignore => insert.on_conflict(|c| c.ignore()).await?,
                Conflict::Update | Conflict::UpdateIf => {
                    let update = insert.on_conflict(|c| {
                        c.target(|s| s.token).set(|s, new| (s.hits.set(s.hits + 1), s.seen_at.set(new.seen_at)))
                    });
                    update.await?
                }
                Conflict::UpdateByKey => {
                    insert
                        .on_conflict(|c| {
                            c.target(|s| (s.user_id, s.device)).update(|s| (s.token, s.seen_at, s.expires_at))
                        })
                        .await?
                }
            };
            if let Upserted::Inserted(row) | Upserted::Updated(row) = &came {
                note_session(stage, life, row.user_id, row.device.clone(), row.expires_at);
            }
            Ok(upserted(&came))
        }
        Write::UpdateSession { key, patch } => {
            let Some(row) = repo.get::<Session>((key.0, key.1.to_owned())).await? else {
                return Ok("no row".to_owned());
            };
            let row = living!(stage, life, repo.update(changed_session(row, patch)).force()).await?;
            note_session(stage, life, row.user_id, row.device.clone(), row.expires_at);
            Ok(format!("{row:?}"))
        }
        Write::DeleteSession { key } => {
            let Some(row) = repo.get::<Session>((key.0, key.1.to_owned())).await? else {
                return Ok("no row".to_owned());
            };
            Ok(format!("{:?}", repo.delete(row).await?))
        }
        Write::UpdateSessions(filter, patch) => {
            let update = repo.update_all(sessions(filter, None), |s| {
                let mut list = vec![s.hits.set(s.hits + 1)];
                list.extend(patch.token.map(|token| s.token.set(token.map(Uuid::from_u128))));
                list.extend(patch.seen.map(|number| s.seen_at.set(moment(number))));
                list.extend(patch.expires.map(|expires| s.expires_at.set(expires_at(expires))));
                list
            });
            let rows = living!(stage, life, update).returning(|s| (s.user_id, s.device, s.expires_at)).await?;
            for (id, device, expires_at) in &rows {
                note_session(stage, life, *id, device.clone(), *expires_at);
            }
            Ok(sorted(rows))
        }
        Write::DeleteSessions(filter) => {
            Ok(sorted(repo.delete_all(sessions(filter, None)).returning(|s| (s.user_id, s.device)).await?))
        }
        Write::MoveSession { key, to } => {
            let from = Session::query().filter(|s| s.user_id.eq(key.0).and(s.device.eq(key.1)));
            let update = repo.update_all(from, |s| (s.user_id.set(to.0), s.device.set(to.1)));
            let rows = living!(stage, life, update).returning(|s| (s.user_id, s.device, s.expires_at)).await?;
            for (id, device, expires_at) in &rows {
                note_session(stage, life, *id, device.clone(), *expires_at);
            }
            Ok(sorted(rows))
        }
        Write::InsertItem(new, conflict) => {
            let insert = living!(stage, life, repo.insert(item(new)));
            let came = match conflict {
                Conflict::Error => Upserted::Inserted(insert.await?),
                Conflict::Ignore => insert.on_conflict(|c| c.ignore()).await?,
                Conflict::Update | Conflict::UpdateIf | Conflict::UpdateByKey => {
                    insert.on_conflict(|c| c.target(|i| i.id).set(|i, new| i.stock.set(i.stock + new.stock))).await?
                }
            };
            if let Upserted::Inserted(row) | Upserted::Updated(row) = &came {
                note_item(stage, life, row.id);
            }
            Ok(upserted(&came))
        }
        Write::UpdateItem { id, stock, label } => {
            let Some(row) = repo.get::<Item>(Uuid::from_u128(*id)).await? else { return Ok("no row".to_owned()) };
            let mut changeset = row.change(|i| i.stock.set(*stock));
            if let Some(label) = label {
                changeset = changeset.change(|i| i.label.set(label.map(name)));
            }
            let row = living!(stage, life, repo.update(changeset).force()).await?;
            note_item(stage, life, row.id);
            Ok(format!("{row:?}"))
        }
        Write::DeleteItem { id } => {
            let Some(row) = repo.get::<Item>(Uuid::from_u128(*id)).await? else { return Ok("no row".to_owned()) };
            Ok(format!("{:?}", repo.delete(row).await?))
        }
        Write::UpdateItems(filter, label) => {
            let update =
                repo.update_all(items(filter, None), |i| (i.stock.set(i.stock + 1), i.label.set(label.map(name))));
            let rows = living!(stage, life, update).returning(|i| (i.id, i.stock)).await?;
            rows.iter().for_each(|(id, _)| note_item(stage, life, *id));
            Ok(sorted(rows))
        }
        Write::Read(query) => super::read::read(repo, query).await,
        Write::DeleteItems(filter) => Ok(sorted(repo.delete_all(items(filter, None)).returning(|i| i.id).await?)),
    }
}

pub fn update_if(conflict: OnConflict<User>) -> OnConflict<User> {
    conflict.target(|u| u.email).update(|u| (u.name, u.age)).filter(|u, new| u.active.or(new.active))
}

async fn insert_user(
    stage: &Stage,
    repo: &Repo,
    new: &NewUser,
    conflict: Conflict,
    life: Life,
) -> Result<String, Error> {
    let id = match new.id {
        Some(id) => id,
        None if stage.redis => 0,
        None => stage.take_key().unwrap_or(0),
    };
    let insert = living!(stage, life, repo.insert(user(new, id)));
    let came = match conflict {
        Conflict::Error => insert.await.map(Upserted::Inserted),
        Conflict::Ignore => insert.on_conflict(|c| c.ignore()).await,
        Conflict::UpdateIf => insert.on_conflict(update_if).await,
        Conflict::Update => {
            insert.on_conflict(|c| c.target(|u| u.email).update(|u| (u.name, u.balance, u.seen_at))).await
        }
        Conflict::UpdateByKey => insert.on_conflict(|c| c.target(|u| u.id).update(|u| (u.email, u.name))).await,
    };
    if stage.redis && new.id.is_none() {
        stage.give_key(match &came {
            Ok(Upserted::Inserted(row)) => Some(row.id),
            _ => None,
        });
    }
    let came = came?;
    if let Upserted::Inserted(row) | Upserted::Updated(row) = &came {
        note_user(stage, life, row.id);
    }
    Ok(upserted(&came))
}
