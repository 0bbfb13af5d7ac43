//! The steps of a sequence, and how they are made up.

use super::filters::{By, ItemFilter, SessionFilter, UserFilter, by, item_filter, session_filter, user_filter};
use super::schemas::Place;
use super::values::{BALANCES, device};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use std::fmt;

/// A sequence; in a report it is a line a step.
#[derive(Clone)]
pub struct Steps(pub Vec<Step>);

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(place, step)| write!(f, "\n  {}. {step:?}", place + 1))
    }
}

#[derive(Clone, Debug)]
pub enum Step {
    Write(Write, Life),
    /// Each row by itself, in one call.
    InsertUsers(Vec<NewUser>, Conflict),
    InsertItems(Vec<NewItem>),
    Transaction {
        writes: Vec<Write>,
        life: Life,
        rolled_back: bool,
    },
    Multi(Vec<Write>),
    Read(Read),
    /// The time of a row that expires comes.
    Expire(Place),
    /// What changes nothing that queries see: all that has expired is swept, or the indexes are made anew.
    Sweep,
    Rebuild,
}

/// How long a written row lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// As its schema says.
    Schema,
    /// An hour, says the call.
    Hour,
    /// A few milliseconds, says the call; they pass before the next step.
    Moment,
}

/// What becomes of a row that is there.
#[derive(Clone, Copy, Debug)]
pub enum Conflict {
    Error,
    /// Any conflict: the new row is left out.
    Ignore,
    /// The row with the same unique value gets the new row's values.
    Update,
    /// The same, if that row is active or the new one is.
    UpdateIf,
    /// The row with the same key does.
    UpdateByKey,
}

#[derive(Clone, Debug)]
pub enum Write {
    InsertUser(NewUser, Conflict),
    UpdateUser {
        id: i64,
        patch: UserPatch,
        stale: bool,
    },
    DeleteUser {
        id: i64,
        stale: bool,
    },
    UpdateUsers(UserFilter, UserPatch),
    DeleteUsers(UserFilter),
    /// The first few of an order.
    DeleteFewUsers(UserFilter, (By, bool), u64),
    AgeFewUsers(UserFilter, (By, bool), u64),
    MoveUser {
        id: i64,
        to: i64,
    },
    InsertSession(NewSession, Conflict),
    UpdateSession {
        key: (i64, &'static str),
        patch: SessionPatch,
    },
    DeleteSession {
        key: (i64, &'static str),
    },
    UpdateSessions(SessionFilter, SessionPatch),
    DeleteSessions(SessionFilter),
    MoveSession {
        key: (i64, &'static str),
        to: (i64, &'static str),
    },
    InsertItem(NewItem, Conflict),
    UpdateItem {
        id: u128,
        stock: i32,
        label: Option<Option<usize>>,
    },
    DeleteItem {
        id: u128,
    },
    UpdateItems(ItemFilter, Option<usize>),
    DeleteItems(ItemFilter),
    /// Among the writes of a transaction, which it sees by key.
    Read(Read),
}

#[derive(Clone, Debug)]
pub struct NewUser {
    /// `None` is generated.
    pub id: Option<i64>,
    pub email: usize,
    pub name: Option<usize>,
    pub age: Option<i32>,
    pub balance: usize,
    pub active: bool,
    pub seen: Option<u32>,
    pub note: bool,
}

/// What a change of users assigns.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    pub email: Option<usize>,
    pub name: Option<Option<usize>>,
    pub age: Option<Option<i32>>,
    /// Only where rows are changed by a query.
    pub older: bool,
    pub balance: Option<usize>,
    pub active: Option<bool>,
    pub seen: Option<Option<u32>>,
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub key: (i64, &'static str),
    pub token: Option<u128>,
    pub seen: u32,
    pub expires: Expires,
}

/// The value of a field `expires_at`.
#[derive(Clone, Copy, Debug)]
pub enum Expires {
    Never,
    Later,
    /// A time that was long ago.
    Past,
}

#[derive(Clone, Debug)]
pub struct SessionPatch {
    pub token: Option<Option<u128>>,
    pub seen: Option<u32>,
    pub expires: Option<Expires>,
}

#[derive(Clone, Debug)]
pub struct NewItem {
    pub id: u128,
    pub label: Option<usize>,
    pub stock: i32,
}

#[derive(Clone, Debug)]
pub enum Read {
    User(i64),
    Session(i64, &'static str),
    Item(u128),
    Users { filter: UserFilter, order: Option<(By, bool)>, limit: Option<u64>, offset: u64 },
    Count(UserFilter),
    Exists(UserFilter),
    Aggregates(UserFilter),
    Groups(UserFilter),
    Pages { by_email: bool, descending: bool, size: u64, filter: UserFilter },
    Preload { filter: UserFilter, limit: Option<u64>, descending: bool },
    Sessions { filter: SessionFilter, order: Option<(bool, bool)>, limit: Option<u64> },
    CountSessions(SessionFilter),
    Items { filter: ItemFilter, descending: Option<bool>, limit: Option<u64>, offset: u64 },
    CountItems(ItemFilter),
}

fn user_id() -> impl Strategy<Value = i64> {
    1..9i64
}

fn session_key() -> impl Strategy<Value = (i64, &'static str)> {
    (1..5i64, device())
}

fn new_user(id: impl Strategy<Value = Option<i64>>) -> impl Strategy<Value = NewUser> {
    let rest = (of(-1..3i32), 0..BALANCES.len(), any::<bool>(), of(0..4u32), any::<bool>());
    (id, 0..6usize, of(0..6usize), rest).prop_map(|(id, email, name, (age, balance, active, seen, note))| NewUser {
        id,
        email,
        name,
        age,
        balance,
        active,
        seen,
        note,
    })
}

fn user_patch(by_query: bool) -> impl Strategy<Value = UserPatch> {
    let rare = move |number| prop::option::weighted(0.3, number);
    (
        rare(0..6usize),
        prop::option::weighted(0.5, of(0..6usize)),
        prop::option::weighted(0.4, of(-1..3i32)),
        (any::<bool>(), prop::option::weighted(0.3, 0..BALANCES.len())),
        (prop::option::weighted(0.3, any::<bool>()), prop::option::weighted(0.3, of(0..4u32))),
    )
        .prop_map(move |(email, name, age, (older, balance), (active, seen))| {
            // At least one.
            let active = if by_query { active.or(Some(true)) } else { active };
            UserPatch { email, name, age, older: older && by_query && age.is_none(), balance, active, seen }
        })
}

fn expires() -> impl Strategy<Value = Expires> {
    prop_oneof![3 => Just(Expires::Never), 3 => Just(Expires::Later), 1 => Just(Expires::Past)]
}

fn session_patch() -> impl Strategy<Value = SessionPatch> {
    let token = prop::option::weighted(0.4, of(1..5u128));
    (token, 0..4u32, prop::option::weighted(0.4, expires())).prop_map(|(token, seen, expires)| SessionPatch {
        token,
        seen: Some(seen),
        expires,
    })
}

fn new_item() -> impl Strategy<Value = NewItem> {
    (1..9u128, of(0..6usize), 0..5i32).prop_map(|(id, label, stock)| NewItem { id, label, stock })
}

fn conflict() -> impl Strategy<Value = Conflict> {
    prop_oneof![
        4 => Just(Conflict::Error),
        1 => Just(Conflict::Ignore),
        2 => Just(Conflict::Update),
        1 => Just(Conflict::UpdateIf),
        1 => Just(Conflict::UpdateByKey),
    ]
}

fn few() -> impl Strategy<Value = (UserFilter, (By, bool), u64)> {
    (user_filter(), (by(), any::<bool>()), 0..4u64)
}

/// A write of users.
fn user_write() -> BoxedStrategy<Write> {
    let id = prop_oneof![1 => Just(None), 1 => user_id().prop_map(Some)];
    prop_oneof![
        5 => (new_user(id), conflict()).prop_map(|(user, conflict)| Write::InsertUser(user, conflict)),
        4 => (user_id(), user_patch(false), prop::bool::weighted(0.1))
            .prop_map(|(id, patch, stale)| Write::UpdateUser { id, patch, stale }),
        1 => (user_id(), prop::bool::weighted(0.1)).prop_map(|(id, stale)| Write::DeleteUser { id, stale }),
        2 => (user_filter(), user_patch(true)).prop_map(|(filter, patch)| Write::UpdateUsers(filter, patch)),
        1 => user_filter().prop_map(Write::DeleteUsers),
        1 => few().prop_map(|(filter, order, limit)| Write::DeleteFewUsers(filter, order, limit)),
        1 => few().prop_map(|(filter, order, limit)| Write::AgeFewUsers(filter, order, limit)),
        1 => (user_id(), user_id()).prop_map(|(id, to)| Write::MoveUser { id, to }),
    ]
    .boxed()
}

fn session_write() -> BoxedStrategy<Write> {
    let new = (session_key(), of(1..5u128), 0..4u32, expires()).prop_map(|(key, token, seen, expires)| NewSession {
        key,
        token,
        seen,
        expires,
    });
    prop_oneof![
        5 => (new, conflict()).prop_map(|(session, conflict)| Write::InsertSession(session, conflict)),
        3 => (session_key(), session_patch()).prop_map(|(key, patch)| Write::UpdateSession { key, patch }),
        1 => session_key().prop_map(|key| Write::DeleteSession { key }),
        1 => (session_filter(), session_patch()).prop_map(|(filter, patch)| Write::UpdateSessions(filter, patch)),
        1 => session_filter().prop_map(Write::DeleteSessions),
        1 => (session_key(), session_key()).prop_map(|(key, to)| Write::MoveSession { key, to }),
    ]
    .boxed()
}

fn item_write() -> BoxedStrategy<Write> {
    let conflict = prop_oneof![Just(Conflict::Error), Just(Conflict::Ignore), Just(Conflict::UpdateByKey)];
    prop_oneof![
        4 => (new_item(), conflict).prop_map(|(item, conflict)| Write::InsertItem(item, conflict)),
        3 => (1..9u128, 0..5i32, of(of(0..6usize)))
            .prop_map(|(id, stock, label)| Write::UpdateItem { id, stock, label }),
        1 => (1..9u128).prop_map(|id| Write::DeleteItem { id }),
        1 => (item_filter(), of(0..6usize)).prop_map(|(filter, label)| Write::UpdateItems(filter, label)),
        1 => item_filter().prop_map(Write::DeleteItems),
    ]
    .boxed()
}

fn life() -> impl Strategy<Value = Life> {
    prop_oneof![16 => Just(Life::Schema), 4 => Just(Life::Hour), 1 => Just(Life::Moment)]
}

fn lasting() -> impl Strategy<Value = Life> {
    prop_oneof![4 => Just(Life::Schema), 1 => Just(Life::Hour)]
}

fn read() -> BoxedStrategy<Read> {
    let limit = || of(0..5u64);
    prop_oneof![
        1 => user_id().prop_map(Read::User),
        1 => session_key().prop_map(|(id, device)| Read::Session(id, device)),
        1 => (1..9u128).prop_map(Read::Item),
        8 => (user_filter(), of((by(), any::<bool>())), limit(), 0..3u64)
            .prop_map(|(filter, order, limit, offset)| Read::Users { filter, order, limit, offset }),
        2 => user_filter().prop_map(Read::Count),
        1 => user_filter().prop_map(Read::Exists),
        2 => user_filter().prop_map(Read::Aggregates),
        1 => user_filter().prop_map(Read::Groups),
        2 => (any::<bool>(), any::<bool>(), 1..4u64, user_filter())
            .prop_map(|(by_email, descending, size, filter)| Read::Pages { by_email, descending, size, filter }),
        2 => (user_filter(), of(1..3u64), any::<bool>())
            .prop_map(|(filter, limit, descending)| Read::Preload { filter, limit, descending }),
        3 => (session_filter(), of((any::<bool>(), any::<bool>())), limit())
            .prop_map(|(filter, order, limit)| Read::Sessions { filter, order, limit }),
        1 => session_filter().prop_map(Read::CountSessions),
        2 => (item_filter(), of(any::<bool>()), limit(), 0..3u64)
            .prop_map(|(filter, descending, limit, offset)| Read::Items { filter, descending, limit, offset }),
        1 => item_filter().prop_map(Read::CountItems),
    ]
    .boxed()
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        user_id().prop_map(Place::User),
        session_key().prop_map(|(id, device)| Place::Session(id, device.to_owned())),
        (1..9u128).prop_map(Place::Item),
    ]
}

fn step() -> BoxedStrategy<Step> {
    let any_write = || prop_oneof![5 => user_write(), 3 => session_write(), 2 => item_write()];
    // Mostly of one table, since that is what all forms of the store can do.
    let look = || {
        let by_key = prop_oneof![
            3 => user_id().prop_map(Read::User),
            2 => session_key().prop_map(|(id, device)| Read::Session(id, device)),
            1 => read(),
        ];
        by_key.prop_map(Write::Read)
    };
    let together = || {
        prop_oneof![
            6 => vec(prop_oneof![6 => user_write(), 1 => look()], 1..6),
            3 => vec(prop_oneof![6 => session_write(), 1 => look()], 1..6),
            1 => vec(any_write(), 1..4),
        ]
    };
    // Rows that are in the way of others of the same call are looked at after all that can be inserted: where it would matter in
    // which order, keys are generated.
    let users = (any::<bool>(), conflict()).prop_flat_map(|(generated, conflict)| {
        let generated = generated || matches!(conflict, Conflict::Update | Conflict::UpdateIf);
        let id = move || if generated { Just(None).boxed() } else { user_id().prop_map(Some).boxed() };
        (vec(new_user(id()), 0..5), Just(conflict))
    });
    prop_oneof![
        18 => (any_write(), life()).prop_map(|(write, life)| Step::Write(write, life)),
        2 => users.prop_map(|(users, conflict)| Step::InsertUsers(users, conflict)),
        1 => vec(new_item(), 0..5).prop_map(Step::InsertItems),
        4 => (together(), lasting(), prop::bool::weighted(0.2))
            .prop_map(|(writes, life, rolled_back)| Step::Transaction { writes, life, rolled_back }),
        2 => together().prop_map(Step::Multi),
        12 => read().prop_map(Step::Read),
        2 => place().prop_map(Step::Expire),
        1 => prop_oneof![Just(Step::Sweep), Just(Step::Rebuild)],
    ]
    .boxed()
}

pub fn steps() -> impl Strategy<Value = Steps> {
    vec(step(), 1..24).prop_map(Steps)
}
