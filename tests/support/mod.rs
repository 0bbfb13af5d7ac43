//! One file per helper.

pub mod cases;
pub mod ddl;
pub mod redis;
pub mod schemas;
pub mod server;
pub mod store;
