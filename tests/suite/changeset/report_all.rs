//! All unique constraints that a row violates, at once.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use serde_json::json;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(unique(org, slug), unique(tag, where = "tag <> 'free'"))]
struct Account {
    id: i64,
    #[schema(unique)]
    email: String,
    #[schema(unique, redact)]
    token: Option<String>,
    phone: Option<String>,
    org: Option<i32>,
    slug: Option<String>,
    tag: Option<String>,
}

const ACCOUNTS: &str = "
    create table accounts ({id}, email {text} not null, token {text}, phone {text}, org {i32}, slug {text}, tag {text});
    create unique index accounts_email_index on accounts (email);
    create unique index accounts_token_index on accounts (token);
    create unique index some_phone on accounts (phone);
    create unique index accounts_org_slug_index on accounts (org, slug);
    create unique index accounts_tag_index on accounts (tag) where tag <> 'free';
";

fn full() -> Account {
    Account {
        email: "a@b.c".into(),
        token: Some("hunter2".into()),
        phone: Some("1".into()),
        org: Some(1),
        slug: Some("x".into()),
        tag: Some("free".into()),
        ..Account::default()
    }
}

fn messages(error: &Error) -> serde_json::Value {
    let Error::Invalid(invalid) = error else { panic!("{error}") };
    serde_json::to_value(invalid.errors()).unwrap()
}

on_sql_stores! {
    async fn every_taken_value_is_told_and_none_is_shown(store: Store) {
        store.create(ACCOUNTS).await;
        let saved = store.repo.insert(full()).await.unwrap();
        let taken = "has already been taken";
        let changeset = || Changeset::build(full()).unique_constraint(|a| a.phone).with_message("is in use");
        let (result, statements) = store.repo.capture(async |repo| Ok::<_, Error>(repo.insert(changeset()).report_all().await)).await.unwrap();
        let error = result.unwrap_err();
        assert_eq!(messages(&error), json!({"email": [taken], "token": [taken], "org": [taken], "phone": ["is in use"]}));
        let names: Vec<String> = ["email", "token", "org"]
            .iter()
            .map(|field| error.invalid().unwrap().errors().on(field).next().unwrap().metadata()["constraint_name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["accounts_email_index", "accounts_token_index", "accounts_org_slug_index"]);
        let shown: String = statements.iter().map(ToString::to_string).collect();
        assert!(!format!("{error} {error:?} {shown}").contains("hunter2"), "{error} {shown}");

        // A plain report has the first alone; a NULL conflicts with nothing.
        assert_eq!(messages(&store.repo.insert(changeset()).await.unwrap_err()).as_object().unwrap().len(), 1);
        let some = Changeset::build(Account { token: None, slug: None, phone: None, ..full() });
        assert_eq!(messages(&store.repo.insert(some).report_all().await.unwrap_err()), json!({"email": [taken]}));
        // The key is unique too.
        let other = Changeset::build(Account { id: saved.id, ..full() });
        let fields = messages(&store.repo.insert(other).report_all().await.unwrap_err());
        assert_eq!(fields, json!({"id": [taken], "email": [taken], "token": [taken], "org": [taken]}));
    }

    async fn an_update_does_not_meet_its_own_row(store: Store) {
        store.create(ACCOUNTS).await;
        store.repo.insert(full()).await.unwrap();
        let own = Account { email: "b@b.c".into(), token: Some("t".into()), phone: Some("2".into()), org: Some(2), ..full() };
        let other = store.repo.insert(own).await.unwrap();
        let taken = "has already been taken";
        let changeset = other.clone().change(|a| (a.email.set("a@b.c".to_owned()), a.phone.set("3".to_owned()))).unique_constraint(|a| a.phone);
        assert_eq!(messages(&store.repo.update(changeset).report_all().await.unwrap_err()), json!({"email": [taken]}));
        let changeset = other.change(|a| (a.email.set("a@b.c".to_owned()), a.org.set(1)));
        assert_eq!(messages(&store.repo.insert_or_update(changeset).report_all().await.unwrap_err()), json!({"email": [taken], "org": [taken]}));
    }

    async fn a_partial_index_is_told_only_if_it_refused(store: Store) {
        store.create(ACCOUNTS).await;
        store.repo.insert(Account { tag: Some("gold".into()), ..full() }).await.unwrap();
        let taken = "has already been taken";
        let both = Changeset::build(Account { token: None, phone: None, slug: None, tag: Some("gold".into()), ..full() });
        // Postgres looks at the indexes in the order of their making, SQLite the other way round.
        let told = store.pick(json!({"email": [taken], "tag": [taken]}), json!({"email": [taken]}));
        assert_eq!(messages(&store.repo.insert(both).report_all().await.unwrap_err()), told);
        let alone = Changeset::build(Account { email: "z".into(), token: None, phone: None, slug: None, tag: Some("gold".into()), ..full() });
        assert_eq!(messages(&store.repo.insert(alone).report_all().await.unwrap_err()), json!({"tag": [taken]}));
    }

    async fn a_transaction_goes_on_after_the_report(store: Store) {
        store.create(ACCOUNTS).await;
        store
            .repo
            .transaction(async |tx| {
                tx.insert(full()).await?;
                let error = tx.insert(Changeset::build(full())).report_all().await.unwrap_err();
                assert_eq!(messages(&error).as_object().unwrap().len(), 3);
                tx.insert(Account { email: "other".into(), ..Account::default() }).await
            })
            .await
            .unwrap();
        assert_eq!(store.repo.count(Account::query()).await.unwrap(), 2);
    }
}
