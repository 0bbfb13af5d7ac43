//! The SQL of every clause and operator, for Postgres and SQLite side by side.

mod aggregates;
mod arithmetic;
mod comparisons;
mod deep;
mod fragments;
mod literals;
mod per_parent;
mod plans;
mod prefixes;
mod queries;
mod schema;
mod subqueries;
mod writes;
mod writes_bulk;
