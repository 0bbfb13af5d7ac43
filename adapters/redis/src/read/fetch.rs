//! Reading rows from the server: by their keys, or by a script over indexes.

use super::Reader;
use crate::connection::Send;
use crate::layout::{Part, STORE, StoredRow, Table, row_name};
use crate::pending::View;
use crate::plan::program::{Answer, Window};
use crate::plan::{IndexRead, Plan, Source};
use crate::script::{Call, Script};
use peristyle_query::error::{DatabaseError, Error};
use redis::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads rows by indexes.
static QUERY: Script = Script::new(&[
    include_str!("../scripts/purge.lua"),
    include_str!("../scripts/registry.lua"),
    include_str!("../scripts/query.lua"),
]);

/// How many keys one MGET names.
const CHUNK: usize = 10_000;

/// Where a row is in an order, and its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    range: i64,
    bytes: Vec<u8>,
    pub(crate) key: String,
}

impl Reader<'_> {
    /// The rows of a plan, at most as many as a window shows of each part, or of each parent in it.
    pub(super) async fn rows(&self, plan: &Plan, window: Window) -> Result<Vec<StoredRow>, Error> {
        let read = match &plan.source {
            Source::Nothing => return Ok(Vec::new()),
            Source::Keys { keys, .. } => {
                let rows = self.by_keys(&plan.table, keys).await?;
                return Ok(rows.into_iter().flatten().collect());
            }
            Source::Index(read) => read,
        };
        let mut rows = Vec::new();
        for (_, answer) in self.ask(plan, read, Answer::Rows, window).await? {
            let Value::Array(answer) = answer else { return Err(unexpected()) };
            rows.reserve(answer.len());
            // A row may have gone that another program has removed.
            for raw in answer.into_iter().filter(|raw| *raw != Value::Nil) {
                match parse(&plan.table, raw, None) {
                    Ok(row) => rows.push(row),
                    Err(error) => {
                        // Rows come without their keys; reading them by key names the one that is no row.
                        let places = self.places(plan, read, window).await?;
                        let keys = places.into_iter().map(|place| place.key).collect::<Vec<_>>();
                        self.by_keys(&plan.table, &keys).await?;
                        return Err(error);
                    }
                }
            }
        }
        if let View::Transaction(pending) = self.view {
            for row in &rows {
                pending.read(&plan.table, &row.key()?, Some(row))?;
            }
        }
        Ok(rows)
    }

    /// How many rows a plan finds.
    pub(super) async fn count(&self, plan: &Plan, read: &IndexRead, window: Window) -> Result<u64, Error> {
        let mut total: u64 = 0;
        for (_, answer) in self.ask(plan, read, Answer::Count, window).await? {
            let Value::Int(count) = answer else { return Err(unexpected()) };
            total = total.saturating_add(count.unsigned_abs());
        }
        Ok(total)
    }

    /// The keys of the rows that a plan finds, in its order.
    pub(super) async fn places(&self, plan: &Plan, read: &IndexRead, window: Window) -> Result<Vec<Place>, Error> {
        let answers = self.ask(plan, read, Answer::Members, window).await?;
        let several = answers.len() > 1;
        let mut places = Vec::new();
        for (_, answer) in answers {
            let Value::Array(answer) = answer else { return Err(unexpected()) };
            let mut answer = answer.into_iter();
            while let (Some(range), Some(bytes), Some(key)) = (answer.next(), answer.next(), answer.next()) {
                let (Value::Int(range), Value::BulkString(bytes), Value::BulkString(key)) = (range, bytes, key) else {
                    return Err(unexpected());
                };
                places.push(Place { range, bytes, key: String::from_utf8(key).map_err(|_| unexpected())? });
            }
        }
        if several {
            places.sort();
            if read.reverse {
                places.reverse();
            }
        }
        Ok(places)
    }

    /// Runs a plan's program in each part of the table.
    async fn ask(
        &self,
        plan: &Plan,
        read: &IndexRead,
        answer: Answer,
        window: Window,
    ) -> Result<Vec<(Part, Value)>, Error> {
        if let View::Transaction(pending) = self.view {
            pending.check_index_read(&plan.table)?;
        }
        let program = plan.program(read, answer, window);
        let parts: Vec<Part> = plan.table.parts().collect();
        let call = |part: &Part| Call { keys: vec![part.0.clone()], arguments: vec![program.clone()] };
        let calls = parts.iter().map(call).collect();
        // What it purges on the way is as well purged twice.
        let answers = self.store.link.scripts(&QUERY, calls, Send::Read).await;
        let mut found = Vec::with_capacity(parts.len());
        for (part, answer) in parts.into_iter().zip(answers) {
            let Value::Array(answer) = answer? else { return Err(unexpected()) };
            let mut answer = answer.into_iter();
            match (answer.next(), answer.next()) {
                (Some(Value::Int(1)), Some(answer)) => found.push((part, answer)),
                (Some(Value::Int(0)), Some(Value::BulkString(index))) => {
                    return Err(plan.table.not_built(&String::from_utf8_lossy(&index)));
                }
                _ => return Err(unexpected()),
            }
        }
        Ok(found)
    }

    /// The rows of these keys: `None` where there is none.
    pub(crate) async fn by_keys(&self, table: &Arc<Table>, keys: &[String]) -> Result<Vec<Option<StoredRow>>, Error> {
        let mut rows: Vec<Option<StoredRow>> = vec![None; keys.len()];
        let mut of_parts: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            if let View::Transaction(pending) = self.view
                && let Some(written) = pending.written(table, key)?
            {
                rows[place] = written;
                continue;
            }
            of_parts.entry(table.part(key)).or_default().push(place);
        }
        let (mut commands, mut asked) = (Vec::new(), Vec::new());
        for (part, places) in &of_parts {
            for chunk in places.chunks(CHUNK) {
                let mut command = redis::cmd(if chunk.len() == 1 { "GET" } else { "MGET" });
                for key in chunk.iter().filter_map(|place| keys.get(*place)) {
                    command.arg(part.row(key));
                }
                commands.push(command);
                asked.push(chunk);
            }
        }
        if commands.is_empty() {
            return Ok(rows);
        }
        let answers = self.store.link.pipeline(commands, Send::Read).await;
        for (places, answer) in asked.into_iter().zip(answers) {
            let answer = match answer? {
                Value::Array(answer) => answer,
                one => vec![one],
            };
            for (place, raw) in places.iter().zip(answer) {
                let Some(key) = keys.get(*place) else { continue };
                let row = match raw {
                    Value::Nil => None,
                    raw => Some(parse(table, raw, Some(key))?),
                };
                if let View::Transaction(pending) = self.view {
                    pending.read(table, key, row.as_ref())?;
                }
                rows[*place] = row;
            }
        }
        Ok(rows)
    }
}

fn parse(table: &Table, raw: Value, key: Option<&str>) -> Result<StoredRow, Error> {
    let Value::BulkString(raw) = raw else { return Err(unexpected()) };
    let parsed = StoredRow::parse(table.schema, raw);
    Ok(parsed.map_err(|error| match key {
        Some(key) => error.in_row(|| row_name(table.schema, key)),
        None => error,
    })?)
}

/// The error of an answer that is not what the command gives.
fn unexpected() -> Error {
    let message = "the server's answer is not what was asked for".to_owned();
    DatabaseError { store: STORE, message, ..DatabaseError::default() }.into()
}
