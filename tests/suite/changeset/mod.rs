//! Changesets, with and without a store.

mod casting;
mod changes;
mod constraints;
mod derive;
mod locks;
mod relations;

use super::*;
