//! Migration files against what the databases themselves read.

mod postgres;
mod splitting;
mod sqlite;
