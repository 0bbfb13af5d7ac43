//! Users and posts in Postgres or SQLite, sessions and counters in Redis, one repo; prints what it sends to each.
//!
//! ```sh
//! cargo run -p polyglot                                               # SQLite, and Redis at redis://localhost/0
//! DATABASE_URL=postgres://localhost/polyglot cargo run -p polyglot    # Postgres
//! REDIS_URL=redis://cache:6379/1 cargo run -p polyglot                # Redis elsewhere
//! ```

#![allow(missing_docs)] // names say what fields hold

mod schema;

use chrono::Utc;
use peristyle::Error;
use peristyle::migrate::{self, migrations};
use peristyle::prelude::*;
use schema::{Counter, Post, Session, User};
use std::process::ExitCode;

/// The variable's value, or what is used without it.
fn variable(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let url = variable("DATABASE_URL", "sqlite:polyglot.db");
    let database = peristyle::connect(&url).await.map_err(|error| error.to_string())?;
    let redis = peristyle::connect(&variable("REDIS_URL", "redis://localhost/0")).await.map_err(|error| {
        format!("there is no Redis: start one (`redis-server`), or set REDIS_URL to the URL of one\n{error}")
    })?;
    let migrations = match url.starts_with("postgres") {
        true => migrations!("migrations/postgres"),
        false => migrations!("migrations/sqlite"),
    };
    migrate::run(&database, migrations).await.map_err(|error| error.to_string())?;

    // Sessions and counters live in Redis, all the rest in the database.
    let repo =
        database.route::<Session>(&redis.with_prefix("polyglot")).route::<Counter>(&redis.with_prefix("polyglot"));
    tour(&repo).await.map_err(|error| error.to_string())
}

async fn tour(repo: &Repo) -> Result<(), Error> {
    shown(repo, "Ann and Bob sign in", async |repo| {
        for name in ["Ann", "Bob"] {
            sign_in(&repo, name).await?;
        }
        Ok(())
    })
    .await?;

    let users = shown(repo, "Users with their posts and their newest sessions", async |repo| {
        let query = User::query()
            .order_by(|u| u.name)
            .preload(|u| (u.posts(), u.sessions().order_by(|s| s.seen_at.desc()).limit(2)));
        repo.all(query).await
    })
    .await?;
    for user in &users {
        println!("{}: {} posts, signed in: {}", user.name, user.posts.get()?.len(), !user.sessions.get()?.is_empty());
    }

    let sessions = shown(repo, "The newest sessions, and whose they are", async |repo| {
        repo.all(Session::query().order_by(|s| s.seen_at.desc()).limit(2).preload(|s| s.user())).await
    })
    .await?;
    for session in &sessions {
        println!("{}", session.user.get()?.name);
    }

    let counter = repo.find::<Counter>("sign-ins".to_owned()).await?;
    println!("\n{} sign-ins so far", counter.count);

    println!("\n== A join over both is refused");
    if let Err(error) = repo.all(User::query().join(|u| u.sessions())).await {
        println!("{error}");
    }
    Ok(())
}

/// Makes the user at the first time; the session and the count follow when that is kept.
async fn sign_in(repo: &Repo, name: &str) -> Result<(), Error> {
    let name = name.to_owned();
    repo.transaction(async |tx| {
        let user = match tx.get_by::<User>(|u| u.name.eq(name.as_str())).await? {
            Some(user) => user,
            None => {
                let user = tx.insert(User { name, ..User::default() }).await?;
                tx.insert(Post { title: "Hello".into(), author_id: user.id, ..Post::default() }).await?;
                user
            }
        };
        tx.after_commit(async move |repo: Repo| {
            repo.insert(Session { user_id: user.id, seen_at: Utc::now(), ..Session::default() }).await?;
            let counter = Counter { name: "sign-ins".into(), count: 1 };
            let counted =
                repo.insert(counter).on_conflict(|c| c.target(|c| c.name).set(|c, _| c.count.set(c.count + 1)));
            counted.await?;
            Ok(())
        })
        .await
    })
    .await
}

/// Runs a function, and prints what it sent.
async fn shown<T, F, Fut>(repo: &Repo, title: &str, body: F) -> Result<T, Error>
where
    T: Send,
    F: AsyncFnOnce(Repo) -> Result<T, Error> + FnOnce(Repo) -> Fut + Send,
    Fut: Future<Output = Result<T, Error>> + Send,
{
    println!("\n== {title}");
    let (output, statements) = repo.capture(body).await?;
    for statement in statements {
        println!("{}\n", statement.sql());
    }
    Ok(output)
}
