//! Brings its database up to date, writes a post and lists all.
//!
//! ```sh
//! cargo run -p blog                                           # on SQLite
//! DATABASE_URL=postgres://localhost/blog cargo run -p blog    # on Postgres
//! ```

use blog::{Author, Post, database_url, migrations};
use peristyle::migrate;
use peristyle::prelude::*;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = database_url();
    let repo = peristyle::connect(&url).await?;
    println!("{}", migrate::run(&repo, migrations(&url)).await?);

    let email = "ann@example.com";
    let ann = match repo.get_by::<Author>(|author| author.email.eq(email)).await? {
        Some(ann) => ann,
        None => repo.insert(Author { email: email.into(), name: "Ann".into(), ..Default::default() }).await?,
    };
    let number = repo.count(Post::query()).await? + 1;
    let post = Post { title: format!("Post {number}"), body: "…".into(), author_id: ann.id, ..Default::default() };
    repo.insert(post).await?;

    let posts = Post::query().order_by(|post| post.id).select(|post| (post.title, post.author().name));
    for (title, author) in repo.all(posts).await? {
        println!("{title} by {author}");
    }
    Ok(())
}
