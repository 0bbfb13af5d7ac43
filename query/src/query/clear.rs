//! Taking clauses back.

use super::{Query, Scope};

macro_rules! clears {
    ($($(#[$doc:meta])* $name:ident |$select:ident| $clear:expr;)*) => {
        impl<Sc: Scope, Out> Query<Sc, Out> {
            $($(#[$doc])*
            pub fn $name(mut self) -> Self {
                let $select = &mut *self.select;
                $clear;
                self
            })*
        }
    };
}

clears! {
    /// Takes all filters back.
    clear_filter |select| select.filter.clear();
    /// Takes the order back.
    clear_order_by |select| select.order_by.clear();
    /// Takes the limit back.
    clear_limit |select| select.limit = None;
    /// Takes the offset back.
    clear_offset |select| select.offset = None;
    /// Takes `distinct` back.
    clear_distinct |select| select.distinct = false;
    /// Takes the groups back.
    clear_group_by |select| select.group_by.clear();
    /// Takes the conditions on groups back.
    clear_having |select| select.having.clear();
}
