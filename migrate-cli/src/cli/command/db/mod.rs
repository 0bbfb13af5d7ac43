//! `db ..`.

mod check;
mod create;
mod dump;
mod query;
mod seed;

pub use check::check;
pub use create::{create, drop, reset};
pub use dump::{dump, load};
pub use query::query;
pub use seed::seed;
