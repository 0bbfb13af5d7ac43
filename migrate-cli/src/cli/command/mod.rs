//! What each command does.

pub mod db;
pub mod init;
pub mod new;
pub mod shell;
pub mod status;
pub mod up;
pub mod verify;
