//! Types of the program's own: enums, newtypes, and a type written by hand.

use super::*;
use peristyle::Error;
use peristyle::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, DbEnum)]
enum Status {
    #[default]
    Draft,
    #[db_enum(rename = "live")]
    Published,
    TakenDown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, DbEnum)]
#[db_enum(pg_type = "mood", rename_all = "kebab-case")]
enum Mood {
    #[default]
    SoSo,
    Happy,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, DbEnum)]
#[db_enum(integer)]
#[repr(i16)]
enum Priority {
    Low = -10,
    #[default]
    Normal = 0,
    High = 32_000,
}

#[derive(Clone, Debug, Default, PartialEq, DbType)]
struct Email(String);

#[derive(Clone, Copy, Debug, Default, PartialEq, DbType)]
struct Money(Decimal);

#[derive(Clone, Copy, Debug, Default, PartialEq, DbType)]
struct Token(Uuid);

#[derive(Clone, Debug, Default, PartialEq, DbType)]
struct Labels(Vec<String>);

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Note {
    id: i64,
    status: Status,
    statuses: Vec<Status>,
    mood: Option<Mood>,
    moods: Option<Vec<Option<Mood>>>,
    priority: Priority,
    priorities: Vec<Priority>,
    email: Option<Email>,
    emails: Vec<Email>,
    fee: Option<Money>,
    token: Token,
    labels: Option<Labels>,
}

const COLUMNS: &str = "
    {id}, status {text} not null, statuses {list text} not null, mood MOOD, moods MOODS, priority {i16} not null,
    priorities {list i16} not null, email {text}, emails {list text} not null, fee {decimal},
    token {uuid} not null, labels {list text}";

async fn table(store: &Store) {
    store.script("", "create type mood as enum ('so-so', 'happy')").await;
    let columns = COLUMNS.replace("MOODS", store.pick("text", "mood[]")).replace("MOOD", store.pick("text", "mood"));
    store.create(&format!("create table notes ({columns})")).await;
}

fn note() -> Note {
    Note {
        id: 0,
        status: Status::TakenDown,
        statuses: vec![Status::Published, Status::Draft],
        mood: Some(Mood::Happy),
        moods: Some(vec![Some(Mood::SoSo), None]),
        priority: Priority::High,
        priorities: vec![Priority::Low, Priority::High],
        email: Some(Email("a@b.c".into())),
        emails: vec![Email("a@b.c".into()), Email("".into())],
        fee: Some(Money("1.50".parse().unwrap())),
        token: Token(Uuid::from_u128(7)),
        labels: Some(Labels(vec!["x".into()])),
    }
}

on_sql_stores! {
    async fn enums_and_newtypes_survive(store: Store) {
        table(&store).await;
        let repo = &store.repo;
        let full = repo.insert(note()).await.unwrap();
        let empty = repo.insert(Note::default()).await.unwrap();
        assert_eq!(full, Note { id: full.id, ..note() });
        assert_eq!(repo.all(Note::query().order_by(|n| n.id)).await.unwrap(), [full, empty]);
    }

    async fn enums_and_newtypes_are_found_by_value(store: Store) {
        table(&store).await;
        let repo = &store.repo;
        let full = repo.insert(note()).await.unwrap();
        repo.insert(Note::default()).await.unwrap();
        let queries = [
            Note::query().filter(|n| n.status.eq(Status::TakenDown)),
            Note::query().filter(|n| n.status.in_([Status::Published, Status::TakenDown])),
            Note::query().filter(|n| n.mood.eq(Mood::Happy)),
            Note::query().filter(|n| n.mood.in_([Mood::Happy])),
            Note::query().filter(|n| n.statuses.eq(vec![Status::Published, Status::Draft])),
            Note::query().filter(|n| n.moods.eq(vec![Some(Mood::SoSo), None])),
            Note::query().filter(|n| n.priority.eq(Priority::High)),
            Note::query().filter(|n| n.priority.in_([Priority::High, Priority::Low])),
            Note::query().filter(|n| n.priorities.eq(vec![Priority::Low, Priority::High])),
            Note::query().filter(|n| n.email.eq(Email("a@b.c".into())) & n.email.like("a@%")),
            Note::query().filter(|n| n.fee.eq(Money("1.5".parse().unwrap()))),
            Note::query().filter(|n| n.token.eq(Token(Uuid::from_u128(7)))),
            Note::query().filter(|n| n.labels.eq(Labels(vec!["x".into()]))),
        ];
        for query in queries {
            let shown = query.to_sql(store.dialect).unwrap().to_string();
            match repo.all(&query).await {
                Ok(rows) => assert_eq!(rows, std::slice::from_ref(&full), "{shown}"),
                Err(error) => panic!("{shown}: {error}"),
            }
        }
    }

    async fn the_stored_form_is_the_documented_one(store: Store) {
        table(&store).await;
        let repo = &store.repo;
        repo.insert(note()).await.unwrap();
        let stored = repo
            .sql::<(String, String, i16, String)>("select status, cast(mood as text), priority, email from notes")
            .one()
            .await
            .unwrap();
        assert_eq!(stored, Some(("taken_down".into(), "happy".into(), 32_000, "a@b.c".into())));
        let published = repo.insert(Note { status: Status::Published, ..Default::default() }).await.unwrap();
        let stored =
            repo.sql::<String>("select status from notes where id = {}").bind(published.id).one().await.unwrap();
        assert_eq!(stored.as_deref(), Some("live"));
    }

    async fn enums_change_group_and_aggregate(store: Store) {
        table(&store).await;
        let repo = &store.repo;
        let row = repo.insert(note()).await.unwrap();
        repo.insert(Note::default()).await.unwrap();
        let row = repo
            .update(row.change(|n| (n.mood.set(Mood::SoSo), n.priority.set(Priority::Low), n.moods.set(None))))
            .await
            .unwrap();
        assert_eq!(repo.find::<Note>(row.id).await.unwrap(), row);
        let groups = Note::query()
            .group_by(|n| n.status)
            .order_by(|n| n.status)
            .select(|n| (n.status, n.priority.min(), n.id.count()));
        assert_eq!(
            repo.all(groups).await.unwrap(),
            [(Status::Draft, Some(Priority::Normal), 1), (Status::TakenDown, Some(Priority::Low), 1)]
        );
        assert_eq!(
            repo.all(Note::query().order_by(|n| n.mood.asc().nulls_last()).select(|n| n.mood)).await.unwrap(),
            [Some(Mood::SoSo), None]
        );
        assert_eq!(repo.aggregate(Note::query(), |n| n.mood.max()).await.unwrap(), Some(Mood::SoSo));
    }
}

on_every_store! {
    async fn repo_020_a_generated_key_of_a_type_of_ones_own(store: Store) {
        store.create("create table tickets ({id}, title {text} not null)").await;
        let repo = &store.repo;
        let inserted = repo.insert(Ticket { title: "a".into(), ..Default::default() }).await.unwrap();
        assert_ne!(inserted.id, TicketId::default());
        let slug = format!("{}-hello", inserted.id.0);
        let found = repo.get_by::<Ticket>(|t| t.id.eq(TicketId::from_slug(&slug))).await.unwrap();
        assert_eq!(found, Some(inserted.clone()));
        assert_eq!(repo.find::<Ticket>(inserted.id).await.unwrap(), inserted);
    }
}

on_sql_stores! {
    async fn type_011_a_binary_key_is_selected_as_it_was_generated(store: Store) {
        store.create(schemas::TABLES).await;
        let repo = &store.repo;
        let custom = repo.insert(schemas::Custom::default()).await.unwrap();
        assert_eq!(repo.all(schemas::Custom::query().select(|c| c.bid)).await.unwrap(), [custom.bid]);
        let bound = schemas::Custom::query()
            .select(|c| (sql::<Uuid>("{}").bind(custom.bid).cast::<Uuid>(), c.bid.cast::<String>()));
        assert_eq!(repo.all(bound).await.unwrap(), [(custom.bid, custom.bid.to_string())]);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, DbType)]
struct TicketId(i64);

impl TicketId {
    /// The number that a slug such as `7-hello` begins with.
    fn from_slug(slug: &str) -> TicketId {
        TicketId(slug.split('-').next().and_then(|number| number.parse().ok()).unwrap_or_default())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Ticket {
    id: TicketId,
    title: String,
}

on_postgres! {
    async fn an_enum_type_that_lacks_a_variant_refuses_it(store: Store) {
        store.script("", "create type mood as enum ('so-so')").await;
        let columns = COLUMNS.replace("MOODS", "mood[]").replace("MOOD", "mood");
        store.create(&format!("create table notes ({columns})")).await;
        let error = store.repo.insert(note()).await.unwrap_err();
        assert!(matches!(error, Error::Database(_)) && error.to_string().contains("happy"), "{error}");
        store.repo.script("alter type mood add value 'happy'").await.unwrap();
        let inserted = store.repo.insert(note()).await.unwrap();
        assert_eq!(store.repo.find::<Note>(inserted.id).await.unwrap(), inserted);
    }

    async fn a_variant_that_only_the_enum_type_has_is_an_error(store: Store) {
        table(&store).await;
        store.repo.insert(note()).await.unwrap();
        store.repo.script("alter type mood add value 'sad'").await.unwrap();
        store.repo.script("update notes set mood = 'sad'").await.unwrap();
        let error = store.repo.all(Note::query()).await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)) && error.to_string().contains("Note.mood"), "{error}");
        assert!(error.to_string().contains("sad"), "{error}");
    }

    async fn an_enum_type_that_was_made_anew_is_looked_up_again(store: Store) {
        store.script("", "create type mood as enum ('so-so', 'happy')").await;
        let repo = &store.repo;
        assert_eq!(repo.sql::<Mood>("select {}").bind(Mood::Happy).one().await.unwrap(), Some(Mood::Happy));
        repo.script("drop type mood; create type mood as enum ('happy', 'so-so')").await.unwrap();
        for _ in 0..3 {
            assert_eq!(repo.sql::<Mood>("select {}").bind(Mood::Happy).one().await.unwrap(), Some(Mood::Happy));
        }
    }
}
