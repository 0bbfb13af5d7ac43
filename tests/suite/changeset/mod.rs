//! Changesets, with and without a store.

mod casting;
mod changes;
mod constraint_columns;
mod constraints;
mod embeds;
mod exclusion;
mod locks;
mod races;
mod relations;
mod report_all;

use super::*;
