//! What queries ask for, and in which order.

use super::schemas::{Item, ItemColumns, Session, SessionColumns, User, UserColumns, moment};
use super::values::{BALANCES, balance, email, name};
use peristyle::expr::{Nullability, Order};
use peristyle::prelude::*;
use proptest::prelude::*;
use uuid::Uuid;

/// A condition on users. Numbers choose values from the pools of [`values`](super::values).
#[derive(Clone, Debug)]
pub enum UserFilter {
    All,
    Id(i64),
    Ids(Vec<i64>),
    IdFrom(i64),
    IdBetween(i64, i64),
    Email(usize),
    Emails(Vec<usize>),
    EmailBegins(&'static str),
    Name(usize),
    NameNull,
    NameKnown,
    Names(Vec<usize>),
    NameBegins(&'static str),
    NameFrom(usize),
    Age(i32),
    Ages(Vec<i32>),
    AgeNull,
    AgeBetween(i32, i32),
    AgeAndName(i32, usize),
    AgeAndNameBegins(i32, &'static str),
    AgeAndNameNull(i32),
    Balance(usize),
    BalanceAbove(usize),
    BalanceUpTo(usize),
    Active(bool),
    SeenFrom(u32),
    SeenUntil(u32),
    SeenNull,
    Noted,
    Not(Box<UserFilter>),
    And(Box<UserFilter>, Box<UserFilter>),
    Or(Box<UserFilter>, Box<UserFilter>),
}

impl<S: 'static, N: Nullability> UserColumns<S, N> {
    pub fn fulfils(&self, filter: &UserFilter) -> Condition<S> {
        match filter {
            UserFilter::All => self.id.is_not_null().into(),
            UserFilter::Id(id) => self.id.eq(*id).into(),
            UserFilter::Ids(ids) => self.id.in_(ids.clone()).into(),
            UserFilter::IdFrom(id) => self.id.gte(*id).into(),
            UserFilter::IdBetween(low, high) => self.id.between(*low, *high).into(),
            UserFilter::Email(number) => self.email.eq(email(*number)).into(),
            UserFilter::Emails(numbers) => {
                self.email.in_(numbers.iter().map(|number| email(*number)).collect::<Vec<_>>()).into()
            }
            UserFilter::EmailBegins(text) => self.email.starts_with(text).into(),
            UserFilter::Name(number) => self.name.eq(name(*number)).into(),
            UserFilter::NameNull => self.name.is_null().into(),
            UserFilter::NameKnown => self.name.is_not_null().into(),
            UserFilter::Names(numbers) => {
                self.name.in_(numbers.iter().map(|number| name(*number)).collect::<Vec<_>>()).into()
            }
            UserFilter::NameBegins(text) => self.name.starts_with(text).into(),
            UserFilter::NameFrom(number) => self.name.gte(name(*number)).into(),
            UserFilter::Age(age) => self.age.eq(*age).into(),
            UserFilter::Ages(ages) => self.age.in_(ages.clone()).into(),
            UserFilter::AgeNull => self.age.is_null().into(),
            UserFilter::AgeBetween(low, high) => self.age.between(*low, *high).into(),
            UserFilter::AgeAndName(age, number) => self.age.eq(*age).and(self.name.eq(name(*number))).into(),
            UserFilter::AgeAndNameBegins(age, text) => self.age.eq(*age).and(self.name.starts_with(text)).into(),
            UserFilter::AgeAndNameNull(age) => self.age.eq(*age).and(self.name.is_null()).into(),
            UserFilter::Balance(number) => self.balance.eq(balance(*number)).into(),
            UserFilter::BalanceAbove(number) => self.balance.gt(balance(*number)).into(),
            UserFilter::BalanceUpTo(number) => self.balance.lte(balance(*number)).into(),
            UserFilter::Active(active) => self.active.eq(*active).into(),
            UserFilter::SeenFrom(number) => self.seen_at.gte(moment(*number)).into(),
            UserFilter::SeenUntil(number) => self.seen_at.lt(moment(*number)).into(),
            UserFilter::SeenNull => self.seen_at.is_null().into(),
            UserFilter::Noted => self.note.is_not_null().into(),
            UserFilter::Not(filter) => !self.fulfils(filter),
            UserFilter::And(one, other) => self.fulfils(one).and(self.fulfils(other)),
            UserFilter::Or(one, other) => self.fulfils(one).or(self.fulfils(other)),
        }
    }
}

pub fn user_filter() -> BoxedStrategy<UserFilter> {
    let begins = || prop::sample::select(vec!["", "a", "A", "ab", "\u{e9}", "e", "e1", "%"]);
    let age = || -1..3i32;
    let simple = prop_oneof![
        Just(UserFilter::All),
        (1..9i64).prop_map(UserFilter::Id),
        prop::collection::vec(0..9i64, 0..4).prop_map(UserFilter::Ids),
        (0..9i64).prop_map(UserFilter::IdFrom),
        (0..6i64, 0..9i64).prop_map(|(low, high)| UserFilter::IdBetween(low, high)),
        (0..6usize).prop_map(UserFilter::Email),
        prop::collection::vec(0..7usize, 0..4).prop_map(UserFilter::Emails),
        begins().prop_map(UserFilter::EmailBegins),
        (0..6usize).prop_map(UserFilter::Name),
        Just(UserFilter::NameNull),
        Just(UserFilter::NameKnown),
        prop::collection::vec(0..6usize, 0..4).prop_map(UserFilter::Names),
        begins().prop_map(UserFilter::NameBegins),
        (0..6usize).prop_map(UserFilter::NameFrom),
        age().prop_map(UserFilter::Age),
        prop::collection::vec(age(), 0..4).prop_map(UserFilter::Ages),
        Just(UserFilter::AgeNull),
        (age(), age()).prop_map(|(low, high)| UserFilter::AgeBetween(low, high)),
        (age(), 0..6usize).prop_map(|(age, name)| UserFilter::AgeAndName(age, name)),
        (age(), begins()).prop_map(|(age, text)| UserFilter::AgeAndNameBegins(age, text)),
        age().prop_map(UserFilter::AgeAndNameNull),
        (0..BALANCES.len()).prop_map(UserFilter::Balance),
        (0..BALANCES.len()).prop_map(UserFilter::BalanceAbove),
        (0..BALANCES.len()).prop_map(UserFilter::BalanceUpTo),
        any::<bool>().prop_map(UserFilter::Active),
        (0..5u32).prop_map(UserFilter::SeenFrom),
        (0..5u32).prop_map(UserFilter::SeenUntil),
        Just(UserFilter::SeenNull),
        Just(UserFilter::Noted),
    ];
    simple
        .prop_recursive(2, 6, 2, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                1 => inner.prop_map(|filter| UserFilter::Not(Box::new(filter))),
                4 => pair.clone().prop_map(|(one, other)| UserFilter::And(Box::new(one), Box::new(other))),
                4 => pair.prop_map(|(one, other)| UserFilter::Or(Box::new(one), Box::new(other))),
            ]
        })
        .boxed()
}

/// A condition on sessions.
#[derive(Clone, Debug)]
pub enum SessionFilter {
    All,
    User(i64),
    Users(Vec<i64>),
    Key(i64, &'static str),
    SeenOf(i64, u32),
    Token(u128),
    TokenNull,
}

impl<S: 'static, N: Nullability> SessionColumns<S, N> {
    pub fn fulfils(&self, filter: &SessionFilter) -> Condition<S> {
        match filter {
            SessionFilter::All => self.user_id.is_not_null().into(),
            SessionFilter::User(id) => self.user_id.eq(*id).into(),
            SessionFilter::Users(ids) => self.user_id.in_(ids.clone()).into(),
            SessionFilter::Key(id, device) => self.user_id.eq(*id).and(self.device.eq(*device)).into(),
            SessionFilter::SeenOf(id, number) => self.user_id.eq(*id).and(self.seen_at.gte(moment(*number))).into(),
            SessionFilter::Token(token) => self.token.eq(Uuid::from_u128(*token)).into(),
            SessionFilter::TokenNull => self.token.is_null().into(),
        }
    }
}

pub fn session_filter() -> impl Strategy<Value = SessionFilter> {
    prop_oneof![
        Just(SessionFilter::All),
        (1..5i64).prop_map(SessionFilter::User),
        prop::collection::vec(1..6i64, 0..4).prop_map(SessionFilter::Users),
        (1..5i64, super::values::device()).prop_map(|(id, device)| SessionFilter::Key(id, device)),
        (1..5i64, 0..5u32).prop_map(|(id, number)| SessionFilter::SeenOf(id, number)),
        (1..5u128).prop_map(SessionFilter::Token),
        Just(SessionFilter::TokenNull),
    ]
}

/// A condition on items.
#[derive(Clone, Debug)]
pub enum ItemFilter {
    All,
    Ids(Vec<u128>),
    Label(usize),
    LabelNull,
    LabelFrom(usize),
}

impl<S: 'static, N: Nullability> ItemColumns<S, N> {
    pub fn fulfils(&self, filter: &ItemFilter) -> Condition<S> {
        match filter {
            ItemFilter::All => self.id.is_not_null().into(),
            ItemFilter::Ids(ids) => self.id.in_(ids.iter().map(|id| Uuid::from_u128(*id)).collect::<Vec<_>>()).into(),
            ItemFilter::Label(number) => self.label.eq(name(*number)).into(),
            ItemFilter::LabelNull => self.label.is_null().into(),
            ItemFilter::LabelFrom(number) => self.label.gte(name(*number)).into(),
        }
    }
}

pub fn item_filter() -> impl Strategy<Value = ItemFilter> {
    prop_oneof![
        Just(ItemFilter::All),
        prop::collection::vec(1..9u128, 0..4).prop_map(ItemFilter::Ids),
        (0..6usize).prop_map(ItemFilter::Label),
        Just(ItemFilter::LabelNull),
        (0..6usize).prop_map(ItemFilter::LabelFrom),
    ]
}

/// The columns that users are ordered by; the key comes last, so that there is one order.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Id,
    Email,
    Name,
    NameNullsFirst,
    NameNullsLast,
    AgeAndName,
    Balance,
    Active,
    Seen,
}

pub fn by() -> impl Strategy<Value = By> {
    let all = [
        By::Id,
        By::Email,
        By::Name,
        By::NameNullsFirst,
        By::NameNullsLast,
        By::AgeAndName,
        By::Balance,
        By::Active,
        By::Seen,
    ];
    prop::sample::select(all.to_vec())
}

/// Users of a filter, in an order.
pub fn users(filter: &UserFilter, order: Option<(By, bool)>) -> Query<User> {
    let filter = filter.clone();
    let query = match filter {
        UserFilter::All => User::query(),
        filter => User::query().filter(move |u| u.fulfils(&filter)),
    };
    let Some((by, descending)) = order else { return query };
    query.order_by(|u| {
        macro_rules! term {
            ($column:ident) => {
                if descending { u.$column.desc() } else { u.$column.asc() }
            };
        }
        let terms: Vec<Order<_>> = match by {
            By::Id => vec![term!(id)],
            By::Email => vec![term!(email), term!(id)],
            By::Name => vec![term!(name), term!(id)],
            By::NameNullsFirst => vec![term!(name).nulls_first(), term!(id)],
            By::NameNullsLast => vec![term!(name).nulls_last(), term!(id)],
            By::AgeAndName => vec![term!(age), term!(name), term!(id)],
            By::Balance => vec![term!(balance), term!(id)],
            By::Active => vec![term!(active), term!(id)],
            By::Seen => vec![term!(seen_at), term!(id)],
        };
        terms
    })
}

/// Sessions of a filter, in the order of when they were seen or of their keys.
pub fn sessions(filter: &SessionFilter, order: Option<(bool, bool)>) -> Query<Session> {
    let filter = filter.clone();
    let query = match filter {
        SessionFilter::All => Session::query(),
        filter => Session::query().filter(move |s| s.fulfils(&filter)),
    };
    let Some((seen, descending)) = order else { return query };
    query.order_by(|s| match (seen, descending) {
        (true, true) => vec![s.user_id.desc(), s.seen_at.desc(), s.device.desc()],
        (true, false) => vec![s.user_id.asc(), s.seen_at.asc(), s.device.asc()],
        (false, true) => vec![s.user_id.desc(), s.device.desc()],
        (false, false) => vec![s.user_id.asc(), s.device.asc()],
    })
}

/// Items of a filter, in the order of their labels.
pub fn items(filter: &ItemFilter, descending: Option<bool>) -> Query<Item> {
    let filter = filter.clone();
    let query = match filter {
        ItemFilter::All => Item::query(),
        filter => Item::query().filter(move |i| i.fulfils(&filter)),
    };
    match descending {
        None => query,
        Some(true) => query.order_by(|i| vec![i.label.desc(), i.id.desc()]),
        Some(false) => query.order_by(|i| vec![i.label.asc(), i.id.asc()]),
    }
}
