//! Migrations on real stores, a module per area.

mod diff;
mod dsl;
mod dump;
mod files;
mod introspect;
mod lint;
mod pull;
mod round_trip;
mod runner;
