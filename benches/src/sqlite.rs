//! SQLite: a file in a temporary folder, one for each library.

use crate::harness::{Case, Measured, Options, PERISTYLE, Result};
use crate::item::{Item, Keys, ROWS, insert, select, sum};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use peristyle::prelude::*;
use rusqlite::params;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;

const RUSQLITE: &str = "rusqlite, called directly";
const SQLX: &str = "sqlx, pool";
const DIESEL: &str = "Diesel, called directly";

const TABLE: &str = "
    PRAGMA journal_mode = wal;
    CREATE TABLE items (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, age INTEGER, score REAL NOT NULL, active BOOLEAN NOT NULL,
        body TEXT NOT NULL, inserted_at TEXT NOT NULL
    );";
/// What Peristyle sets on its own connections, so that all work alike.
const SETTINGS: &str = "PRAGMA synchronous = normal; PRAGMA foreign_keys = on;";
const BY_KEY: &str = select!("WHERE id = ?1");
const UP_TO: &str = select!("WHERE id <= ?1 ORDER BY id");
const FILTER: &str = select!("WHERE id >= ?1 AND id < ?2 AND active = ?3 AND score >= ?4 AND name <> ?5 ORDER BY id");
const INSERT: &str = insert!("(?1, ?2, ?3, ?4, ?5, ?6, ?7)");

diesel::table! {
    items (id) {
        id -> BigInt,
        name -> Text,
        email -> Nullable<Text>,
        age -> Nullable<Integer>,
        score -> Double,
        active -> Bool,
        body -> Text,
        inserted_at -> TimestamptzSqlite,
    }
}

/// Runs the cases on SQLite.
pub async fn run(options: &Options) -> Result<Vec<Measured>> {
    if !options.asks_for("SQLite") {
        return Ok(Vec::new());
    }
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    seed(&file("peristyle"))?;
    for name in ["rusqlite", "sqlx", "diesel"] {
        std::fs::copy(file("peristyle"), file(name))?;
    }
    let repo = peristyle::connect(&format!("sqlite:{}", file("peristyle").display())).await?;
    let pool = sqlx(&file("sqlx")).await?;
    let rusqlite = || -> Result<_> {
        let connection = rusqlite::Connection::open(file("rusqlite"))?;
        connection.execute_batch(SETTINGS)?;
        Ok(connection)
    };
    let diesel = || -> Result<_> {
        let mut connection = SqliteConnection::establish(&file("diesel").display().to_string())?;
        diesel::connection::SimpleConnection::batch_execute(&mut connection, SETTINGS)?;
        Ok(connection)
    };

    let mut report = Vec::new();
    look_up(&repo, rusqlite()?, &pool, diesel()?).run(options, &mut report).await?;
    all_rows(&repo, rusqlite()?, &pool, diesel()?).run(options, &mut report).await?;
    filter(&repo, rusqlite()?, &pool, diesel()?).run(options, &mut report).await?;
    insert(&repo, rusqlite()?, &pool, diesel()?).run(options, &mut report).await?;
    pool.close().await;
    repo.close().await;
    Ok(report)
}

/// Makes a database. Times have the text form that all of the libraries read.
fn seed(file: &Path) -> Result<()> {
    let mut connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(TABLE)?;
    let transaction = connection.transaction()?;
    for number in 1..=ROWS {
        let Item { name, email, age, score, active, body, inserted_at, .. } = Item::new(number);
        let inserted_at = inserted_at.format("%F %T%.6f").to_string();
        transaction.prepare_cached(INSERT)?.execute(params![name, email, age, score, active, body, inserted_at])?;
    }
    Ok(transaction.commit()?)
}

async fn sqlx(file: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new().filename(file);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal);
    Ok(SqlitePoolOptions::new().connect_with(options).await?)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        age: row.get(3)?,
        score: row.get(4)?,
        active: row.get(5)?,
        body: row.get(6)?,
        inserted_at: row.get::<_, DateTime<Utc>>(7)?,
    })
}

fn look_up<'c>(
    repo: &'c Repo,
    rusqlite: rusqlite::Connection,
    pool: &'c SqlitePool,
    mut diesel: SqliteConnection,
) -> Case<'c> {
    let (mut a, mut b, mut c, mut d) = (Keys::default(), Keys::default(), Keys::default(), Keys::default());
    Case::new("SQLite: look-up by key")
        .with(PERISTYLE, async move || Ok(repo.find::<Item>(a.next()).await?.sum()))
        .with(RUSQLITE, async move || Ok(rusqlite.prepare_cached(BY_KEY)?.query_one([b.next()], read)?.sum()))
        .with(SQLX, async move || Ok(sqlx::query_as::<_, Item>(BY_KEY).bind(c.next()).fetch_one(pool).await?.sum()))
        .with(DIESEL, async move || Ok(items::table.find(d.next()).first::<Item>(&mut diesel)?.sum()))
}

fn all_rows<'c>(
    repo: &'c Repo,
    rusqlite: rusqlite::Connection,
    pool: &'c SqlitePool,
    mut diesel: SqliteConnection,
) -> Case<'c> {
    let query = Item::query().filter(|i| i.id.lte(ROWS)).order_by(|i| i.id.asc());
    Case::new("SQLite: 10,000 rows")
        .with(PERISTYLE, async move || Ok(sum(&repo.all(&query).await?)))
        .with(RUSQLITE, async move || {
            let mut statement = rusqlite.prepare_cached(UP_TO)?;
            let rows: Vec<Item> = statement.query_map([ROWS], read)?.collect::<rusqlite::Result<_>>()?;
            Ok(sum(&rows))
        })
        .with(SQLX, async move || Ok(sum(&sqlx::query_as::<_, Item>(UP_TO).bind(ROWS).fetch_all(pool).await?)))
        .with(DIESEL, async move || {
            let query = items::table.filter(items::id.le(ROWS)).order(items::id);
            Ok(sum(&query.load::<Item>(&mut diesel)?))
        })
}

/// Five conditions over twenty rows, of which thirteen or so are left. Peristyle, sqlx and Diesel build the query each time.
fn filter<'c>(
    repo: &'c Repo,
    rusqlite: rusqlite::Connection,
    pool: &'c SqlitePool,
    mut diesel: SqliteConnection,
) -> Case<'c> {
    const SPAN: i64 = 20;
    const NAME: &str = "Item number 7";
    let (mut a, mut b, mut c, mut d) = (Keys::default(), Keys::default(), Keys::default(), Keys::default());
    Case::new("SQLite: 5 conditions, built each time")
        .with(PERISTYLE, async move || {
            let key = a.next();
            let mut query = Item::query().filter(|i| i.id.gte(key)).filter(|i| i.id.lt(key + SPAN));
            query = query.filter(|i| i.active.eq(true)).filter(|i| i.score.gte(1.0)).filter(|i| i.name.ne(NAME));
            Ok(sum(&repo.all(query.order_by(|i| i.id.asc())).await?))
        })
        .with(RUSQLITE, async move || {
            let (key, mut statement) = (b.next(), rusqlite.prepare_cached(FILTER)?);
            let rows = statement.query_map(params![key, key + SPAN, true, 1.0, NAME], read)?;
            Ok(sum(&rows.collect::<rusqlite::Result<Vec<_>>>()?))
        })
        .with(SQLX, async move || {
            let key = c.next();
            let mut query = sqlx::QueryBuilder::new(select!("WHERE id >= "));
            query.push_bind(key).push(" AND id < ").push_bind(key + SPAN).push(" AND active = ").push_bind(true);
            query.push(" AND score >= ").push_bind(1.0).push(" AND name <> ").push_bind(NAME).push(" ORDER BY id");
            Ok(sum(&query.build_query_as::<Item>().fetch_all(pool).await?))
        })
        .with(DIESEL, async move || {
            let key = d.next();
            let mut query = items::table.filter(items::id.ge(key)).into_boxed().filter(items::id.lt(key + SPAN));
            query = query.filter(items::active.eq(true)).filter(items::score.ge(1.0)).filter(items::name.ne(NAME));
            Ok(sum(&query.order(items::id).load::<Item>(&mut diesel)?))
        })
}

/// A hundred statements that insert one row each and give its key.
fn insert<'c>(
    repo: &'c Repo,
    mut rusqlite: rusqlite::Connection,
    pool: &'c SqlitePool,
    mut diesel: SqliteConnection,
) -> Case<'c> {
    let items: Vec<Item> = (ROWS + 1..=ROWS + 100).map(Item::new).collect();
    let (ours, theirs, last) = (items.clone(), items.clone(), items.clone());
    Case::new("SQLite: 100 inserts in a transaction")
        .with(PERISTYLE, async move || {
            let ours = &ours;
            let keys = repo.transaction(async |tx| {
                let mut keys = 0;
                for item in ours {
                    keys += tx.insert(item.clone()).await?.id as u64;
                }
                Ok(keys)
            });
            Ok(keys.await?)
        })
        .with(RUSQLITE, async move || {
            let (transaction, mut keys) = (rusqlite.transaction()?, 0);
            for item in &items {
                let Item { name, email, age, score, active, body, inserted_at, .. } = item;
                let mut statement = transaction.prepare_cached(INSERT)?;
                keys += statement.insert(params![name, email, age, score, active, body, inserted_at])? as u64;
            }
            transaction.commit()?;
            Ok(keys)
        })
        .with(SQLX, async move || {
            let (mut transaction, mut keys) = (pool.begin().await?, 0);
            for item in &theirs {
                let query = sqlx::query(INSERT).bind(&item.name).bind(&item.email).bind(item.age).bind(item.score);
                let query = query.bind(item.active).bind(&item.body).bind(item.inserted_at);
                keys += query.execute(&mut *transaction).await?.last_insert_rowid() as u64;
            }
            transaction.commit().await?;
            Ok(keys)
        })
        .with(DIESEL, async move || {
            Ok(diesel.transaction(|connection| -> QueryResult<u64> {
                let mut keys = 0;
                for item in &last {
                    let columns = (
                        items::name.eq(&item.name),
                        items::email.eq(&item.email),
                        items::age.eq(item.age),
                        items::score.eq(item.score),
                        items::active.eq(item.active),
                        items::body.eq(&item.body),
                        items::inserted_at.eq(item.inserted_at),
                    );
                    let query = diesel::insert_into(items::table).values(columns).returning(items::id);
                    keys += query.get_result::<i64>(connection)? as u64;
                }
                Ok(keys)
            })?)
        })
}
