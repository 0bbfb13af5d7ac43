//! Helpers shared by the tests of Peristyle.
//!
//! [`on_every_store!`] runs each case on every store, as a test of its own that begins with an empty store:
//!
//! ```
//! on_every_store! {
//!     async fn an_empty_table_gives_no_rows(store: Store) {
//!         store.create(schemas::POSTS).await;
//!         assert_eq!(store.repo.all(Post::query()).await.unwrap(), []);
//!     }
//! }
//! ```
//!
//! `tests/run` names the servers; see [`server`] for Postgres and [`redis`](mod@redis) for Redis.

mod support;

pub use support::{cases, ddl, layout, own_redis, redis, schemas, server, store};

pub use support::cases::count;
pub use support::store::{Kind, Store};
