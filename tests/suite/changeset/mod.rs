//! Changesets, with and without a store.

mod casting;
mod changes;
mod constraints;
mod crashes;
mod embeds;
mod locks;
mod relations;

use super::*;
