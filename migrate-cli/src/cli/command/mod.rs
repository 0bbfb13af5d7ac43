//! What each command does.

pub mod check;
pub mod db;
pub mod diff;
pub mod init;
pub mod lint;
pub mod models;
pub mod new;
pub mod plan;
pub mod reindex;
pub mod repair;
pub mod schema;
pub mod shell;
pub mod spelling;
pub mod status;
pub mod up;
pub mod verify;
