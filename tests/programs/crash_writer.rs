//! Writes changesets of several tables, one after another, until it is killed: `crash_writer URL`.
//!
//! Each user has three posts with two comments each; the name of a user, and the titles of its posts, are those of its last
//! write. It prints a line after each write.

use peristyle::prelude::*;
use peristyle_tests::schemas::{Comment, Permalink};
use std::io::Write;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "users")]
struct User {
    id: i64,
    name: Option<String>,
    inserted_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
    #[schema(foreign_key = author_id, on_replace = delete)]
    posts: HasMany<Post>,
    #[schema(foreign_key = user_id, on_replace = delete)]
    permalink: HasOne<Permalink>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "posts")]
struct Post {
    id: i64,
    title: Option<String>,
    author_id: Option<i64>,
    inserted_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
    #[schema(foreign_key = post_id, on_delete = delete_all)]
    comments: HasMany<Comment>,
}

fn post(title: &str) -> Post {
    Post {
        title: Some(title.to_owned()),
        comments: vec![Comment::default(), Comment::default()].into(),
        ..Post::default()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).unwrap_or_default();
    if let Err(error) = write(&url).await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn write(url: &str) -> Result<(), peristyle::Error> {
    let repo = peristyle::connect(url).await?;
    let started = std::process::id();
    for number in 0.. {
        let name = format!("{started}-{number}");
        let user = User {
            name: Some(name.clone()),
            posts: vec![post(&name), post(&name), post(&name)].into(),
            permalink: Some(Permalink::to(&name)).into(),
            ..User::default()
        };
        let user = repo.insert(user).await?;
        report(&name);
        // One post stays and is changed, one goes, and one comes in its place.
        let again = format!("{name}-again");
        let posts = user.posts.get()?;
        let changed = |post: &Post| Changeset::of(post.clone()).change(|p| p.title.set(again.as_str()));
        let posts = vec![changed(&posts[0]), changed(&posts[2]), Changeset::build(post(&again))];
        let changeset = user
            .change(|u| u.name.set(again.as_str()))
            .put_assoc(|u| u.posts(), posts)
            .put_assoc(|u| u.permalink(), Permalink::to(&again));
        repo.update(changeset).await?;
        report(&again);
    }
    Ok(())
}

fn report(name: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever reads may be gone.
    let _ = writeln!(out, "{name}").and_then(|()| out.flush());
}
