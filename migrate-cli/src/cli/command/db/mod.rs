//! `db ..`.

mod create;
mod query;
mod seed;

pub use create::{create, drop, reset};
pub use query::query;
pub use seed::seed;
