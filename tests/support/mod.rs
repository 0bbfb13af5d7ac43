//! One file per helper.

pub mod cases;
pub mod ddl;
<<<<<<< HEAD
#[path = "../../adapters/redis/src/tests/server.rs"]
pub mod own_redis;
=======
pub mod layout;
>>>>>>> 7cd8564 (A checker of what lies in Redis, written from the docs alone)
pub mod redis;
pub mod schemas;
pub mod server;
pub mod store;
