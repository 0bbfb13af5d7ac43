//! The public API by example: writes, transactions and multis.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct User {
    id: i64,
    #[schema(unique)]
    email: String,
    #[schema(index)]
    name: Option<String>,
    #[schema(index)]
    age: Option<i32>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Profile {
    id: i64,
    #[schema(index)]
    user_id: i64,
}

impl Profile {
    fn for_user(user: &User) -> Profile {
        Profile { user_id: user.id, ..Profile::default() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Account {
    id: i64,
    balance: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
struct Entry {
    id: i64,
    amount: i64,
}

#[derive(Debug)]
enum AppError {
    TooPoor,
    Store(Error),
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        AppError::Store(error)
    }
}

const TABLES: &str = "
    create table users ({id}, email {text} not null, name {text}, age {i32});
    create unique index users_email_index on users (email);
    create table profiles ({id}, user_id {i64} not null references users (id));
    create table accounts ({id}, balance {i64} not null);
    create table entries ({id}, amount {i64} not null);
";

fn user(email: &str, age: i32) -> User {
    User { email: email.to_owned(), age: Some(age), ..User::default() }
}

on_every_store! {
    async fn one_row_and_many_are_written(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let ann = repo.insert(user("a@b.c", 41)).await.unwrap();
        let ann = repo.update(ann.change(|u| (u.name.set("Ann"), u.age.set(None)))).await.unwrap();
        assert_eq!((ann.name.as_deref(), ann.age), (Some("Ann"), None));
        let again = Changeset::build(User { name: Some("Anna".into()), ..user("a@b.c", 3) });
        let up = repo.insert(again).on_conflict(|c| c.target(|u| u.email).update(|u| u.name)).await.unwrap();
        let Upserted::Updated(updated) = up else { panic!("{up:?}") };
        assert_eq!((updated.name.as_deref(), updated.age), (Some("Anna"), None));
        let users = vec![user("a@b.c", 1), user("d@e.f", 2), user("g@h.i", 30)];
        assert_eq!(repo.insert_all(users).on_conflict(|c| c.ignore()).await.unwrap(), 2);
        let young = User::query().filter(|u| u.age.lt(18));
        let n = repo.update_all(&young, |u| (u.age.set(u.age + 1), u.name.set("kid"))).await.unwrap();
        assert_eq!(n, 1);
        let gone: Vec<i64> = repo.delete_all(young).returning(|u| u.id).await.unwrap();
        assert_eq!(gone.len(), 1);
        repo.delete(updated).await.unwrap();
        assert_eq!(repo.count(User::query()).await.unwrap(), 1);
    }
}

on_sql_stores! {
    async fn money_moves_in_transactions(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let a = repo.insert(Account { balance: 25, ..Account::default() }).await.unwrap().id;
        let take = async |repo: &Repo| {
            repo.transaction(async |tx| {
                let from = tx.find_locked::<Account>(a, Lock::ForUpdate).await?;
                if from.balance < 10 {
                    return Err(Error::rollback("too poor"));
                }
                tx.update_all(Account::query().filter(|x| x.id.eq(a)), |x| x.balance.set(x.balance - 10)).await?;
                tx.transaction(async |tx| tx.insert(Entry { amount: -10, ..Entry::default() }).await).await?;
                Ok(from.balance - 10)
            })
            .await
        };
        assert_eq!((take(repo).await.unwrap(), take(repo).await.unwrap()), (15, 5));
        let error = take(repo).await.unwrap_err();
        assert_eq!(error.rollback_value::<&str>(), Some(&"too poor"));

        let own = repo.transaction_as(async |tx| -> Result<i64, AppError> {
            let from = tx.find::<Account>(a).await?;
            if from.balance < 10 { Err(AppError::TooPoor) } else { Ok(from.balance) }
        });
        assert!(matches!(own.await, Err(AppError::TooPoor)));
        let lost = repo.transaction_as(async |tx| -> Result<Account, AppError> { Ok(tx.find::<Account>(a + 1).await?) });
        assert!(matches!(lost.await, Err(AppError::Store(error)) if error.is_not_found()));
        let options = TransactionOptions::serializable().retries(3);
        let total = repo.transaction_with(options, async |tx| tx.count(Entry::query()).await).await.unwrap();
        assert_eq!(total, 2);
    }
}

on_every_store_but_clusters! {
    async fn a_multi_gives_what_its_steps_made(store: Store) {
        store.create(TABLES).await;
        let mut multi = Multi::new();
        let ann = multi.insert("user", Changeset::build(user("a@b.c", 41)));
        let profile = multi.insert_with("profile", move |done| Profile::for_user(&done[ann]));
        let mut done = store.repo.multi(multi).await.unwrap();
        assert_eq!(done[profile].user_id, done[ann].id);
        let ann = done.take(ann);
        assert_eq!(store.repo.find::<User>(ann.id).await.unwrap(), ann);
    }
}
