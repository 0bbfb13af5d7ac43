//! One file per helper.

pub mod cases;
pub mod ddl;
pub mod layout;
#[path = "../../adapters/redis/src/tests/server.rs"]
pub mod own_redis;
pub mod redis;
pub mod schemas;
pub mod server;
pub mod store;
