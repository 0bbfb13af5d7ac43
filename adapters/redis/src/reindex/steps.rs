//! The calls of `reindex.lua`.

use super::{Building, Run};
use crate::connection::Send;
use crate::layout::STORE;
use crate::script::{Call, Script};
use peristyle_query::error::{DatabaseError, Error};
use redis::Value;
use std::collections::BTreeSet;

static REINDEX: Script = Script::new(&[include_str!("../scripts/purge.lua"), include_str!("../scripts/reindex.lua")]);

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Done,
    /// The part is on another server by now, which the run has noted: the walk begins anew.
    Moved,
    /// Writes have spoilt all that was being built.
    Spoilt,
}

/// How a reindex begins.
pub(super) struct Started {
    pub(super) server: String,
    /// What is missing, with how far it is.
    pub(super) lacking: Vec<(String, String)>,
    pub(super) conflicts: BTreeSet<String>,
}

/// What a call with rows came to.
#[derive(Default)]
pub(super) struct Added {
    /// How many rows something was missing for.
    pub(super) added: u64,
    /// The keys of rows that are others by now.
    pub(super) changed: Vec<String>,
    pub(super) conflicts: Vec<Conflict>,
}

/// A row that may not have a claim that it should have.
pub(super) struct Conflict {
    /// The row's key.
    pub(super) key: String,
    pub(super) claim: String,
    /// The key of the row that has it.
    pub(super) holder: String,
}

impl Run<'_> {
    /// A call with the keys that each step uses, and the arguments that each begins with.
    pub(super) fn call(&self, step: &str) -> Call {
        let keys = ["/built", "/reindex"].map(|suffix| self.part.beside(suffix)).to_vec();
        Call { keys, arguments: vec![step.as_bytes().to_vec(), self.part.0.as_bytes().to_vec()] }
    }

    pub(super) fn push_building(&self, call: &mut Call) {
        push(call, self.building.len().to_string());
        for Building { name, generation, .. } in &self.building {
            push(call, name.as_str());
            push(call, generation.as_str());
        }
    }

    /// Runs steps in one round trip. All may be sent twice: what is done is not done again.
    pub(super) async fn send(&self, calls: Vec<Call>) -> Result<Vec<Value>, Error> {
        self.link.scripts(&REINDEX, calls, Send::Read).await.into_iter().collect()
    }

    async fn send_one(&self, call: Call) -> Result<Vec<Value>, Error> {
        let answer = self.send(vec![call]).await?.into_iter().next().unwrap_or(Value::Nil);
        read(answer)
    }

    pub(super) async fn send_start(&self, generation: &str, anew: bool) -> Result<Started, Error> {
        let mut call = self.call("start");
        push(&mut call, generation);
        push(&mut call, if anew { "1" } else { "0" });
        for name in self.table.maintained() {
            if !name.starts_with("/unique/") {
                call.keys.push(self.part.beside(&name));
            }
            push(&mut call, name);
        }
        let mut answer = self.send_one(call).await?.into_iter();
        let mut next = || answer.next().unwrap_or(Value::Nil);
        let (server, lacking, conflicts) = (read(next())?, read::<Vec<String>>(next())?, read(next())?);
        let lacking = lacking.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        Ok(Started { server, lacking, conflicts })
    }

    /// Marks what no write has spoilt as built; gives whether that is all.
    pub(super) async fn send_finish(&mut self) -> Result<(Step, bool), Error> {
        let mut call = self.call("finish");
        // While a slot is moving to another server, that server has this key or nobody has: then a step that uses it besides
        // others is refused, and so no walk ends that has missed the rows that have moved.
        call.keys.push(self.part.beside("/none"));
        call.keys.push(self.part.beside("/keys"));
        push(&mut call, self.server.as_str());
        self.push_building(&mut call);
        let answer = self.send_one(call).await?;
        let (step, mut answer) = self.step(answer)?;
        let built = if step == Step::Done { read(answer.next().unwrap_or(Value::Nil))? } else { 0 };
        Ok((step, built == self.building.len()))
    }

    pub(super) async fn send_abandon(&self) -> Result<(), Error> {
        let mut call = self.call("abandon");
        self.building.iter().for_each(|building| push(&mut call, building.name.as_str()));
        self.send_one(call).await.map(drop)
    }

    /// What an answer says, and what follows in it.
    fn step(&mut self, answer: Vec<Value>) -> Result<(Step, std::vec::IntoIter<Value>), Error> {
        let mut answer = answer.into_iter();
        let step = match read::<String>(answer.next().unwrap_or(Value::Nil))?.as_str() {
            "done" => Step::Done,
            "spoilt" => Step::Spoilt,
            _ => {
                self.server = read(answer.next().unwrap_or(Value::Nil))?;
                Step::Moved
            }
        };
        Ok((step, answer))
    }

    /// What the answer to rows says.
    pub(super) fn added(&mut self, answer: Value) -> Result<(Step, Added), Error> {
        let (step, mut answer) = self.step(read(answer)?)?;
        if step != Step::Done {
            return Ok((step, Added::default()));
        }
        let mut next = || answer.next().unwrap_or(Value::Nil);
        let (added, changed, conflicts) = (read(next())?, read(next())?, read::<Vec<String>>(next())?);
        let conflict = |of: &[String]| Conflict { key: of[0].clone(), claim: of[1].clone(), holder: of[2].clone() };
        Ok((step, Added { added, changed, conflicts: conflicts.chunks_exact(3).map(conflict).collect() }))
    }
}

pub(super) fn push(call: &mut Call, argument: impl Into<Vec<u8>>) {
    call.arguments.push(argument.into());
}

/// An answer as the type that it must be of.
pub(super) fn read<T: redis::FromRedisValue>(answer: Value) -> Result<T, Error> {
    redis::from_redis_value(answer).map_err(|error| {
        let message = format!("a step of the reindex gave an answer that is none of its: {error}");
        DatabaseError { store: STORE, message, ..DatabaseError::default() }.into()
    })
}
