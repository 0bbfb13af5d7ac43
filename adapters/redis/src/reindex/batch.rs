//! Some keys of a walk: rows come into the indexes, claims of values that their rows do not have go.

use super::steps::{Added, Conflict, Step, push, read};
use super::{Building, Run};
use crate::connection::Send;
use crate::layout::{Entries, StoredRow, row_name};
use crate::script::Call;
use peristyle_query::error::{DecodeError, Error};
use peristyle_query::value::DataType;
use std::collections::HashMap;

/// How many bytes of rows a call takes; what it does holds up all others.
const CALL: usize = 256 * 1024;

impl Run<'_> {
    /// Puts rows into the indexes. All keys before `cursor` are done.
    pub(super) async fn batch(&mut self, keys: Vec<String>, cursor: u64) -> Result<Step, Error> {
        let (mut rows, mut claims) = (Vec::new(), Vec::new());
        let prefixes = self.building.iter().filter(|building| building.claims);
        let prefixes = prefixes.map(|building| self.part.beside(&format!("{}=", building.name))).collect::<Vec<_>>();
        for key in keys {
            match key.strip_prefix(self.part.0.as_str()).and_then(|rest| rest.strip_prefix(':')) {
                Some(row) => rows.push(row.to_owned()),
                None if prefixes.iter().any(|prefix| key.starts_with(prefix.as_str())) => claims.push(key),
                None => {}
            }
        }
        self.release(claims).await?;
        self.rows += rows.len() as u64;
        self.progress.rows(self.rows);
        let (step, conflicts) = self.add(rows, Some(cursor)).await?;
        if step != Step::Done {
            return Ok(step);
        }
        self.conflicts.extend(conflicts.into_iter().map(|conflict| conflict.key));
        self.refuse_many_duplicates().await
    }

    /// Puts rows into the indexes until each is in them as it is, and gives those whose claims are others'. Without a cursor,
    /// the rows are those of noted conflicts.
    pub(super) async fn add(
        &mut self,
        mut keys: Vec<String>,
        cursor: Option<u64>,
    ) -> Result<(Step, Vec<Conflict>), Error> {
        let mut conflicts = Vec::new();
        loop {
            let mut calls = vec![self.call_with_rows(cursor)];
            let mut length = 0;
            for (key, raw) in self.read_rows(keys).await? {
                if raw.is_none() && cursor.is_some() {
                    continue;
                }
                if length > CALL {
                    calls.push(self.call_with_rows(cursor));
                    length = 0;
                }
                length += raw.as_ref().map_or(0, Vec::len);
                if let Some(call) = calls.last_mut() {
                    self.push_row(call, &key, raw)?;
                }
            }
            let mut changed = Vec::new();
            for answer in self.send(calls).await? {
                let (step, answer) = self.added(answer)?;
                if step != Step::Done {
                    return Ok((step, Vec::new()));
                }
                let Added { added, changed: others, conflicts: found } = answer;
                self.added += added;
                changed.extend(others);
                conflicts.extend(found);
            }
            if changed.is_empty() {
                return Ok((Step::Done, conflicts));
            }
            keys = changed;
        }
    }

    fn call_with_rows(&self, cursor: Option<u64>) -> Call {
        let mut call = self.call("add");
        push(&mut call, self.server.as_str());
        push(&mut call, cursor.map(|cursor| cursor.to_string()).unwrap_or_default());
        self.push_building(&mut call);
        call.keys.extend(["/expiry", "/entries"].map(|suffix| self.part.beside(suffix)));
        let sets = self.building.iter().filter(|building| !building.claims);
        call.keys.extend(sets.map(|building| self.part.beside(&building.name)));
        call
    }

    fn push_row(&self, call: &mut Call, key: &str, raw: Option<Vec<u8>>) -> Result<(), Error> {
        call.keys.push(self.part.row(key));
        push(call, key);
        let Some(raw) = raw else {
            ["", "0", "0"].into_iter().for_each(|argument| push(call, argument));
            return Ok(());
        };
        let entries = self.entries(key, &raw)?;
        push(call, raw);
        let sets = self.building.iter().enumerate().filter(|(_, building)| !building.claims);
        push(call, sets.clone().count().to_string());
        for (number, Building { index, .. }) in sets {
            push(call, (number + 1).to_string());
            let member = entries.members.iter().find(|(position, _)| position == index);
            push(call, member.map(|(_, member)| member.clone()).unwrap_or_default());
        }
        let claims = self.claims(&entries);
        push(call, claims.len().to_string());
        for claim in claims {
            call.keys.push(claim.clone());
            push(call, claim);
        }
        Ok(())
    }

    /// The keys of the claims of a row that are being built.
    pub(super) fn claims(&self, entries: &Entries) -> Vec<String> {
        let built = |index: usize| self.building.iter().any(|building| building.claims && building.index == index);
        let claims = entries.claims.iter().filter(|(index, _)| built(*index));
        claims.filter_map(|(index, values)| Some(self.part.claim(self.table.indexes.get(*index)?, values))).collect()
    }

    /// What a row has in the indexes.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if it is not of the schema, or lies under the key of another row.
    pub(super) fn entries(&self, key: &str, raw: &[u8]) -> Result<Entries, Error> {
        let schema = self.table.schema;
        let named = |error: DecodeError| Error::from(error.in_row(|| row_name(schema, key)));
        let row = StoredRow::parse(schema, raw).map_err(named)?;
        let entries = self.table.entries(&row)?;
        let misplaced =
            |found: String| named(DecodeError::new(DataType::Text, found).in_column(|| "the key".to_owned()));
        if entries.key != key {
            let own = row_name(schema, &entries.key);
            return Err(misplaced(format!("a row whose columns make it {own}: store it under that key")));
        }
        if self.table.part(key) != self.part {
            let found = format!("the row in the bucket {}: it belongs in {}", self.part.0, self.table.part(key).0);
            return Err(misplaced(found));
        }
        Ok(entries)
    }

    /// Rows by their keys, as they are.
    pub(super) async fn read_rows(&self, keys: Vec<String>) -> Result<Vec<(String, Option<Vec<u8>>)>, Error> {
        let raws = self.read_all(keys.iter().map(|key| self.part.row(key)).collect()).await?;
        Ok(keys.into_iter().zip(raws).collect())
    }

    async fn read_all(&self, keys: Vec<String>) -> Result<Vec<Option<Vec<u8>>>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("MGET");
        for key in &keys {
            command.arg(key);
        }
        read(self.link.command(command, Send::Read).await?)
    }

    /// Takes claims away that the rows which hold them do not have.
    async fn release(&self, mut claims: Vec<String>) -> Result<(), Error> {
        while !claims.is_empty() {
            let holders = self.read_all(claims.clone()).await?;
            let held = claims.into_iter().zip(holders);
            let held = held.filter_map(|(claim, holder)| Some((claim, String::from_utf8(holder?).ok()?)));
            let held = held.collect::<Vec<_>>();
            let raws = self.read_rows(held.iter().map(|(_, holder)| holder.clone()).collect()).await?;
            let raws = raws.into_iter().collect::<HashMap<_, _>>();
            let mut call = self.call("release");
            for (claim, holder) in held {
                let raw = raws.get(&holder).cloned().flatten();
                let has_it = match &raw {
                    Some(raw) => self.claims(&self.entries(&holder, raw)?).contains(&claim),
                    None => false,
                };
                if !has_it {
                    call.keys.extend([claim.clone(), self.part.row(&holder)]);
                    [claim.into_bytes(), holder.into_bytes(), raw.unwrap_or_default()]
                        .into_iter()
                        .for_each(|argument| push(&mut call, argument));
                }
            }
            if call.arguments.len() == 2 {
                break;
            }
            claims = match self.send(vec![call]).await?.into_iter().next() {
                Some(answer) => read(answer)?,
                None => Vec::new(),
            };
        }
        Ok(())
    }

    /// Takes a claim away if the row that holds it does not have it; says whether it is free by now.
    pub(super) async fn release_one(&self, conflict: &Conflict) -> Result<bool, Error> {
        self.release(vec![conflict.claim.clone()]).await?;
        let holders = self.read_all(vec![conflict.claim.clone()]).await?;
        Ok(holders.into_iter().flatten().next().is_none_or(|holder| holder != conflict.holder.as_bytes()))
    }
}
