//! What a write changes: a row each, as `apply.lua` takes it.

use crate::layout::{Entries, Index, Part, STORE, StoredRow, Table};
use crate::packed::Packed;
use crate::script::Call;
use peristyle_query::error::{ConstraintError, ConstraintKind, DatabaseError, Error, Unsupported};
use peristyle_query::schema::SchemaMeta;
use std::collections::HashMap;
use std::sync::Arc;

/// How many changes one script makes at most: Redis takes 1,048,576 arguments.
const MOST: usize = 1_000_000;

/// A change of one row, or a check that it is as it was.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) table: Arc<Table>,
    pub(crate) part: Part,
    /// The row's key.
    pub(crate) key: String,
    /// The row as it must be in the store; `None`: there must be none.
    pub(crate) expected: Option<StoredRow>,
    pub(crate) effect: Effect,
}

/// What becomes of a row.
#[derive(Clone)]
pub(crate) enum Effect {
    /// Nothing: it is only to be as expected.
    Check,
    /// It is written.
    Write {
        row: StoredRow,
        expires: Expiry,
    },
    Remove,
}

/// When a row expires, by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Never,
    /// At this millisecond since 1970.
    At(i64),
    /// So many milliseconds after it is written.
    After(i64),
}

impl Expiry {
    /// As the script reads it.
    fn text(self) -> Option<String> {
        match self {
            Expiry::Never => None,
            Expiry::At(time) => Some(time.to_string()),
            Expiry::After(time) => Some(format!("+{time}")),
        }
    }
}

/// The change that a script refuses, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The position of the change.
    pub(crate) change: usize,
    pub(crate) reasons: Vec<Reason>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// There is a row already.
    Exists,
    /// The row is another by now, or gone.
    Changed,
    /// Another row has the values of a unique index.
    Claimed { index: usize, holder: String },
}

/// A call of `apply.lua`, and what is needed to read its answer.
pub(crate) struct Attempt {
    pub(crate) call: Call,
    /// For each change, the indexes of the claims that it takes.
    taken: Vec<Vec<usize>>,
}

impl Change {
    /// A new row.
    pub(crate) fn insert(table: &Arc<Table>, row: StoredRow, expires: Expiry) -> Result<Self, Error> {
        let key = row.key()?;
        let (table, part) = (table.clone(), table.part(&key));
        Ok(Change { table, part, key, expected: None, effect: Effect::Write { row, expires } })
    }

    /// A row that is another from now on; two changes if it gets another key.
    pub(crate) fn update(
        table: &Arc<Table>,
        old: StoredRow,
        row: StoredRow,
        expires: Expiry,
    ) -> Result<(Self, Option<Self>), Error> {
        let key = old.key()?;
        if row.key()? != key {
            return Ok((Self::remove(table, old)?, Some(Self::insert(table, row, expires)?)));
        }
        let (table, part) = (table.clone(), table.part(&key));
        Ok((Change { table, part, key, expected: Some(old), effect: Effect::Write { row, expires } }, None))
    }

    /// The end of a row.
    pub(crate) fn remove(table: &Arc<Table>, old: StoredRow) -> Result<Self, Error> {
        let key = old.key()?;
        let (table, part) = (table.clone(), table.part(&key));
        Ok(Change { table, part, key, expected: Some(old), effect: Effect::Remove })
    }

    /// The key of the row in Redis.
    pub(crate) fn place(&self) -> String {
        self.part.row(&self.key)
    }

    /// Whether a claim of the row with this key is free after the change.
    pub(crate) fn gives_up(&self, table: &Table, claim: &str, holder: &str) -> bool {
        self.key == holder
            && self.part == table.part(holder)
            && match &self.effect {
                Effect::Check => false,
                Effect::Remove => true,
                Effect::Write { .. } => {
                    self.claims().is_ok_and(|claims| claims.iter().all(|(_, known)| known != claim))
                }
            }
    }

    /// Whether it is the first that the row's key or claims are asked for, so that others may have them.
    pub(crate) fn may_conflict(&self) -> Result<bool, Error> {
        Ok(match (&self.effect, &self.expected) {
            (Effect::Write { .. }, None) => true,
            (Effect::Write { .. }, Some(old)) => {
                let old = self.table.entries(old)?.claims;
                self.claims()?.len() > old.len()
                    || !matches!(&self.effect, Effect::Write { row, .. } if self.table.entries(row)?.claims == old)
            }
            _ => false,
        })
    }

    /// The error of a refusal of this change.
    pub(crate) fn error(&self, reason: &Reason) -> Error {
        match reason {
            Reason::Exists => self.table.indexes.first().map_or_else(|| self.changed(), |key| self.violated(key)),
            Reason::Claimed { index, .. } => {
                self.table.indexes.get(*index).map_or_else(|| self.changed(), |index| self.violated(index))
            }
            Reason::Changed => self.changed(),
        }
    }

    fn violated(&self, index: &Index) -> Error {
        let columns: Vec<String> = index.fields.iter().map(|field| field.column.to_owned()).collect();
        let message = format!(
            "a row of {} with these values of ({}) is there already",
            self.table.schema.table,
            columns.join(", ")
        );
        let mut error = ConstraintError::new(ConstraintKind::Unique, message);
        error.name.clone_from(&index.name);
        error.table = Some(self.table.schema.table.to_owned());
        error.columns = columns;
        error.into()
    }

    /// The row was read, and is another by now.
    fn changed(&self) -> Error {
        DatabaseError {
            store: STORE,
            message: format!("a row of {} was changed by others since it was read", self.table.schema.name),
            hint: Some(
                "Run it again: repo.transaction_with(TransactionOptions::default().retries(3), ..) does.".to_owned(),
            ),
            retryable: true,
            ..DatabaseError::default()
        }
        .into()
    }
}

/// Merges changes of one row, such as when one row takes the key that another gives up, and keeps their order.
///
/// # Errors
///
/// The violation of the primary key, if two rows get the same key.
pub(crate) fn merged(changes: Vec<Change>) -> Result<Vec<Change>, Error> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(changes.len());
    let mut all: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let known = places.get(&change.place()).and_then(|place| all.get_mut(*place));
        let Some(known) = known else {
            places.insert(change.place(), all.len());
            all.push(change);
            continue;
        };
        match (&known.effect, &change.effect) {
            (Effect::Remove, Effect::Write { .. }) => known.effect = change.effect,
            (Effect::Write { .. }, Effect::Remove) if known.expected.is_none() => known.expected = change.expected,
            _ => return Err(change.error(&Reason::Exists)),
        }
    }
    Ok(all)
}

impl Refusal {
    /// Whether others changed the row since it was read, and nothing else is in the way.
    pub(crate) fn is_lost_race(&self) -> bool {
        self.reasons.contains(&Reason::Changed)
    }

    /// The error of the first reason, of one of these changes.
    pub(crate) fn error(&self, changes: &[Change]) -> Error {
        match (changes.get(self.change), self.reasons.first()) {
            (Some(change), Some(reason)) => change.error(reason),
            _ => unexpected(),
        }
    }
}

/// An answer of the script that it does not give.
fn unexpected() -> Error {
    let message = "the script that writes gave an answer that it does not give".to_owned();
    DatabaseError { store: STORE, message, ..DatabaseError::default() }.into()
}

impl Attempt {
    /// The call that makes these changes, or with `only_check` tells whether they could be made.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] for a value that cannot be a key or in an index, [`Error::Unsupported`] for more changes than a command has
    /// arguments.
    pub(crate) fn new(changes: &[Change], only_check: bool) -> Result<Self, Error> {
        if let Some(change) = changes.get(MOST) {
            let feature = format!("writing {} rows at once, as of {}", changes.len(), change.table.schema.name);
            let instead = format!("go through them in parts of {MOST} at most, by ranges of the key");
            return Err(Unsupported { store: STORE, feature: feature.into(), instead: instead.into() }.into());
        }
        // Several schemas of one table have indexes of their own.
        let mut numbers: HashMap<(&Part, *const SchemaMeta), usize> = HashMap::new();
        let mut parts: Vec<(&Part, &Table, Option<i64>)> = Vec::new();
        let (mut packed, mut taken) = (Vec::with_capacity(changes.len()), Vec::with_capacity(changes.len()));
        for change in changes {
            let place = (&change.part, std::ptr::from_ref(change.table.schema));
            let number = *numbers.entry(place).or_insert_with(|| {
                parts.push((&change.part, &change.table, None));
                parts.len()
            });
            if let Some((_, _, sequence)) = parts.get_mut(number - 1) {
                *sequence = (*sequence).max(change.explicit_key());
            }
            let (bytes, claims) = change.packed(number)?;
            packed.push(bytes);
            taken.push(claims);
        }
        let mut about = Packed::default();
        about.array(parts.len());
        for (_, table, sequence) in &parts {
            about.array(3).texts(table.indexes.iter().map(|index| &index.suffix)).texts(table.maintained());
            about.optional(sequence.map(|least| least.to_string()));
        }
        let mode = if only_check { b"1".to_vec() } else { b"0".to_vec() };
        let arguments = [mode, about.into_bytes()].into_iter().chain(packed).collect();
        let keys = parts.into_iter().map(|(part, ..)| part.0.clone()).collect();
        Ok(Attempt { call: Call { keys, arguments }, taken })
    }

    /// What the script answered: nothing if it did all, or the first change that it refuses.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] for an answer that it does not give.
    pub(crate) fn answer(&self, answer: &redis::Value) -> Result<Option<Refusal>, Error> {
        self.read(answer).ok_or_else(unexpected)
    }

    fn read(&self, answer: &redis::Value) -> Option<Option<Refusal>> {
        let redis::Value::Array(items) = answer else { return None };
        match items.as_slice() {
            [done] if text(done)? == "done" => Some(None),
            [refused, redis::Value::Int(place), redis::Value::Array(reasons)] if text(refused)? == "refused" => {
                let change = usize::try_from(*place).ok()?.checked_sub(1)?;
                let taken = self.taken.get(change)?;
                let mut reasons = reasons.iter();
                let mut read = Vec::new();
                while let Some(reason) = reasons.next() {
                    read.push(match reason {
                        redis::Value::Int(number) => {
                            let index = *taken.get(usize::try_from(*number).ok()?.checked_sub(1)?)?;
                            Reason::Claimed { index, holder: text(reasons.next()?)? }
                        }
                        reason if text(reason)? == "exists" => Reason::Exists,
                        _ => Reason::Changed,
                    });
                }
                Some(Some(Refusal { change, reasons: read }))
            }
            _ => None,
        }
    }
}

fn text(value: &redis::Value) -> Option<String> {
    match value {
        redis::Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        redis::Value::SimpleString(text) => Some(text.clone()),
        _ => None,
    }
}

impl Change {
    /// The integer key that the row has and its sequence must not give again.
    fn explicit_key(&self) -> Option<i64> {
        let Effect::Write { .. } = self.effect else { return None };
        // The parts of a schema with buckets share one sequence, which is in one of them.
        let generated = self.expected.is_none() && self.table.buckets == 1 && self.table.generated_key().is_some();
        generated.then(|| self.key.parse().ok()).flatten().filter(|key| *key > 0)
    }

    /// The change as the script reads it, and the indexes of the claims that it takes.
    fn packed(&self, part: usize) -> Result<(Vec<u8>, Vec<usize>), Error> {
        let old = self.expected.as_ref().map(|row| self.table.entries(row)).transpose()?.unwrap_or_default();
        let (new, expires) = match &self.effect {
            Effect::Check | Effect::Remove => (Entries::default(), Expiry::Never),
            Effect::Write { row, expires } => (self.table.entries(row)?, *expires),
        };
        let mut packed = Packed::default();
        packed.array(11).count(part).text(&self.key).optional(self.expected.as_ref().map(StoredRow::raw));
        match &self.effect {
            Effect::Check => packed.flag(true),
            Effect::Write { row, .. } => packed.text(row.raw()),
            Effect::Remove => packed.flag(false),
        };
        packed.optional(expires.text());
        if matches!(self.effect, Effect::Check) {
            packed.array(0).count(0).array(0).array(0).count(0).array(0);
            return Ok((packed.into_bytes(), Vec::new()));
        }
        let (added, kept): (Vec<_>, Vec<_>) = new.members.iter().partition(|member| !old.members.contains(member));
        let removed: Vec<_> = old.members.iter().filter(|member| !new.members.contains(member)).collect();
        packed.array(2 * new.members.len());
        for (index, member) in added.iter().chain(&kept) {
            packed.count(index + 1).text(member);
        }
        packed.count(added.len()).array(2 * removed.len());
        for (index, member) in removed {
            packed.count(index + 1).text(member);
        }
        let (taken, own): (Vec<_>, Vec<_>) = new.claims.iter().partition(|claim| !old.claims.contains(claim));
        let released = old.claims.iter().filter(|claim| !new.claims.contains(claim));
        packed.texts(taken.iter().chain(&own).filter_map(|claim| self.claim(claim)).collect::<Vec<_>>());
        packed.count(taken.len()).texts(released.filter_map(|claim| self.claim(claim)).collect::<Vec<_>>());
        Ok((packed.into_bytes(), taken.into_iter().map(|(index, _)| *index).collect()))
    }

    /// The claims of the row that is to be there, each with the position of its index.
    pub(crate) fn claims(&self) -> Result<Vec<(usize, String)>, Error> {
        let Effect::Write { row, .. } = &self.effect else { return Ok(Vec::new()) };
        if self.table.indexes.iter().all(|index| !index.unique) {
            return Ok(Vec::new());
        }
        let claims = self.table.entries(row)?.claims;
        Ok(claims.iter().filter_map(|claim| Some((claim.0, self.claim(claim)?))).collect())
    }

    /// The key of a claim.
    fn claim(&self, (index, values): &(usize, String)) -> Option<String> {
        Some(self.part.claim(self.table.indexes.get(*index)?, values))
    }
}
