//! Running the queries of a step.

use super::filters::{items, sessions, users};
use super::schemas::{Item, Session, User};
use super::steps::Read;
use peristyle::Error;
use peristyle::prelude::*;
use rust_decimal::Decimal;
use std::fmt::Debug;
use uuid::Uuid;

/// Rows in an order that all stores have.
fn listed<T: Debug>(rows: Vec<T>, ordered: bool) -> String {
    let mut rows: Vec<String> = rows.iter().map(|row| format!("\n    {row:?}")).collect();
    if !ordered {
        rows.sort();
    }
    rows.concat()
}

fn normal(value: Option<Decimal>) -> Option<Decimal> {
    value.map(|value| value.normalize())
}

/// Runs a query; gives what it gave.
pub async fn read(repo: &Repo, read: &Read) -> Result<String, Error> {
    Ok(match read {
        Read::User(id) => format!("{:?}", repo.get::<User>(*id).await?),
        Read::Session(id, device) => format!("{:?}", repo.get::<Session>((*id, (*device).to_owned())).await?),
        Read::Item(id) => format!("{:?}", repo.get::<Item>(Uuid::from_u128(*id)).await?),
        Read::Users { filter, order, limit, offset } => {
            let mut query = users(filter, *order);
            if order.is_some() {
                query = query.offset(*offset);
                if let Some(limit) = limit {
                    query = query.limit(*limit);
                }
            }
            listed(repo.all(query).await?, order.is_some())
        }
        Read::Count(filter) => format!("{}", repo.count(users(filter, None)).await?),
        Read::Exists(filter) => format!("{}", repo.exists(users(filter, None)).await?),
        Read::Aggregates(filter) => {
            let query = users(filter, None).select(|u| {
                (
                    u.id.count(),
                    u.balance.sum(),
                    u.balance.min(),
                    u.name.max(),
                    (u.age.avg(), u.age.sum(), u.seen_at.max()),
                )
            });
            let (count, sum, min, name, rest) = repo.only(query).await?;
            format!("{count} {:?} {:?} {name:?} {rest:?}", normal(sum), normal(min))
        }
        Read::Groups(filter) => {
            let query = users(filter, None)
                .group_by(|u| u.active)
                .select(|u| (u.active, u.id.count(), u.balance.max(), u.age.min()));
            let rows = repo.all(query).await?;
            let normal = |(active, count, max, age)| (active, count, normal(max), age);
            listed(rows.into_iter().map(normal).collect(), false)
        }
        Read::Pages { by_email, descending, size, filter } => {
            pages(repo, *by_email, *descending, *size, filter).await?
        }
        Read::Preload { filter, limit, descending } => {
            let query = users(filter, Some((super::filters::By::Id, false))).preload(|u| {
                let sessions = u.sessions().order_by(|s| match descending {
                    true => vec![s.seen_at.desc(), s.device.desc()],
                    false => vec![s.seen_at.asc(), s.device.asc()],
                });
                match limit {
                    Some(limit) => sessions.limit(*limit),
                    None => sessions,
                }
            });
            listed(repo.all(query).await?, true)
        }
        Read::Sessions { filter, order, limit } => {
            let mut query = sessions(filter, *order);
            if let (Some(limit), Some(_)) = (limit, order) {
                query = query.limit(*limit);
            }
            listed(repo.all(query).await?, order.is_some())
        }
        Read::CountSessions(filter) => format!("{}", repo.count(sessions(filter, None)).await?),
        Read::Items { filter, descending, limit, offset } => {
            let mut query = items(filter, *descending);
            if descending.is_some() {
                query = query.offset(*offset);
                if let Some(limit) = limit {
                    query = query.limit(*limit);
                }
            }
            listed(repo.all(query).await?, descending.is_some())
        }
        Read::CountItems(filter) => format!("{}", repo.count(items(filter, None)).await?),
    })
}

/// All pages, each found by the last row of the one before.
async fn pages(
    repo: &Repo,
    by_email: bool,
    descending: bool,
    size: u64,
    filter: &super::filters::UserFilter,
) -> Result<String, Error> {
    let order = if by_email { super::filters::By::Email } else { super::filters::By::Id };
    let first = users(filter, Some((order, descending))).limit(size);
    let (mut text, mut page) = (String::new(), repo.all(first.clone()).await?);
    while let Some(last) = page.last().cloned() {
        text.push_str(&listed(page, true));
        text.push_str("\n    --");
        let next = first.clone().filter(|u| -> Condition<_> {
            match (by_email, descending) {
                (true, true) => u.email.lt(last.email.clone()).into(),
                (true, false) => u.email.gt(last.email.clone()).into(),
                (false, true) => u.id.lt(last.id).into(),
                (false, false) => u.id.gt(last.id).into(),
            }
        });
        page = repo.all(next).await?;
    }
    Ok(text)
}
