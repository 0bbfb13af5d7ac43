//! Migrations on real stores, a module per area.

mod dump;
mod files;
mod introspect;
mod runner;
