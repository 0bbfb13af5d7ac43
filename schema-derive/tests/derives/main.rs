//! What the derives emit, compiled against the facade and looked at without a store.

mod db_enum;
mod db_type;
mod embedded;
mod projection;
mod schema;
