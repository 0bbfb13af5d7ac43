//! What a transaction has read and is to write: its commit is one script.

use crate::change::{Change, Effect, Reason, Refusal};
use crate::layout::{Part, STORE, StoredRow, Table};
use peristyle_query::error::{Error, Unsupported};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a statement stands: on the store as it is, or in a transaction.
#[derive(Clone, Copy)]
pub(crate) enum View<'p> {
    Store,
    Transaction(&'p Pending),
}

/// The writes of a transaction, none of which is in the store yet, and the rows that it has read.
pub(crate) struct Pending {
    /// Whether all keys of a script must be in one slot.
    one_slot: bool,
    /// Whether it only reads, so that nothing of it is checked at its end.
    read_only: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    touched: Touched,
    /// What was touched when each open savepoint was set, by its number.
    savepoints: Vec<(u32, Touched)>,
}

/// The rows that a transaction has read or written, in order.
#[derive(Clone, Default)]
struct Touched {
    rows: Vec<Row>,
    /// The position of a row among them, by its key in Redis.
    places: HashMap<String, usize>,
    /// The parts that they are in.
    parts: Vec<(Part, Arc<Table>)>,
    /// The claims of the rows that are to be written, and whose they are.
    claims: HashMap<String, String>,
    writes: bool,
}

#[derive(Clone)]
struct Row {
    change: Change,
    /// Whether it was read, so that another row there is no conflict of keys but one of transactions.
    read: bool,
}

impl Pending {
    pub(crate) fn new(one_slot: bool, read_only: bool) -> Self {
        Pending { one_slot, read_only, state: Mutex::default() }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row of this key as the transaction has written it: `Some(None)` if it has removed it, `None` if it has not written it.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if another schema of the table wrote it, and it is no row of this one.
    pub(crate) fn written(&self, table: &Table, key: &str) -> Result<Option<Option<StoredRow>>, Error> {
        let state = self.state();
        let known = state.touched.row(&table.part(key).row(key));
        Ok(match known.map(|known| &known.change.effect) {
            None | Some(Effect::Check) => None,
            Some(Effect::Write { row, .. }) => Some(Some(row.of(table.schema)?)),
            Some(Effect::Remove) => Some(None),
        })
    }

    /// Whether the transaction has written rows of a table.
    pub(crate) fn writes(&self, table: &Table) -> bool {
        let parts: Vec<_> = table.parts().collect();
        self.state().touched.written().any(|change| parts.contains(&change.part))
    }

    /// Refuses a read through an index of a table that the transaction has written to: its own writes are in no index yet.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`].
    pub(crate) fn check_index_read(&self, table: &Table) -> Result<(), Error> {
        if !self.writes(table) {
            return Ok(());
        }
        let feature =
            format!("reads of {} through an index in a transaction that has written rows of it", table.schema.name);
        Err(refused(feature, "read before the first write, or by primary key"))
    }

    /// Notes what a statement of the transaction found in the store: at the commit it must be so still.
    ///
    /// # Errors
    ///
    /// [`Error::Database`], to be retried, if the row was another when it was read before; [`Error::Unsupported`] for a row
    /// that no script can check together with the others.
    pub(crate) fn read(&self, table: &Arc<Table>, key: &str, found: Option<&StoredRow>) -> Result<(), Error> {
        if self.read_only {
            return Ok(());
        }
        let part = table.part(key);
        let change =
            Change { table: table.clone(), part, key: key.to_owned(), expected: found.cloned(), effect: Effect::Check };
        let mut state = self.state();
        match state.touched.row(&change.place()) {
            Some(known) if !same(&known.change.expected, &change.expected) => Err(change.error(&Reason::Changed)),
            Some(_) => Ok(()),
            None => {
                self.check_together(&state.touched, &change)?;
                state.touched.push(Row { change, read: true })
            }
        }
    }

    /// What writes, each of another row, come to together with those before: the changes of the rows as the store has them, or
    /// why one cannot be made.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) fn merge(&self, changes: &[Change]) -> Result<Result<Vec<Change>, Refusal>, Error> {
        let state = self.state();
        let mut merged = Vec::with_capacity(changes.len());
        // What one row gives up another may take, so that many need all that was touched as it is in between.
        let mut between = (changes.len() > 1).then(|| state.touched.clone());
        if let Some(touched) = &mut between {
            touched.release(changes)?;
        }
        for (place, change) in changes.iter().enumerate() {
            let touched = between.as_ref().unwrap_or(&state.touched);
            self.check_together(touched, change)?;
            let (change, reasons) = touched.merge(change)?;
            if !reasons.is_empty() {
                return Ok(Err(Refusal { change: place, reasons }));
            }
            if let Some(touched) = &mut between {
                touched.push(Row { change: change.clone(), read: false })?;
            }
            merged.push(change);
        }
        Ok(Ok(merged))
    }

    /// Adds writes, each of another row.
    ///
    /// # Errors
    ///
    /// That of the first one that cannot be made; as [`read`](Self::read).
    pub(crate) fn queue(&self, changes: &[Change]) -> Result<(), Error> {
        let mut state = self.state();
        state.touched.release(changes)?;
        for change in changes {
            self.check_together(&state.touched, change)?;
            let (merged, reasons) = state.touched.merge(change)?;
            if let Some(reason) = reasons.first() {
                return Err(change.error(reason));
            }
            let read = state.touched.row(&change.place()).is_some_and(|known| known.read);
            state.touched.push(Row { change: merged, read })?;
        }
        Ok(())
    }

    /// Whether the row that holds a claim in the store gives it up in this transaction.
    pub(crate) fn frees(&self, table: &Table, claim: &str, holder: &str) -> bool {
        let (state, place) = (self.state(), table.part(holder).row(holder));
        let written = state.touched.row(&place).is_some_and(|row| !matches!(row.change.effect, Effect::Check));
        written && state.touched.claims.get(claim) != Some(&place)
    }

    /// Refuses a row that no script can treat together with those that were touched before.
    fn check_together(&self, touched: &Touched, change: &Change) -> Result<(), Error> {
        if !touched.writes && matches!(change.effect, Effect::Check) {
            return Ok(());
        }
        touched.parts.iter().try_for_each(|other| check_together(self.one_slot, other, change))
    }

    /// All changes and checks, and for each whether the row was read before; empty if nothing is to be written.
    pub(crate) fn take(&self) -> (Vec<Change>, Vec<bool>) {
        let State { touched, .. } = std::mem::take(&mut *self.state());
        match touched.writes {
            false => Default::default(),
            true => touched.rows.into_iter().map(|row| (row.change, row.read)).unzip(),
        }
    }

    pub(crate) fn savepoint(&self, number: u32) {
        let mut state = self.state();
        let touched = state.touched.clone();
        state.savepoints.push((number, touched));
    }

    /// Forgets the writes that came after a savepoint, and the savepoint.
    pub(crate) fn roll_back_to(&self, number: u32) {
        let mut state = self.state();
        if let Some(place) = state.savepoints.iter().position(|(known, _)| *known == number) {
            let mut later = state.savepoints.split_off(place).into_iter();
            if let Some((_, touched)) = later.next() {
                state.touched = touched;
            }
        }
    }

    pub(crate) fn release(&self, number: u32) {
        let mut state = self.state();
        if let Some(place) = state.savepoints.iter().position(|(known, _)| *known == number) {
            state.savepoints.truncate(place);
        }
    }
}

impl Touched {
    fn row(&self, place: &str) -> Option<&Row> {
        self.places.get(place).and_then(|place| self.rows.get(*place))
    }

    /// A change as one of the row in the store, and why it cannot be made.
    fn merge(&self, change: &Change) -> Result<(Change, Vec<Reason>), Error> {
        let (place, mut change, mut reasons) = (change.place(), change.clone(), Vec::new());
        if let Some(known) = self.row(&place) {
            let there = match &known.change.effect {
                Effect::Check => known.change.expected.clone(),
                Effect::Write { row, .. } => Some(row.clone()),
                Effect::Remove => None,
            };
            if !same(&there, &change.expected) {
                reasons.push(if change.expected.is_none() { Reason::Exists } else { Reason::Changed });
            }
            change.expected = known.change.expected.as_ref().map(|row| row.of(change.table.schema)).transpose()?;
            if matches!(change.effect, Effect::Remove) && change.expected.is_none() {
                // It was never there for others.
                change.effect = Effect::Check;
            }
        }
        // The row that is in the way of a new one may hold its claims, too.
        let in_the_way = reasons.contains(&Reason::Exists);
        for (index, claim) in change.claims()? {
            if let Some(holder) =
                self.claims.get(&claim).filter(|holder| in_the_way || **holder != place).and_then(|row| self.row(row))
            {
                reasons.push(Reason::Claimed { index, holder: holder.change.key.clone() });
            }
        }
        Ok((change, reasons))
    }

    /// Lets go of the claims of rows that a statement changes; those that they keep come back with them.
    fn release(&mut self, changes: &[Change]) -> Result<(), Error> {
        for change in changes.iter().filter(|change| change.expected.is_some()) {
            let place = change.place();
            let Some(known) = self.row(&place) else { continue };
            for (_, claim) in known.change.claims()? {
                if self.claims.get(&claim) == Some(&place) {
                    self.claims.remove(&claim);
                }
            }
        }
        Ok(())
    }

    /// Adds a row, or puts it in the place of the same one.
    fn push(&mut self, row: Row) -> Result<(), Error> {
        self.writes |= !matches!(row.change.effect, Effect::Check);
        if self.parts.iter().all(|(part, _)| *part != row.change.part) {
            self.parts.push((row.change.part.clone(), row.change.table.clone()));
        }
        let place = row.change.place();
        let new = row.change.claims()?;
        let known = self.places.get(&place).copied();
        match known.and_then(|known| self.rows.get_mut(known)) {
            Some(known) => {
                let old = std::mem::replace(known, row);
                for (_, claim) in old.change.claims()? {
                    if self.claims.get(&claim) == Some(&place) {
                        self.claims.remove(&claim);
                    }
                }
            }
            None => {
                self.places.insert(place.clone(), self.rows.len());
                self.rows.push(row);
            }
        }
        self.claims.extend(new.into_iter().map(|(_, claim)| (claim, place.clone())));
        Ok(())
    }

    fn written(&self) -> impl Iterator<Item = &Change> {
        self.rows.iter().map(|row| &row.change).filter(|change| !matches!(change.effect, Effect::Check))
    }
}

fn same(one: &Option<StoredRow>, other: &Option<StoredRow>) -> bool {
    one.as_ref().map(StoredRow::raw) == other.as_ref().map(StoredRow::raw)
}

/// Refuses changes that are not in one place, all of which one script is to make.
///
/// # Errors
///
/// [`Error::Unsupported`].
pub(crate) fn check_all_together(one_slot: bool, changes: &[Change]) -> Result<(), Error> {
    let Some((first, rest)) = changes.split_first() else { return Ok(()) };
    let first = (first.part.clone(), first.table.clone());
    rest.iter().try_for_each(|change| check_together(one_slot, &first, change))
}

/// On Redis Cluster one part is one slot; buckets are for it, everywhere.
fn check_together(one_slot: bool, (part, table): &(Part, Arc<Table>), change: &Change) -> Result<(), Error> {
    let buckets = table.buckets > 1 && std::ptr::eq(table.schema, change.table.schema);
    if *part == change.part || !(one_slot || buckets) { Ok(()) } else { Err(apart(table, &change.table)) }
}

/// The refusal of writes that are not in one place.
fn apart(one: &Table, other: &Table) -> Error {
    if std::ptr::eq(one.schema, other.schema) && one.buckets > 1 {
        let feature = format!("writes of several buckets of {} at once", one.schema.name);
        return refused(
            feature,
            "write its rows one by one, each by its key, or leave the schema in one place, without `buckets`",
        );
    }
    let feature = match std::ptr::eq(one.schema, other.schema) {
        true => format!(
            "transactions over {} in several prefixes on Redis Cluster, which are several slots",
            one.schema.name
        ),
        false => {
            format!(
                "transactions over {} and {} on Redis Cluster, which are two slots",
                one.schema.name, other.schema.name
            )
        }
    };
    refused(feature, "write to one of them in the transaction, and to the other after it, as with tx.after_commit(..)")
}

pub(crate) fn refused(feature: impl Into<String>, instead: &'static str) -> Error {
    Unsupported { store: STORE, feature: feature.into().into(), instead: instead.into() }.into()
}
