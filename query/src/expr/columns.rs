//! Lists of columns.

use super::Column;
use crate::schema::FieldMeta;

/// A column, or a tuple of them, nested where there are many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of columns of this schema",
    label = "expected `u.column`, or a tuple of them"
)]
pub trait Columns<Sc> {
    /// Adds the fields of the columns to `list`.
    fn append(self, list: &mut Vec<&'static FieldMeta>);
}

impl<Sc, T, N> Columns<Sc> for Column<Sc, T, N> {
    fn append(self, list: &mut Vec<&'static FieldMeta>) {
        list.push(self.field());
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<Sc, $($name: Columns<Sc>),*> Columns<Sc> for ($($name,)*) {
            fn append(self, list: &mut Vec<&'static FieldMeta>) {
                #[allow(non_snake_case)]
                let ($($name,)*) = self;
                $($name.append(list);)*
            }
        }
    };
}
crate::tuples::for_each_tuple!(tuples);
