//! What each command does.

pub mod db;
pub mod init;
pub mod lint;
pub mod models;
pub mod new;
pub mod plan;
pub mod repair;
pub mod shell;
pub mod status;
pub mod up;
pub mod verify;
