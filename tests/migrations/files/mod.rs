//! Migration files against what the databases themselves read.

mod generated;
mod postgres;
mod running;
mod splitting;
mod sqlite;
