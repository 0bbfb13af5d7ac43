//! The rows that a preload is for.

use super::Key;
use super::node::Fetched;
use crate::schema::HasAssociations;
use crate::value::Value;
use std::collections::{BTreeMap, HashMap};

/// Rows in hand, as `repo.preload(&mut rows, ..)` takes them: a row, an `Option`, a `Vec`, a slice or a map of them, nested
/// in any way. Embedded structs with associations count as rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not rows that associations can be loaded into",
    label = "expected a row, or an Option, a Vec, a slice or a map of them",
    note = "structs with #[derive(Schema)] have associations, and embedded ones with a field such as `user: BelongsTo<User>`"
)]
pub trait Parents {
    /// The struct that a row is.
    type Row: HasAssociations;

    /// Adds the rows to `rows`.
    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut Self::Row>);
}

impl<S: HasAssociations> Parents for S {
    type Row = S;

    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut S>) {
        rows.push(self);
    }
}

impl<P: Parents> Parents for Option<P> {
    type Row = P::Row;

    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut P::Row>) {
        if let Some(parent) = self {
            parent.gather(rows);
        }
    }
}

impl<P: Parents> Parents for Vec<P> {
    type Row = P::Row;

    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut P::Row>) {
        self.as_mut_slice().gather(rows);
    }
}

impl<P: Parents> Parents for [P] {
    type Row = P::Row;

    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut P::Row>) {
        self.iter_mut().for_each(|parent| parent.gather(rows));
    }
}

impl<P: Parents, const N: usize> Parents for [P; N] {
    type Row = P::Row;

    fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut P::Row>) {
        self.as_mut_slice().gather(rows);
    }
}

macro_rules! maps {
    ($($map:ident),*) => {$(
        impl<K, P: Parents> Parents for $map<K, P> {
            type Row = P::Row;

            fn gather<'r>(&'r mut self, rows: &mut Vec<&'r mut P::Row>) {
                self.values_mut().for_each(|parent| parent.gather(rows));
            }
        }
    )*};
}
maps!(HashMap, BTreeMap);

/// Keys without repeats and NULLs, and who has each.
pub(super) fn distinct(keys: Vec<Vec<Value>>) -> (Vec<Vec<Value>>, HashMap<Key, Vec<usize>>) {
    let mut positions: HashMap<Key, Vec<usize>> = HashMap::new();
    let mut wanted = Vec::new();
    for (position, values) in keys.into_iter().enumerate() {
        let Some(key) = Key::of(&values) else { continue };
        let places = positions.entry(key).or_default();
        if places.is_empty() {
            wanted.push(values);
        }
        places.push(position);
    }
    (wanted, positions)
}

/// Gives each row to all parents that have its key.
pub(super) fn spread<T>(
    fetched: Fetched<T>,
    positions: &HashMap<Key, Vec<usize>>,
    clone: fn(&T) -> T,
) -> (Vec<T>, Vec<usize>) {
    let (mut rows, mut of_rows) = (Vec::with_capacity(fetched.len()), Vec::with_capacity(fetched.len()));
    for (values, row) in fetched {
        let places = Key::of(&values).and_then(|key| positions.get(&key));
        let Some((last, others)) = places.and_then(|places| places.split_last()) else { continue };
        rows.extend(others.iter().map(|_| clone(&row)));
        rows.push(row);
        of_rows.extend(others.iter().chain([last]));
    }
    (rows, of_rows)
}
