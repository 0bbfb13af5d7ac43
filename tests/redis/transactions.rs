//! Transactions: their writes wait in the session for the commit, which is one script.

use peristyle::Error;
use peristyle::adapter::{Isolation, TransactionOptions};
use peristyle::prelude::*;
use peristyle::schema::SchemaMeta;
use peristyle_tests::{Store, layout, on_both_redis, on_redis, on_redis_cluster};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "accounts")]
struct Account {
    #[schema(primary_key)]
    name: String,
    balance: i64,
    #[schema(unique)]
    iban: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "authors")]
struct Author {
    id: i64,
    name: String,
    books: HasMany<Book>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "books")]
struct Book {
    id: i64,
    #[schema(unique)]
    title: String,
    #[schema(index)]
    author_id: i64,
    author: BelongsTo<Author>,
}

const ALL: [&SchemaMeta; 3] = [Account::META, Author::META, Book::META];

fn account(name: &str, balance: i64) -> Account {
    Account { name: name.to_owned(), balance, iban: None }
}

fn check(store: &Store) {
    layout::check(store, &ALL);
}

/// Moves an amount between two accounts.
async fn transfer(tx: &Repo, from: &str, to: &str, amount: i64) -> Result<(), Error> {
    let (from, to) = (tx.find::<Account>(from).await?, tx.find::<Account>(to).await?);
    tx.update(from.clone().change(|a| a.balance.set(from.balance - amount))).await?;
    tx.update(to.clone().change(|a| a.balance.set(to.balance + amount))).await?;
    Ok(())
}

on_both_redis! {
    async fn a_transaction_is_kept_as_a_whole_or_not_at_all(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![account("a", 10), account("b", 0)]).await.unwrap();
        repo.transaction(async |tx| transfer(&tx, "a", "b", 4).await).await.unwrap();
        assert_eq!(repo.find::<Account>("b").await.unwrap().balance, 4);
        let undone = repo.transaction(async |tx| -> Result<(), Error> {
            transfer(&tx, "a", "b", 5).await?;
            tx.insert(account("c", 1)).await?;
            tx.delete_all(Account::query().filter(|a| a.name.eq("a"))).await?;
            Err(Error::rollback("no"))
        }).await;
        assert!(matches!(undone, Err(Error::Rollback(_))));
        let rows = repo.all(Account::query().order_by(|a| a.name.asc()).select(|a| (a.name, a.balance))).await.unwrap();
        assert_eq!(rows, [("a".to_owned(), 6), ("b".to_owned(), 4)]);
        check(&store);
    }

    async fn reads_by_key_see_what_the_transaction_wrote_and_others_do_not(store: Store) {
        let repo = &store.repo;
        repo.insert(account("a", 1)).await.unwrap();
        repo.transaction(async |tx| {
            tx.insert(account("b", 2)).await?;
            tx.update_all(Account::query().filter(|a| a.name.in_(["a", "b"])), |a| a.balance.set(a.balance * 10)).await?;
            assert_eq!(tx.find::<Account>("a").await?.balance, 10);
            assert_eq!(tx.find::<Account>("b").await?.balance, 20);
            assert_eq!(repo.get::<Account>("b").await?, None);
            tx.delete(tx.find::<Account>("a").await?).await?;
            assert_eq!(tx.get::<Account>("a").await?, None);
            let error = tx.all(Account::query().order_by(|a| a.name.asc()).limit(3)).await.unwrap_err();
            assert!(matches!(&error, Error::Unsupported(_)) && error.to_string().contains("written rows of it"), "{error}");
            Ok(())
        }).await.unwrap();
        assert_eq!(repo.count(Account::query()).await.unwrap(), 1);
        check(&store);
    }

    async fn transactions_that_meet_are_run_again_and_lose_nothing(store: Store) {
        store.repo.insert_all(vec![account("a", 1_000), account("b", 0)]).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let repo = store.connect().await;
            tasks.spawn(async move {
                let options = TransactionOptions::default().retries(200);
                repo.transaction_with(options, async |tx| transfer(&tx, "a", "b", 1).await).await.unwrap();
            });
        }
        tasks.join_all().await;
        assert_eq!(store.repo.find::<Account>("a").await.unwrap().balance, 992);
        assert_eq!(store.repo.find::<Account>("b").await.unwrap().balance, 8);
        check(&store);
    }

    async fn a_row_that_others_changed_is_a_conflict_that_can_be_retried(store: Store) {
        let repo = &store.repo;
        repo.insert_all(vec![account("a", 1), account("b", 1)]).await.unwrap();
        let tried = AtomicUsize::new(0);
        let options = TransactionOptions::default().retries(3);
        repo.transaction_with(options, async |tx| {
            let seen = tx.find::<Account>("a").await?;
            if tried.fetch_add(1, Ordering::Relaxed) == 0 {
                repo.update_all(Account::query().filter(|a| a.name.eq("a")), |a| a.balance.set(5)).await?;
            }
            // It only read the row, and wrote another by what it saw.
            tx.update_all(Account::query().filter(|a| a.name.eq("b")), |b| b.balance.set(seen.balance)).await?;
            Ok(())
        }).await.unwrap();
        assert_eq!(tried.load(Ordering::Relaxed), 2);
        assert_eq!(repo.find::<Account>("b").await.unwrap().balance, 5);
        let error = repo.transaction(async |tx| {
            tx.get::<Account>("new").await?;
            repo.insert(account("new", 1)).await?;
            tx.insert(account("other", 1)).await?;
            Ok(())
        }).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert_eq!(repo.get::<Account>("other").await.unwrap(), None);
        check(&store);
    }

    async fn a_unique_value_that_is_taken_meanwhile_undoes_the_transaction(store: Store) {
        let repo = &store.repo;
        let with = |name: &str| Account { iban: Some("NO1".into()), ..account(name, 0) };
        let error = repo.transaction(async |tx| {
            tx.insert(account("first", 0)).await?;
            tx.insert(with("second")).await?;
            repo.insert(with("theirs")).await?;
            Ok(())
        }).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        assert_eq!(repo.count(Account::query()).await.unwrap(), 1);
        // One that is taken already is told by the write itself.
        let error = repo.transaction(async |tx| {
            let changeset = Changeset::<Account>::new().change(|a| (a.name.set("third"), a.balance.set(0), a.iban.set(Some("NO1".to_owned()))));
            let Err(Error::Invalid(invalid)) = tx.insert(changeset).await else { panic!("it was inserted") };
            assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"iban": ["has already been taken"]}));
            Err::<(), _>(Error::Invalid(invalid))
        }).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        // What the transaction gives up it may give to another.
        repo.transaction(async |tx| {
            tx.delete(tx.find::<Account>("theirs").await?).await?;
            tx.insert(with("mine")).await
        }).await.unwrap();
        check(&store);
    }

    async fn a_multi_is_kept_as_a_whole_or_not_at_all(store: Store) {
        let repo = &store.repo;
        let mut multi = Multi::new();
        let first = multi.insert("first", account("a", 1));
        multi.insert_with("second", move |done| account("b", done[first].balance + 1));
        repo.multi(multi).await.unwrap();
        assert_eq!(repo.find::<Account>("b").await.unwrap().balance, 2);
        let mut multi = Multi::new();
        multi.insert("third", account("c", 1));
        multi.insert("again", account("a", 1));
        let Err(Error::Multi(failed)) = repo.multi(multi).await else { panic!("it was kept") };
        assert_eq!(failed.step, "again");
        assert_eq!(repo.get::<Account>("c").await.unwrap(), None);
        check(&store);
    }

    async fn a_bulk_insert_in_a_transaction_is_kept_with_it(store: Store) {
        let repo = &store.repo;
        let rows = || (0..50).map(|number| account(&number.to_string(), number)).collect::<Vec<_>>();
        let undone = repo.transaction(async |tx| -> Result<(), Error> {
            assert_eq!(tx.insert_all(rows()).await?, 50);
            Err(Error::rollback("no"))
        }).await;
        assert!(matches!(undone, Err(Error::Rollback(_))));
        assert_eq!(repo.count(Account::query()).await.unwrap(), 0);
        repo.transaction(async |tx| tx.insert_all(rows()).await).await.unwrap();
        assert_eq!(repo.count(Account::query()).await.unwrap(), 50);
        check(&store);
    }

    async fn savepoints_and_strong_isolation_are_refused_by_name(store: Store) {
        let repo = &store.repo;
        repo.transaction(async |tx| {
            tx.insert(account("a", 1)).await?;
            let nested = tx.transaction(async |tx| tx.insert(account("b", 1)).await).await.unwrap_err();
            assert!(matches!(&nested, Error::Unsupported(_)) && nested.to_string().contains("savepoints"), "{nested}");
            let saved = tx.insert(account("b", 1)).savepoint().await.unwrap_err();
            assert!(matches!(&saved, Error::Unsupported(_)) && saved.to_string().contains("savepoints"), "{saved}");
            Ok(())
        }).await.unwrap();
        for isolation in [Isolation::RepeatableRead, Isolation::Serializable] {
            let options = TransactionOptions::default().isolation(isolation);
            let error = repo.transaction_with(options, async |_| Ok(())).await.unwrap_err();
            assert!(matches!(&error, Error::Unsupported(_)) && error.to_string().contains("isolation"), "{error}");
        }
        assert_eq!(repo.count(Account::query()).await.unwrap(), 1);
        check(&store);
    }

    async fn a_transaction_that_only_reads_writes_nothing(store: Store) {
        let error = store.repo.transaction_with(TransactionOptions::read_only(), async |tx| tx.insert(account("a", 1)).await).await.unwrap_err();
        assert!(error.to_string().contains("only reads"), "{error}");
        assert_eq!(store.keys(), [""; 0]);
    }

    async fn what_runs_after_the_commit_runs_only_then(store: Store) {
        let ran = Arc::new(AtomicUsize::new(0));
        let hook = |tx: &Repo| {
            let ran = ran.clone();
            tx.after_commit(async move |repo| {
                assert!(repo.get::<Account>("a").await?.is_some());
                ran.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
        };
        let undone = store.repo.transaction(async |tx| -> Result<(), Error> { hook(&tx).await?; Err(Error::rollback("no")) }).await;
        assert!(undone.is_err());
        assert_eq!(ran.load(Ordering::Relaxed), 0);
        store.repo.transaction(async |tx| { hook(&tx).await?; tx.insert(account("a", 1)).await }).await.unwrap();
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    }

    async fn transactions_follow_each_other_in_a_checkout(store: Store) {
        store.repo.checkout(async |repo| {
            repo.insert(account("a", 1)).await?;
            repo.transaction(async |tx| tx.insert(account("b", 2)).await).await?;
            let undone = repo.transaction(async |tx| -> Result<(), Error> { tx.insert(account("c", 3)).await?; Err(Error::rollback("no")) }).await;
            assert!(undone.is_err());
            assert_eq!(repo.count(Account::query()).await?, 2);
            Ok(())
        }).await.unwrap();
        check(&store);
    }
}

on_redis! {
    async fn a_row_is_inserted_with_those_of_its_associations(store: Store) {
        let repo = &store.repo;
        let book = |title: &str| Book { title: title.to_owned(), ..Book::default() };
        let author = Changeset::<Author>::new().change(|a| a.name.set("Ann")).put_assoc(|a| a.books(), vec![book("One"), book("Two")]);
        let author = repo.insert(author).await.unwrap();
        assert_eq!(repo.count(Book::query().filter(|b| b.author_id.eq(author.id))).await.unwrap(), 2);
        check(&store);
        // One title is taken: nothing of it is kept.
        let again = Changeset::<Author>::new().change(|a| a.name.set("Bob")).put_assoc(|a| a.books(), vec![Changeset::build(book("Three")), Changeset::build(book("Two"))]);
        let error = repo.insert(again).await.unwrap_err();
        let Error::Invalid(invalid) = &error else { panic!("{error}") };
        assert_eq!(serde_json::to_value(invalid.errors()).unwrap(), serde_json::json!({"books": [{}, {"title": ["has already been taken"]}]}));
        assert_eq!(repo.count(Author::query()).await.unwrap(), 1);
        assert_eq!(repo.count(Book::query()).await.unwrap(), 2);
        // In a transaction it is a part of that.
        repo.transaction(async |tx| {
            tx.insert(account("a", 1)).await?;
            let cyd = Changeset::<Author>::new().change(|a| a.name.set("Cyd")).put_assoc(|a| a.books(), vec![book("Four")]);
            tx.insert(cyd).await
        }).await.unwrap();
        assert_eq!(repo.count(Book::query()).await.unwrap(), 3);
        check(&store);
    }
}

on_redis_cluster! {
    async fn a_transaction_over_two_slots_is_refused_by_name(store: Store) {
        let error = store.repo.transaction(async |tx| {
            tx.insert(account("a", 1)).await?;
            tx.insert(Author { name: "Ann".into(), ..Author::default() }).await
        }).await.unwrap_err();
        assert!(matches!(&error, Error::Unsupported(_)) && error.to_string().contains("Account and Author"), "{error}");
        assert_eq!(store.repo.count(Account::query()).await.unwrap(), 0);
    }
}
