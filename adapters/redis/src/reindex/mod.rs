//! Building indexes from the rows, while others read and write them.
//!
//! A sorted set that lacks rows begins empty. From then on a member comes into it only together with the row that has it:
//! by a write of a version that maintains the index, or by a step of the reindex, which looks whether the row is still the one
//! that the client read. A write of a version that does not know the index ends the attempt. So at the end of a walk over all keys,
//! the set has the members of all rows and no others.

mod batch;
mod conflict;
mod steps;

use crate::connection::Link;
use crate::layout::{Part, STORE, Table};
use peristyle_query::adapter::Progress;
use peristyle_query::error::{DatabaseError, Error};
use peristyle_query::repo::{Clock, SystemClock};
use std::collections::BTreeSet;
use std::time::Duration;
use steps::Step;

/// How often a part is begun anew since writes of versions that do not know an index ended the attempt.
const ATTEMPTS: u32 = 20;

/// Builds what a table lacks, or all of it anew; gives how many rows something was missing for.
///
/// # Errors
///
/// [`Error::Constraint`] if rows have the same values of a unique index, [`Error::Decode`] for a row that is not of the schema,
/// [`Error::Database`] if other versions of the program keep on ending the attempt.
pub(crate) async fn reindex(link: &Link, table: &Table, anew: bool, progress: &dyn Progress) -> Result<u64, Error> {
    let mut run = Run {
        link,
        table,
        part: Part(String::new()),
        progress,
        building: Vec::new(),
        server: String::new(),
        conflicts: BTreeSet::new(),
        rows: 0,
        added: 0,
    };
    for part in table.parts() {
        run.part = part;
        run.complete(anew).await?;
    }
    Ok(run.added)
}

/// A reindex of a part.
struct Run<'a> {
    link: &'a Link,
    table: &'a Table,
    part: Part,
    progress: &'a dyn Progress,
    /// What is being built.
    building: Vec<Building>,
    /// The server that the walk over the keys is on.
    server: String,
    /// The keys of the rows whose claims are those of other rows.
    conflicts: BTreeSet<String>,
    /// How many rows were read.
    rows: u64,
    /// How many rows something was missing for.
    added: u64,
}

/// What is being built: an index, or the claims of a unique one.
struct Building {
    name: String,
    /// Of which attempt it is.
    generation: String,
    /// The position of the index in the table.
    index: usize,
    /// Whether it is the claims.
    claims: bool,
}

/// How a walk over the keys ended.
enum Walked {
    /// All is built.
    Whole,
    /// Writes have spoilt some of what was being built.
    Spoilt,
}

impl Run<'_> {
    async fn complete(&mut self, mut anew: bool) -> Result<(), Error> {
        for attempt in 0..ATTEMPTS {
            let Some(cursor) = self.start(anew).await? else { return Ok(()) };
            anew = false;
            match self.walk(cursor).await {
                Ok(Walked::Whole) => return Ok(()),
                Err(error @ (Error::Decode(_) | Error::Encode(_))) => {
                    // Who mends a row by hand may write others that were passed already: the next run begins anew.
                    self.send_abandon().await?;
                    return Err(error);
                }
                Err(error) => return Err(error),
                Ok(Walked::Spoilt) => tokio::time::sleep(Duration::from_millis(50) * attempt).await,
            }
        }
        let names = self.building.iter().map(|building| building.name.as_str()).collect::<Vec<_>>().join(", ");
        Err(DatabaseError {
            store: STORE,
            message: format!(
                "the index {names} of {} could not be built: programs write that do not know it",
                self.table.schema.name
            ),
            hint: Some("Let all programs run with the schema that has the index, then reindex again.".to_owned()),
            retryable: true,
            ..DatabaseError::default()
        }
        .into())
    }

    /// Begins or takes up what is missing; gives where the walk goes on, or nothing if all is built.
    async fn start(&mut self, anew: bool) -> Result<Option<u64>, Error> {
        let generation = SystemClock.uuid().simple().to_string();
        let started = self.send_start(&generation, anew).await?;
        self.server = started.server;
        self.conflicts = started.conflicts;
        self.building.clear();
        let mut cursors = BTreeSet::new();
        for (name, noted) in started.lacking {
            let mut noted = noted.split(' ');
            let generation = noted.next().unwrap_or_default().to_owned();
            // A cursor means nothing to another server, or to the same one once it has been started anew.
            let cursor = match noted.next() {
                Some(server) if server == self.server => noted.next().and_then(|cursor| cursor.parse().ok()),
                _ => None,
            };
            cursors.insert(cursor.unwrap_or(0));
            let positions = self.table.indexes.iter().enumerate();
            for (index, known) in positions {
                let claims = known.claims().as_ref() == Some(&name);
                if claims || known.suffix == name {
                    self.building.push(Building { name: name.clone(), generation: generation.clone(), index, claims });
                }
            }
        }
        let at_one = cursors.len() == 1;
        Ok(cursors.first().map(|cursor| if at_one { *cursor } else { 0 }))
    }

    /// Meets all rows, and marks as built what no write has spoilt.
    async fn walk(&mut self, mut cursor: u64) -> Result<Walked, Error> {
        let tag = glob_escaped(&self.part.0);
        let claims = self.building.iter().any(|building| building.claims);
        let pattern = if claims { format!("{tag}[:/]*") } else { format!("{tag}:*") };
        loop {
            let (next, keys) = self.link.scan(&self.part.0, &pattern, cursor).await?;
            match self.batch(keys, cursor).await? {
                Step::Done => cursor = next,
                Step::Moved => {
                    cursor = 0;
                    continue;
                }
                Step::Spoilt => return Ok(Walked::Spoilt),
            }
            if cursor == 0 {
                let settled = self.refuse_duplicates().await?;
                let ended = if settled == Step::Done { self.send_finish().await? } else { (settled, false) };
                match ended {
                    (Step::Done, true) => return Ok(Walked::Whole),
                    (Step::Moved, _) => {}
                    (Step::Done | Step::Spoilt, _) => return Ok(Walked::Spoilt),
                }
            }
        }
    }
}

/// A text that stands for itself in a pattern of SCAN.
fn glob_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
